package contract_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley/application/contract"
	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/sequence"
)

func TestTheSuiteCatchesStoresThatSpoilUpdates(t *testing.T) {
	catches(t, contract.UpdatesPromises, []bentStore{
		{
			"ends lines as it likes", "what is published comes back as it was published, to the byte",
			withPublishes(func(p port.Publishes) publishFunc {
				return func(ctx context.Context, u hub.Update) (sequence.Place, error) {
					u.Data = strings.ReplaceAll(u.Data, "\r\n", "\n")
					return p.Publish(ctx, u)
				}
			}),
		},
		{
			"ends at the first NUL", "what is published comes back as it was published, to the byte",
			withUpdates(func(u port.Updates) port.Updates {
				return bentUpdates{Updates: u, entry: func(e *port.Entry) { e.Update.Data, _, _ = strings.Cut(e.Update.Data, "\x00") }}
			}),
		},
		{
			"sorts topics", "what is published comes back as it was published, to the byte",
			withUpdates(func(u port.Updates) port.Updates {
				return bentUpdates{Updates: u, entry: func(e *port.Entry) { slices.Sort(e.Update.Topics) }}
			}),
		},
		{
			"publishes what is left of it", "what is no update is refused, and nothing of it is kept",
			withPublishes(func(p port.Publishes) publishFunc { return mends(p) }),
		},
		{
			"refuses after it was kept", "what is no update is refused, and nothing of it is kept",
			withPublishes(func(p port.Publishes) publishFunc {
				return func(ctx context.Context, u hub.Update) (sequence.Place, error) {
					if err := u.Check(); err != nil {
						_, _ = mends(p)(ctx, u)
						return sequence.Place{}, err
					}
					return p.Publish(ctx, u)
				}
			}),
		},
		{
			"answers with the place of another", "those who publish and those who talk at once are all kept, in one order",
			withPublishes(func(p port.Publishes) publishFunc { return answersWithTheLast(p) }),
		},
		{
			"loses an update", "those who publish and those who talk at once are all kept, in one order",
			withPublishes(func(p port.Publishes) publishFunc { return publishesOnce(p) }),
		},
		{
			"finds the latest with an ID", "an ID stands for the earliest update that has it",
			withUpdates(func(u port.Updates) port.Updates { return latestNamed{u} }),
		},
		{
			"finds by the beginning of an ID", "an ID stands for the earliest update that has it",
			withUpdates(func(u port.Updates) port.Updates { return begunNamed{u} }),
		},
		{
			"looks for updates in a page of the log", "a page of updates has all within the span, in order, and nothing else",
			readsUpdatesOf(func(l port.Log, s port.Span) ([]port.Entry, error) {
				entries, err := l.From(context.Background(), s.After+1, s.Limit)
				return slices.DeleteFunc(entries, func(e port.Entry) bool { return e.Update == nil || e.Place.Position > s.Upto }), err
			}),
		},
		{
			"hands out all of the log", "a page of updates has all within the span, in order, and nothing else",
			readsUpdatesOf(func(l port.Log, s port.Span) ([]port.Entry, error) {
				entries, err := l.From(context.Background(), s.After+1, s.Limit)
				return slices.DeleteFunc(entries, func(e port.Entry) bool { return e.Place.Position > s.Upto }), err
			}),
		},
		{
			"prunes nothing", "updates that are too old say nothing any more, slice by slice, and all else stays",
			withRevising(func(r port.Revising) port.Revising { return prunesNothing{r} }),
		},
		{
			"prunes all at once", "updates that are too old say nothing any more, slice by slice, and all else stays",
			withRevising(func(r port.Revising) port.Revising { return prunesAllAtOnce{r} }),
		},
		{
			"leaves holes in the log", "updates that are too old say nothing any more, slice by slice, and all else stays",
			withDamage("DELETE FROM log_entry WHERE kind = 50 AND position NOT IN (SELECT position FROM hub_update)"),
		},
		{
			"draws new marks", "updates that are too old say nothing any more, slice by slice, and all else stays",
			withDamage("UPDATE log_entry SET mark = mark + 1 WHERE kind = 50 AND position NOT IN (SELECT position FROM hub_update)"),
		},
		{
			"takes messages, too", "updates that are too old say nothing any more, slice by slice, and all else stays",
			withDamage("DELETE FROM message"),
		},
		{
			"remembers the words", "updates that are too old say nothing any more, slice by slice, and all else stays",
			withLog(func(l port.Log) port.Log { return remembersUpdates(l) }),
		},
		{
			"does not say up to where", "updates that are too old say nothing any more, slice by slice, and all else stays",
			withUpdates(func(u port.Updates) port.Updates { return tellsNothing{u} }),
		},
		{
			"lets updates begin before the log", "updates go with the beginning of the log, and never begin before it",
			withDamage("UPDATE hub_start SET position = 2 WHERE position > 2"),
		},
		{
			"prunes what is young", "pruning at many places at once takes no update that is young",
			withRevising(func(r port.Revising) port.Revising { return prunesTheYoung{r} }),
		},
	})
}

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

func (u latestNamed) Named(ctx context.Context, id string) (named port.Entry, found bool, err error) {
	all, err := u.Published(ctx, port.Span{Upto: 1 << 40, Limit: 100})
	for _, e := range all {
		if e.Update.ID == id && id != "" {
			named, found = e, true
		}
	}
	return named, found, err
}

type begunNamed struct{ port.Updates }

func (u begunNamed) Named(ctx context.Context, id string) (named port.Entry, found bool, err error) {
	all, err := u.Published(ctx, port.Span{Upto: 1 << 40, Limit: 100})
	for _, e := range all {
		if strings.HasPrefix(e.Update.ID, id) && id != "" {
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
