package relaying

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"parley/application/port"
	"parley/domain/sequence"
)

// turn is the time in which this node hands the log on.
type turn struct {
	*Relay
	turn port.RelayTurn
	over context.CancelFunc

	place  sequence.Place // up to where everything was handed on
	kept   sequence.Place // what the store knows of that
	keptAt time.Time
	items  []Item // that were read and not handed on yet
	readAt time.Time

	tries    int // of the next entry, or of the log, that went wrong
	refusals int // of the next entry alone
	refused  time.Time
	trouble  trouble

	mu     sync.Mutex
	seenAt time.Time // when the turn was last seen to last
}

// turn hands on until the turn or ctx ends. It was asked for at a time that may be
// long ago, and nothing has shown since then that it lasts.
func (r *Relay) turn(ctx context.Context, of port.RelayTurn, asked time.Time) {
	defer of.End()
	running, over := context.WithCancel(ctx)
	t := &turn{Relay: r, turn: of, over: over, place: of.Upto(), kept: of.Upto(), keptAt: r.Now(), seenAt: asked}
	r.pass(t.place, true)
	var showing sync.WaitGroup
	defer showing.Wait()
	defer over()
	showing.Go(func() { t.show(running) })
	for running.Err() == nil {
		if err := t.step(running); err != nil && running.Err() == nil {
			t.pause(running, err)
		}
	}
	if ctx.Err() != nil { // the program ends, and the turn may last
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTime)
		defer cancel()
		_ = t.keep(last) // if not, some of it comes again
	}
}

// show shows the store that this node is alive, for as long as the turn lasts.
func (t *turn) show(ctx context.Context) {
	for {
		wait(ctx, lookEvery, nil)
		if ctx.Err() != nil || t.lasts(ctx) != nil {
			return
		}
	}
}

// lasts ends the turn if somebody else may have one.
func (t *turn) lasts(ctx context.Context) error {
	asked := t.Now()
	err := t.turn.Lasts(ctx)
	if err != nil {
		t.over()
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seenAt = asked
	return nil
}

func (t *turn) isDoubtful() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.Now().Sub(t.seenAt) > doubtful
}

// step hands on the next entry, or waits for one.
func (t *turn) step(ctx context.Context) error {
	if len(t.items) == 0 || t.Now().Sub(t.readAt) > fresh {
		if err := t.read(ctx); err != nil {
			return err
		}
	}
	if len(t.items) == 0 {
		t.tries = 0
		t.trouble.end(ctx, t.Logger, t.Now(), "the log is handed on again")
		wait(ctx, min(t.Poll, keepEvery), t.rung)
		return t.keepNowAndThen(ctx)
	}
	if t.isDoubtful() {
		if err := t.lasts(ctx); err != nil {
			return err
		}
	}
	if err := t.handOn(ctx, t.items[0]); err != nil {
		return err
	}
	t.items = t.items[1:]
	return t.keepNowAndThen(ctx)
}

// handOn hands on one entry. One that is nobody's to hear has been handed on by
// being passed.
func (t *turn) handOn(ctx context.Context, item Item) error {
	if isHeard(item.Entry) {
		if err := t.publish(ctx, item); err != nil {
			return err
		}
		t.trouble.end(ctx, t.Logger, t.Now(), "the log is handed on again")
	}
	t.tries, t.refusals = 0, 0
	t.place = item.Entry.Place
	t.pass(t.place, false)
	return nil
}

// publish publishes an entry. If the hub has not taken just this one for long
// enough, a hint goes in its place, so that it does not keep back all others. A
// hub that does not take that either is at fault itself, and tried for ever.
func (t *turn) publish(ctx context.Context, item Item) error {
	err := t.Publish(ctx, item)
	if err == nil || !errors.Is(err, ErrEntry) {
		return err
	}
	if t.refusals == 0 {
		t.refused = t.Now()
	}
	t.refusals++
	if t.refusals < leastRefusals || t.Now().Sub(t.refused) < t.Patience {
		return err
	}
	item.Withheld = true
	if t.Publish(ctx, item) != nil {
		return err
	}
	t.Logger.ErrorContext(ctx, "the hub does not take an entry: in its place went a hint to fetch it",
		slog.Int64("position", int64(item.Entry.Place.Position)), slog.Any("error", err))
	return nil
}

const leastRefusals = 5

// keepNowAndThen keeps the place if it was not kept for a while.
func (t *turn) keepNowAndThen(ctx context.Context) error {
	if t.Now().Sub(t.keptAt) < keepEvery {
		return nil
	}
	return t.keep(ctx)
}

// keep lets the store know up to where everything was handed on.
func (t *turn) keep(ctx context.Context) error {
	if t.place == t.kept {
		return nil
	}
	if err := t.turn.Keep(ctx, t.place); err != nil {
		if errors.Is(err, port.ErrTurnOver) {
			t.over()
		}
		return fmt.Errorf("keep the place: %w", err)
	}
	t.kept, t.keptAt = t.place, t.Now()
	return nil
}

// pause waits a while after something went wrong, longer each time. What was read
// is read again then.
func (t *turn) pause(ctx context.Context, err error) {
	t.trouble.begin(ctx, t.Logger, t.Now(), "the log is not handed on to the hub now", err)
	t.items = nil
	longest := min(firstPause<<min(t.tries, 20), longestPause)
	t.tries++
	wait(ctx, longest/2+t.Jitter(longest/2), nil)
}
