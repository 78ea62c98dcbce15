package simulation

import (
	"context"
	"errors"
	"strings"
	"time"

	"parley/application/appending"
	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/sequence"
)

var (
	errAway     = errors.New("the database is away")
	errDead     = errors.New("this process is gone")
	errConflict = errors.New("it got in the way of another")
	errPoison   = errors.New("the database does not take this")
	errIdle     = errors.New("the database has ended an idle transaction")
)

const (
	// lockTime is how long the database lets a transaction wait for the lock.
	lockTime = 2 * time.Second
	// idleTime is how long it lets one hold the lock and do nothing.
	idleTime = time.Second
	// commitTime is how long a node waits for the answer to a commit.
	commitTime = 3 * time.Second
)

// transactions is how a node's appender begins them.
type transactions struct{ *node }

// transaction is one of a node's appender. Nobody but who holds the log's lock
// adds to the log, so what it reads is what will be there when it commits.
type transaction struct {
	*node
	ctx     context.Context
	base    *history
	at      time.Time
	fresh   []*record // what it will add
	lastID  int64
	trouble error
	holds   bool // the lock
}

func (n transactions) Fate(err error) appending.Fate {
	switch {
	case errors.Is(err, errPoison):
		return appending.ItsOwn
	case errors.Is(err, errConflict), errors.Is(err, errIdle):
		return appending.Again
	default:
		return appending.Unavailable
	}
}

func (n transactions) Begin(ctx context.Context) (appending.Transaction, error) {
	if err := n.reach(ctx, n.appends); err != nil {
		return nil, err
	}
	if err := n.appends.wait(ctx, n.w.tuning.begin.draw(n.appends)); err != nil {
		return nil, err
	}
	t := &transaction{node: n.node, ctx: ctx}
	if err := t.takeLock(); err != nil {
		return nil, err
	}
	n.w.look(func(h *history) {
		t.base, t.lastID, t.at = h, h.lastID, time.Now().Add(n.w.skew)
	})
	if t.at.Before(start) {
		t.at = start
	}
	if err := t.stay(); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *transaction) takeLock() error {
	if t.w.Plant.Lockless {
		return nil
	}
	patience := time.NewTimer(lockTime)
	defer patience.Stop()
	select {
	case t.w.lock <- struct{}{}:
		t.holds = true
		return nil
	case <-patience.C:
		return errAway
	case <-t.ctx.Done():
		return t.ctx.Err()
	}
}

// stay is what happens to a transaction between two statements: its node may be
// stopped, and if that lasts the database ends it, so that others go on.
func (t *transaction) stay() error {
	err := t.pauseFor(idleTime, t.unlock)
	if err == nil && !t.holds && !t.w.Plant.Lockless {
		err = errIdle
	}
	if err != nil {
		t.End()
	}
	return err
}

func (t *transaction) unlock() {
	if t.holds {
		t.holds = false
		<-t.w.lock
	}
}

func (t *transaction) End() { t.unlock() }

func (t *transaction) Trouble() error { return t.trouble }

// Write adds messages.
func (t *transaction) Write(fresh []*message.Fresh, _ map[identity.UserID]time.Time) error {
	if err := t.stay(); err != nil {
		return t.fail(err)
	}
	if t.appends.chance(t.w.tuning.conflicts) {
		return t.fail(errConflict)
	}
	for _, f := range fresh {
		if strings.HasPrefix(f.Message.Content.String(), poison) {
			return t.fail(errPoison)
		}
		t.lastID++
		id, err := message.IDFrom(t.lastID)
		if err != nil {
			return t.fail(err)
		}
		f.Message.ID = id
		m := f.Message
		t.add(&record{print: f.Print, entry: port.Entry{
			Kind: port.MessageCreated, Room: m.Room, At: m.CreatedAt, Actor: m.Author.ID, Message: &m,
		}})
	}
	return nil
}

// Publish adds updates.
func (t *transaction) Publish(updates []hub.Update) ([]sequence.Place, error) {
	if err := t.stay(); err != nil {
		return nil, t.fail(err)
	}
	places := make([]sequence.Place, len(updates))
	for i := range updates {
		if strings.HasPrefix(updates[i].Data, poison) {
			return nil, t.fail(errPoison)
		}
		r := &record{entry: port.Entry{Kind: port.UpdatePublished, At: t.at, Update: &updates[i]}}
		t.add(r)
		places[i] = r.entry.Place
	}
	return t.w.Plant.told(places), nil
}

func (t *transaction) fail(err error) error {
	if t.trouble == nil {
		t.trouble = err
	}
	return err
}

// add adds a record to what the transaction will add to the log.
func (t *transaction) add(r *record) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	t.w.marks++
	r.entry.Place = sequence.Place{
		Position: t.base.head().Position + sequence.Position(len(t.fresh)) + 1,
		Mark:     sequence.Mark(mix(t.w.Seed, uint64(t.w.marks))),
	}
	t.fresh = append(t.fresh, r)
}

// Commit adds everything to the log. Now and then the answer does not come,
// whether it was done or not.
func (t *transaction) Commit() (upto sequence.Position, err error) {
	a := t.appends
	takes, known, late := t.w.tuning.commit.draw(a), !a.chance(t.w.tuning.unknown), a.chance(2)
	if t.w.Plant.AckFirst && !known {
		return t.base.head().Position + sequence.Position(len(t.fresh)), nil
	}
	kept := a.chance(2)
	if !known && late {
		takes = commitTime
	}
	a.rest(takes / 2)
	known = known && !t.isDead()
	if known || kept {
		var done bool
		upto, done = t.keep()
		known = known && done
	}
	a.rest(takes / 2)
	if !known {
		return 0, errAway
	}
	ctx, cancel := context.WithTimeout(context.Background(), commitTime)
	defer cancel()
	return upto, t.reach(ctx, a)
}

// keep adds what the transaction has made to the log, at one moment; false if the
// log was restored beneath it.
func (t *transaction) keep() (upto sequence.Position, done bool) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	h := t.w.history
	if h != t.base {
		return 0, false
	}
	for _, r := range t.fresh {
		if t.w.Plant.Lockless {
			r.entry.Place.Position = h.head().Position + 1
		}
		r.at = time.Now()
		h.add(r)
		if r.entry.Kind == port.SessionEnded {
			t.w.everEnded[r.entry.Session] = true
		}
		upto = r.entry.Place.Position
		t.w.note(t.appends, "logs %s", describe(r.entry))
	}
	return upto, true
}
