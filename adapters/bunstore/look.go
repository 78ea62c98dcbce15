package bunstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"parley/application/port"
	"parley/domain/sequence"
)

// lookPatience is how long a look may take, so that nobody waits for ever for a
// database that hangs.
const lookPatience = 3 * time.Second

// errAway is what callers are told of whatever went wrong with the database. The
// cause is logged.
var errAway = port.ErrUnavailable.After(time.Second)

// trouble remembers the first thing that the database refused, so that no step
// is kept, or answered, that took no notice.
type trouble struct{ cause error }

// away is the caller's answer to an error of the database.
func (t *trouble) away(doing string, err error) error {
	if t.cause == nil {
		t.cause = fmt.Errorf("%s: %w", doing, err)
	}
	return errAway
}

// Look runs step in one snapshot.
func (s *Store) Look(ctx context.Context, step func(context.Context, port.View) error) error {
	return s.look(ctx, s.engine.read, func(ctx context.Context, db bun.IDB, t *trouble) error {
		// The first reading makes the snapshot.
		h, err := readHead(ctx, db, "0")
		if err != nil {
			return t.away("read the head of the log", err)
		}
		return step(ctx, viewOf(db, t, h.place()))
	})
}

type reading = func(context.Context, func(context.Context, bun.IDB) error) error

// look runs do with a way to read, for as long as a look may take.
func (s *Store) look(ctx context.Context, read reading, do func(context.Context, bun.IDB, *trouble) error) error {
	asked := ctx
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	var t trouble
	var own error
	err := read(ctx, func(ctx context.Context, db bun.IDB) error {
		own = do(ctx, db, &t)
		return nil
	})
	if err == nil && t.cause == nil {
		return own
	}
	if t.cause == nil {
		t.cause = err
	}
	if gone := asked.Err(); errors.Is(gone, context.Canceled) {
		return fmt.Errorf("%w (%w)", errAway, gone)
	}
	s.log.ErrorContext(ctx, "the database did not answer", "cause", t.cause)
	return errAway
}

func viewOf(db bun.IDB, t *trouble, head sequence.Place) port.View {
	r := reads{db, t}
	return port.View{Head: head, Users: users{r}, Rooms: rooms{r}, People: people{r}, Messages: messages{r}, Sessions: sessions{r}}
}

// reads is what every part of a view reads with.
type reads struct {
	db bun.IDB
	*trouble
}

// head is the end of the log, and the time at which it was read.
type head struct {
	Position int64 `bun:"position"`
	Mark     int64 `bun:"mark"`
	Now      int64 `bun:"now"`
}

func (h head) place() sequence.Place {
	return sequence.Place{Position: sequence.Position(h.Position), Mark: sequence.Mark(h.Mark)}
}

func readHead(ctx context.Context, db bun.IDB, clock string) (head, error) {
	var h head
	err := db.NewRaw("SELECT position, mark, ? AS now FROM log_entry ORDER BY position DESC LIMIT 1", bun.Safe(clock)).Scan(ctx, &h)
	return h, err
}
