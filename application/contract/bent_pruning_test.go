package contract_test

import (
	"context"
	"database/sql"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/application/contract"
	"parley/application/port"
	"parley/domain/message"
	"parley/domain/sequence"
)

// withDamage does something to the database, behind the store's back, after each
// change that has pruned something.
func withDamage(statement string) func(testing.TB) contract.StoreSubject {
	return func(tb testing.TB) contract.StoreSubject {
		tb.Helper()
		url := bunstoretest.SQLiteURL(tb)
		s := bunstoretest.Open(tb, url, func(o *bunstore.Options) { o.Pace = contract.Pace })
		db, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:"))
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = db.Close() })
		return contract.StoreSubject{Work: damages{s, db, statement, tb}, Sends: s, Log: s, Publishes: s, Updates: s}
	}
}

type damages struct {
	port.Work
	db        *sql.DB
	statement string
	tb        testing.TB
}

func (w damages) Change(ctx context.Context, step func(context.Context, port.Scope) error) error {
	pruned := false
	err := w.Work.Change(ctx, func(ctx context.Context, s port.Scope) error {
		s.Revising = tellsOfPruning{s.Revising, &pruned}
		return step(ctx, s)
	})
	if pruned {
		if _, err := w.db.ExecContext(ctx, w.statement); err != nil {
			w.tb.Errorf("the damage cannot be done: %v", err)
		}
	}
	return err
}

type tellsOfPruning struct {
	port.Revising
	pruned *bool
}

func (r tellsOfPruning) Prune(ctx context.Context, before time.Time, limit int) (bool, error) {
	*r.pruned = true
	return r.Revising.Prune(ctx, before, limit)
}

func (r tellsOfPruning) PruneUpdates(ctx context.Context, before time.Time, limit int) (bool, error) {
	*r.pruned = true
	return r.Revising.PruneUpdates(ctx, before, limit)
}

type prunesNothing struct{ port.Revising }

func (prunesNothing) Prune(context.Context, time.Time, int) (bool, error) { return false, nil }

// prunesAllAtOnce knows no slices.
type prunesAllAtOnce struct{ port.Revising }

func (r prunesAllAtOnce) Prune(ctx context.Context, before time.Time, _ int) (bool, error) {
	return r.Revising.Prune(ctx, before, 1000)
}

type prunesTheYoung struct{ port.Revising }

func (r prunesTheYoung) Prune(ctx context.Context, before time.Time, limit int) (bool, error) {
	return r.Revising.Prune(ctx, before.Add(time.Hour), limit)
}

func (prunesNothing) PruneUpdates(context.Context, time.Time, int) (bool, error) { return false, nil }

func (r prunesAllAtOnce) PruneUpdates(ctx context.Context, before time.Time, _ int) (bool, error) {
	return r.Revising.PruneUpdates(ctx, before, 1000)
}

func (r prunesTheYoung) PruneUpdates(ctx context.Context, before time.Time, limit int) (bool, error) {
	return r.Revising.PruneUpdates(ctx, before.Add(time.Hour), limit)
}

// remembersKeys answers with what it answered with before.
func remembersKeys(s port.Sends) sendFunc {
	var mu sync.Mutex
	known := make(map[message.Key]message.Sent)
	return func(ctx context.Context, d message.Draft) (message.Sent, error) {
		mu.Lock()
		defer mu.Unlock()
		if sent, found := known[d.Key]; found {
			sent.Replayed = true
			return sent, nil
		}
		sent, err := s.Send(ctx, d)
		if err == nil {
			known[d.Key] = sent
		}
		return sent, err
	}
}

// knowsThePruned finds whatever place it has ever seen.
type knowsThePruned struct {
	port.Log
	mu   sync.Mutex
	seen map[sequence.Position]sequence.Place
}

func (l *knowsThePruned) From(ctx context.Context, from sequence.Position, limit int) ([]port.Entry, error) {
	entries, err := l.Log.From(ctx, from, limit)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range entries {
		if l.seen == nil {
			l.seen = make(map[sequence.Position]sequence.Place)
		}
		l.seen[e.Place.Position] = e.Place
	}
	if place, known := l.seen[from]; known && len(entries) > 0 {
		entries[0].Place = place
	}
	return entries, err
}

// forgetsTheFirst has no first entry once something was pruned.
type forgetsTheFirst struct{ port.Log }

func (l forgetsTheFirst) From(ctx context.Context, from sequence.Position, limit int) ([]port.Entry, error) {
	entries, err := l.Log.From(ctx, from, limit)
	if len(entries) > 0 && entries[0].Kind == port.Genesis && entries[0].Place.Position > 0 {
		return entries[1:], err
	}
	return entries, err
}
