package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/domain/sequence"
)

// catchingUp is how many readers may read the store at the same moment, to begin
// or to read older entries, so that thousands who come back at once crowd out
// neither those who write nor the tail itself. The others wait for their turn.
const catchingUp = 12

// inTurn lets a reader read the store when it is its turn. Who has given up takes
// no turn.
func (t *Tail) inTurn(ctx context.Context, read func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case t.slots <- struct{}{}:
		defer func() { <-t.slots }()
		return read()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errPruned says that what a reader has yet to hear is not kept any more.
var errPruned = errors.New("delivery: retention has overtaken the reader")

// catchUp reads one round of older entries and hands it out. It reports whether
// anything was handed out.
func (r *reader) catchUp(ctx context.Context, sink Sink) (handed bool, err error) {
	var next round
	err = r.tail.inTurn(ctx, func() (err error) {
		next, err = r.round(ctx)
		return err
	})
	if errors.Is(err, errPruned) {
		r.overtaken()
		return false, nil
	}
	if err != nil {
		r.pause(ctx, err)
		return false, nil
	}
	defer r.tail.inHand.hold(&next)()
	for ctx.Err() == nil {
		batch, left := r.handOut(&next)
		if len(batch) > 0 {
			handed = true
			if err := sink.Hand(batch); err != nil {
				return handed, err
			}
		}
		if !left {
			break
		}
	}
	return handed, nil
}

// errAnother means that the log became another one while it was read.
var errAnother = errors.New("the log has another entry than this node has read")

// verify is asked after the reading whether what was read is all there was. If the
// entry that this node had applied last is still one of the log, what was read is of
// that log, and not partly of one that was put in its place meanwhile. If the place
// where it begins is still there, nothing behind that was pruned, since what goes
// is always the beginning of the log. The beginning is asked last: once an end is
// pruned, so is the beginning, and that is what is to be said.
func (t *Tail) verify(ctx context.Context, after, applied sequence.Place) error {
	_, lasts, err := t.resolvePlace(ctx, applied)
	if err != nil {
		return err
	}
	_, kept, err := t.resolvePlace(ctx, after)
	switch {
	case err != nil:
		return err
	case !kept:
		return errPruned
	case !lasts:
		return errAnother
	default:
		return nil
	}
}

// verify is the tail's. Who hears of topics that are not the chat's asks too
// whether updates were pruned behind the place where what was read begins.
func (r *reader) verify(ctx context.Context, after, applied sequence.Place) error {
	if err := r.tail.verify(ctx, after, applied); err != nil {
		return err
	}
	pruned, err := r.pruned(ctx)
	if err == nil && after.Position < pruned {
		return errPruned
	}
	return err
}

// overtaken closes the reader: when it comes back, it is told that its place is
// gone, instead of hearing less than there was.
func (r *reader) overtaken() {
	r.tail.mu.Lock()
	defer r.tail.mu.Unlock()
	r.close(Closing{Slow, Resume})
}

// handOut takes the next batch of a round, as the reader's rights are at this
// moment, and moves its place on. left says that there is more of the round. At
// its end the reader goes on from memory, if that goes back far enough. What was
// held up for so long that it cannot be brought up to date is read again.
func (r *reader) handOut(next *round) (batch []Delivered, left bool) {
	t := r.tail
	t.mu.Lock()
	defer t.mu.Unlock()
	if !r.mayHand() || !t.started {
		return nil, false
	}
	fits := fit(next.events)
	if !(page{events: next.events[:fits]}).settled() {
		return nil, false
	}
	batch = r.judge(next.events[:fits], next.own)
	if fits < len(next.events) {
		r.moveTo(next.events[fits-1].Entry.Place)
		next.passed(fits)
		return batch, true
	}
	r.moveTo(next.upto)
	if next.upto.Position >= max(r.since, t.memory.floor.Position) {
		r.behind = false
		r.markAll(next.upto.Position.Next())
	}
	return batch, false
}

// markAll notes that there may be something for the reader in each of the parts of
// the log that may have something for it, from a position on. The lock is held.
func (r *reader) markAll(from sequence.Position) {
	clear(r.dirty)
	for in := range r.rights.spans {
		r.dirty = with(r.dirty, roomStrand(in))
	}
	if r.guest != nil {
		r.dirty = with(r.dirty, wholeLog())
	} else if r.outside() {
		r.dirty = with(r.dirty, updateStrand())
	}
	r.pending = from
}

// pause waits before older entries are tried again that could not be read now.
func (r *reader) pause(ctx context.Context, cause error) {
	if ctx.Err() != nil {
		return
	}
	r.tail.Trouble(fmt.Errorf("read older entries: %w", cause))
	again := time.NewTimer(r.tail.Poll)
	defer again.Stop()
	select {
	case <-ctx.Done():
	case <-again.C:
	}
}
