package bunstore

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"parley/application/appending"
	"parley/application/port"
	"parley/domain/room"
	"parley/domain/sequence"
)

// transactions is how the appender begins them.
type transactions struct{ store *Store }

// transaction is one transaction of the appender. It holds the log's lock, and
// all that is read in it was read after that.
type transaction struct {
	trouble

	store *Store
	ctx   context.Context
	tx    bun.Tx
	head  sequence.Place
	last  sequence.Position // of what is logged in here, else of head
	at    time.Time
	rooms map[room.ID]time.Time // of the last thing logged in here
	gone  bool                  // words are gone
}

func (s transactions) Fate(err error) appending.Fate { return s.store.engine.fate(err) }

// Begin begins a transaction: the lock first, in a statement of its own; the
// head and the time in the next, which so sees all that was committed before.
func (s transactions) Begin(ctx context.Context) (appending.Transaction, error) {
	t := &transaction{store: s.store, ctx: ctx, rooms: make(map[room.ID]time.Time)}
	var err error
	if t.tx, err = s.store.engine.begin(ctx); err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	if err := t.open(); err != nil {
		t.End()
		return nil, err
	}
	return t, nil
}

func (t *transaction) open() error {
	if err := t.store.engine.lock(t.ctx, t.tx); err != nil {
		return fmt.Errorf("lock the log: %w", err)
	}
	h, err := readHead(t.ctx, t.tx, t.store.engine.clock())
	if err != nil {
		return fmt.Errorf("read the head of the log: %w", err)
	}
	t.head, t.last, t.at = h.place(), sequence.Position(h.Position), fromMicros(h.Now)
	return nil
}

// End rolls back what was not committed.
func (t *transaction) End() {
	_ = t.tx.Rollback() // an error means that it has ended already
}

// commitPatience is how long a COMMIT may take before the connection is dropped.
// It is not cancelled: what becomes of it is unknown then.
const commitPatience = 3 * time.Second

// Commit commits, and returns the position of what was logged last, if anything
// was.
func (t *transaction) Commit() (upto sequence.Position, err error) {
	watch := time.AfterFunc(commitPatience, t.store.engine.drop)
	err = t.store.engine.commit(t.tx)
	watch.Stop()
	if err != nil {
		return 0, err
	}
	if t.gone {
		t.store.engine.erase()
	}
	if t.last > t.head.Position {
		upto = t.last
	}
	return upto, nil
}

// Trouble is the first thing that the database refused.
func (t *transaction) Trouble() error { return t.cause }

// Scope is what a step can reach.
func (t *transaction) Scope() port.Scope {
	return port.Scope{
		View: viewOf(t.tx, &t.trouble, t.head), At: t.at,
		Keeping: keeping{t}, Access: access{t}, Revising: revising{keeping{t}},
	}
}

// next makes the entry that follows the last one. Its time is given; its
// position and mark are made here.
func (t *transaction) next(kind kindCode, in room.ID, at time.Time) entryRow {
	t.last = t.last.Next()
	if !in.IsZero() {
		t.rooms[in] = at
	}
	return entryRow{
		Position: int64(t.last), Mark: int64(t.store.newMark()), At: micros(at),
		Kind: kind, RoomID: in.Int64(),
	}
}
