package bunstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"parley/application/port"
	"parley/domain/room"
	"parley/domain/sequence"
)

// transaction is one transaction of the appender. It holds the log's lock, and
// all that is read in it was read after that.
type transaction struct {
	trouble

	store *Store
	by    *appender
	ctx   context.Context // ends at the deadline, but not once the COMMIT is sent
	stop  func() bool     // the deadline; false if it has passed
	done  context.CancelFunc
	tx    bun.Tx
	head  sequence.Place
	last  sequence.Position // of what is logged in here, else of head
	at    time.Time
	rooms map[room.ID]time.Time // of the last thing logged in here
	gone  bool                  // words are gone
}

// begin begins a transaction: the lock first, in a statement of its own; the
// head and the time in the next, which so sees all that was committed before.
func (a *appender) begin(deadline time.Time) (*transaction, error) {
	t := &transaction{store: a.store, by: a, rooms: make(map[room.ID]time.Time)}
	t.ctx, t.done = context.WithCancel(context.Background())
	t.stop = time.AfterFunc(time.Until(deadline), t.done).Stop
	var err error
	if t.tx, err = a.store.engine.begin(t.ctx); err != nil {
		t.stop()
		t.done()
		return nil, fmt.Errorf("begin: %w", err)
	}
	if err := t.open(); err != nil {
		t.end()
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

// end rolls back what was not committed. The deadline holds for that, too.
func (t *transaction) end() {
	_ = t.tx.Rollback() // an error means that it has ended already
	t.stop()
	t.done()
}

// commitPatience is how long a COMMIT may take before the connection is dropped.
// It is not cancelled: what becomes of it is unknown then.
const commitPatience = 3 * time.Second

var errTooLate = errors.New("bunstore: no time is left to commit")

// commit commits, whatever the deadline says from now on, and rings.
func (t *transaction) commit() error {
	if !t.stop() {
		return errTooLate
	}
	watch := time.AfterFunc(commitPatience, t.store.engine.drop)
	err := t.store.engine.commit(t.tx)
	watch.Stop()
	if err != nil {
		return fmt.Errorf("%w: %w", errUnknown, err)
	}
	if t.gone {
		t.store.engine.erase()
	}
	if t.last > t.head.Position {
		t.by.committed(t.last)
	}
	return nil
}

func (t *transaction) scope() port.Scope {
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
