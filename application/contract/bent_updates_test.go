package contract_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"parley/application/contract"
	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/sequence"
)

type publishFunc func(context.Context, hub.Update) (sequence.Place, error)

func (f publishFunc) Publish(ctx context.Context, u hub.Update) (sequence.Place, error) {
	return f(ctx, u)
}

// withPublishes bends how updates are taken.
func withPublishes(bend func(port.Publishes) publishFunc) func(testing.TB) contract.StoreSubject {
	return func(tb testing.TB) contract.StoreSubject {
		s := goodStore(tb)
		s.Publishes = bend(s.Publishes)
		return s
	}
}

// withUpdates bends how updates are read.
func withUpdates(bend func(port.Updates) port.Updates) func(testing.TB) contract.StoreSubject {
	return func(tb testing.TB) contract.StoreSubject {
		s := goodStore(tb)
		s.Updates = bend(s.Updates)
		return s
	}
}

// answersWithTheLast tells everybody the place of what was published before.
func answersWithTheLast(p port.Publishes) publishFunc {
	var mu sync.Mutex
	var last sequence.Place
	return func(ctx context.Context, u hub.Update) (sequence.Place, error) {
		mu.Lock()
		defer mu.Unlock()
		place, err := p.Publish(ctx, u)
		before := last
		if last = place; before == (sequence.Place{}) {
			return place, err
		}
		return before, err
	}
}

// mends publishes something in the place of what it cannot.
func mends(p port.Publishes) publishFunc {
	return func(ctx context.Context, u hub.Update) (sequence.Place, error) {
		if u.Check() != nil {
			u = hub.Update{Topics: []string{"https://example.com/mended"}}
		}
		return p.Publish(ctx, u)
	}
}

// publishesOnce takes an ID that was used before for a repetition.
func publishesOnce(p port.Publishes) publishFunc {
	var mu sync.Mutex
	known := make(map[string]sequence.Place)
	return func(ctx context.Context, u hub.Update) (sequence.Place, error) {
		mu.Lock()
		defer mu.Unlock()
		if place, was := known[u.ID]; was {
			return place, nil
		}
		place, err := p.Publish(ctx, u)
		known[u.ID] = place
		return place, err
	}
}

type bentUpdates struct {
	port.Updates
	entry func(*port.Entry)
}

func (u bentUpdates) Published(ctx context.Context, s port.Span) ([]port.Entry, error) {
	entries, err := u.Updates.Published(ctx, s)
	for i := range entries {
		u.entry(&entries[i])
	}
	return entries, err
}

// latestNamed and begunNamed look through all updates.
type latestNamed struct{ port.Updates }

func (u latestNamed) Named(ctx context.Context, id string, after sequence.Position) (named port.Entry, found bool, err error) {
	all, err := u.Published(ctx, port.Span{Upto: 1 << 40, Limit: 100})
	for _, e := range all {
		if e.Update.ID == id && id != "" && e.Place.Position > after {
			named, found = e, true
		}
	}
	return named, found, err
}

type begunNamed struct{ port.Updates }

func (u begunNamed) Named(ctx context.Context, id string, after sequence.Position) (named port.Entry, found bool, err error) {
	all, err := u.Published(ctx, port.Span{Upto: 1 << 40, Limit: 100})
	for _, e := range all {
		if strings.HasPrefix(e.Update.ID, id) && id != "" && e.Place.Position > after {
			return e, true, err
		}
	}
	return port.Entry{}, false, err
}

// readsUpdatesOf reads pages of updates from the log.
func readsUpdatesOf(read func(port.Log, port.Span) ([]port.Entry, error)) func(testing.TB) contract.StoreSubject {
	return func(tb testing.TB) contract.StoreSubject {
		s := goodStore(tb)
		s.Updates = updatesOfTheLog{s.Updates, func(span port.Span) ([]port.Entry, error) { return read(s.Log, span) }}
		return s
	}
}

type updatesOfTheLog struct {
	port.Updates
	read func(port.Span) ([]port.Entry, error)
}

func (u updatesOfTheLog) Published(_ context.Context, s port.Span) ([]port.Entry, error) {
	return u.read(s)
}

// readsAllUpdates reads as many as the limit says, whatever they weigh.
func readsAllUpdates(l port.Log, s port.Span) (all []port.Entry, err error) {
	for at := s.After.Next(); len(all) < s.Limit && at <= s.Upto; at = at.Next() {
		entries, err := l.From(context.Background(), at, 1)
		if err != nil || len(entries) == 0 {
			return all, err
		}
		all = append(all, entries...)
	}
	return all, nil
}

type tellsNothing struct{ port.Updates }

func (tellsNothing) Pruned(context.Context) (sequence.Position, error) { return 0, nil }

// remembersUpdates reads them once, and shows them for ever.
func remembersUpdates(l port.Log) port.Log {
	known := make(map[sequence.Position]*hub.Update)
	return bentLog{Log: l, entry: func(e *port.Entry) {
		if e.Update != nil {
			known[e.Place.Position] = e.Update
		}
		e.Update = known[e.Place.Position]
		e.Gone = e.Gone && e.Update == nil
	}}
}
