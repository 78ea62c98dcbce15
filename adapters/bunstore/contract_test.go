package bunstore_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/application/contract"
	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/room"
	"parley/domain/sequence"
)

func paced(o *bunstore.Options)     { o.Pace = contract.Pace }
func rehearsed(o *bunstore.Options) { o.Rehearse = true }

func subject(s *bunstore.Store) contract.StoreSubject {
	return contract.StoreSubject{Work: s, Sends: s, Log: s, Publishes: s, Updates: s}
}

func TestContracts(t *testing.T) {
	for name, open := range map[string]func(*testing.T) contract.StoreSubject{
		"SQLite": func(t *testing.T) contract.StoreSubject {
			return subject(bunstoretest.SQLite(t, paced))
		},
		"Postgres": func(t *testing.T) contract.StoreSubject {
			return subject(bunstoretest.Postgres(t, paced))
		},
		"Postgres, two nodes": func(t *testing.T) contract.StoreSubject {
			return twoNodes(t, func(*bunstore.Store) {})
		},
		"SQLite, every step tried twice": func(t *testing.T) contract.StoreSubject {
			return subject(bunstoretest.SQLite(t, paced, rehearsed))
		},
		"Postgres, every step tried twice": func(t *testing.T) contract.StoreSubject {
			return subject(bunstoretest.Postgres(t, paced, rehearsed))
		},
	} {
		t.Run(name, func(t *testing.T) {
			contract.Store(t, open)
			contract.Log(t, open)
			contract.Updates(t, open)
		})
	}
}

// Without the lock, two nodes get in each other's way, and the suite says so.
func TestTheSuiteCatchesASkippedLock(t *testing.T) {
	for _, says := range []string{
		"people talking at once are all heard, in one order",
		"changes at the same time happen one after another",
		"a position is seen only after all before it",
	} {
		t.Run(says, func(t *testing.T) {
			for _, promise := range slices.Concat(contract.StorePromises, contract.LogPromises) {
				if promise.Says != says {
					continue
				}
				for range 20 { // two that race may both be lucky
					if contract.Check(t.Context(), promise, twoNodes(t, bunstore.SkipLock())) != nil {
						return
					}
				}
				t.Error("a store that skips the lock passes")
				return
			}
			t.Error("there is no such promise")
		})
	}
}

// twoNodes is a subject that asks two nodes in turns.
func twoNodes(tb testing.TB, bend func(*bunstore.Store)) contract.StoreSubject {
	tb.Helper()
	url := bunstoretest.PostgresURL(tb)
	n := &nodes{both: [2]*bunstore.Store{bunstoretest.Open(tb, url, paced), bunstoretest.Open(tb, url, paced)}}
	bend(n.both[0])
	bend(n.both[1])
	return contract.StoreSubject{Work: n, Sends: n, Log: n, Publishes: n, Updates: n}
}

type nodes struct {
	both [2]*bunstore.Store
	next atomic.Int64
}

func (n *nodes) one() *bunstore.Store { return n.both[n.next.Add(1)%2] }

func (n *nodes) Change(ctx context.Context, step func(context.Context, port.Scope) error) error {
	return n.one().Change(ctx, step)
}

func (n *nodes) Look(ctx context.Context, step func(context.Context, port.View) error) error {
	return n.one().Look(ctx, step)
}

func (n *nodes) Send(ctx context.Context, d message.Draft) (message.Sent, error) {
	return n.one().Send(ctx, d)
}

func (n *nodes) Publish(ctx context.Context, u hub.Update) (sequence.Place, error) {
	return n.one().Publish(ctx, u)
}

func (n *nodes) Published(ctx context.Context, s port.Span) ([]port.Entry, error) {
	return n.one().Published(ctx, s)
}

func (n *nodes) Pruned(ctx context.Context) (sequence.Position, error) { return n.one().Pruned(ctx) }

func (n *nodes) Named(ctx context.Context, id string, after sequence.Position) (port.Entry, bool, error) {
	return n.one().Named(ctx, id, after)
}

func (n *nodes) From(ctx context.Context, from sequence.Position, limit int) ([]port.Entry, error) {
	return n.one().From(ctx, from, limit)
}

func (n *nodes) Head(ctx context.Context) (sequence.Place, error) { return n.one().Head(ctx) }

func (n *nodes) Room(ctx context.Context, in room.ID, s port.Span) ([]port.Entry, error) {
	return n.one().Room(ctx, in, s)
}

func (n *nodes) About(ctx context.Context, who identity.UserID, s port.Span) ([]port.Entry, error) {
	return n.one().About(ctx, who, s)
}

func (n *nodes) Latest(ctx context.Context, rooms []room.ID, after, upto sequence.Position) (map[room.ID]sequence.Position, error) {
	return n.one().Latest(ctx, rooms, after, upto)
}

func (n *nodes) Rights(ctx context.Context, who identity.Caller) (port.Rights, error) {
	return n.one().Rights(ctx, who)
}

var errOwn = errors.New("a step's own error")

// What a step returns comes back as it is, so that callers find in it what they
// put there.
func TestAStepsErrorComesBackUnchanged(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		s := open()
		err := s.Change(t.Context(), func(context.Context, port.Scope) error { return errOwn })
		if err != errOwn { //nolint:errorlint // the very same
			t.Errorf("a change: got %v, want %v", err, errOwn)
		}
		err = s.Look(t.Context(), func(context.Context, port.View) error { return errOwn })
		if err != errOwn { //nolint:errorlint // the very same
			t.Errorf("a look: got %v, want %v", err, errOwn)
		}
	})
}
