package delivery

import (
	"context"
	"sync/atomic"
	"time"

	"parley/domain/identity"
	"parley/domain/sequence"
)

const (
	// batchLimit is how many events a sink is handed at once at most.
	batchLimit = 256
	// batchBytes is about how many bytes a sink is handed at once at most.
	batchBytes = 64 << 10
	// remember is how often a reader that hears nothing tells its place, so that
	// retention does not overtake it.
	remember = 10 * time.Minute
)

// reader is a cursor and a set of rights. Its fields below the line are the
// tail's: its lock is held for them.
type reader struct {
	tail  *Tail
	who   identity.Caller // zero: who reads is no user
	guest *guest          // of a reader without a user; else nil
	what  Selection
	wake  chan struct{} // there may be something for it

	reached func(sequence.Place) error // FollowQuery.Reached
	reach   sequence.Position          // how much of the log its next round looks at
	watch   watch                      // what it can hear of subscriptions
	ended   atomic.Bool                // closing is there

	// ---
	installed bool
	rights    rights
	place     sequence.Place    // everything up to it has been handed out
	since     sequence.Position // its rights have been kept up from here on
	behind    bool              // memory does not have all that it is to be handed
	dirty     map[strand]bool   // where there is something behind its place
	pending   sequence.Position // the first of that, if there is any
	closing   *Closing
	answers   map[Topic]bool // of the patterns of its user

	inbox inbox // of signals, whose lock is held for it
}

// follow is Follow.Handle.
func (t *Tail) follow(ctx context.Context, q FollowQuery, sink Sink) error {
	r, err := t.register(q)
	if err != nil {
		return err
	}
	defer t.leave(r)
	mode, err := t.open(ctx, r, q.From)
	if err != nil {
		return err
	}
	t.signals.watch(r, q)
	defer t.signals.leave(r)
	end := t.end(q.Until)
	if err := sink.Opened(Opened{Mode: mode, Place: r.at(), Until: end.at}); err != nil {
		return err
	}
	return r.read(ctx, sink, end)
}

// end is when a reading ends by itself, and how.
type end struct {
	at  time.Time // zero: never
	how Closing
}

// end is the end of the token or the greatest age, whichever comes first.
func (t *Tail) end(until time.Time) end {
	byToken := end{until, Closing{Expired, Reauthenticate}}
	if t.MaxAge <= 0 {
		return byToken
	}
	byAge := end{t.Now().Add(t.Jitter(t.MaxAge)), Closing{Expired, Resume}}
	if until.IsZero() || byAge.at.Before(until) {
		return byAge
	}
	return byToken
}

// read hands out what there is and waits for more, until there is a reason to
// end.
func (r *reader) read(ctx context.Context, sink Sink, end end) error {
	clocks := r.tail.clocks()
	defer clocks.stop()
	defer r.closeAt(end)()
	for {
		handed, err := r.handAll(ctx, sink)
		if err != nil {
			return err
		}
		told, err := r.handSignals(ctx, sink)
		if err != nil {
			return err
		}
		if closing, place := r.ending(); closing != nil {
			return bye(sink, place, *closing)
		}
		if handed || told {
			clocks.heard()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.wake:
		case <-clocks.quiet.C:
			clocks.heard()
			err = sink.Quiet()
		case <-clocks.remember.C:
			clocks.remember.Reset(remember)
			err = sink.Passed(r.at())
		}
		if err != nil {
			return err
		}
	}
}

// bye tells the reader's place, so that it can be resumed from there, and why
// the reading ends.
func bye(sink Sink, place sequence.Place, c Closing) error {
	if err := sink.Passed(place); err != nil {
		return err
	}
	return sink.Closing(c)
}

// handAll hands out everything that there is. It reports whether that was
// anything.
func (r *reader) handAll(ctx context.Context, sink Sink) (handed bool, err error) {
	for ctx.Err() == nil {
		batch, state := r.gather()
		if len(batch) > 0 {
			handed = true
			err = sink.Hand(batch)
		}
		if state == older {
			var some bool
			some, err = r.catchUp(ctx, sink)
			handed = handed || some
		}
		if state == done && err == nil && r.reached != nil {
			err = r.reached(r.at())
		}
		if state == done || state == held || err != nil {
			break
		}
	}
	return handed, err
}

// at is the reader's place.
func (r *reader) at() sequence.Place {
	r.tail.mu.Lock()
	defer r.tail.mu.Unlock()
	return r.place
}

// ending returns why the reader ends, with its place; nil while it goes on.
func (r *reader) ending() (*Closing, sequence.Place) {
	r.tail.mu.Lock()
	defer r.tail.mu.Unlock()
	return r.closing, r.place
}

// mayHand reports whether anything may be handed out at this moment. The lock is
// held.
func (r *reader) mayHand() bool { return r.closing == nil && r.tail.fresh() }

// closeAt closes the reader at its end, whatever it is doing then.
func (r *reader) closeAt(end end) (stop func()) {
	if end.at.IsZero() {
		return func() {}
	}
	timer := time.AfterFunc(end.at.Sub(r.tail.Now()), func() {
		r.tail.mu.Lock()
		defer r.tail.mu.Unlock()
		r.close(end.how)
	})
	return func() { timer.Stop() }
}

// clocks are the times that a reading waits for.
type clocks struct {
	quiet    *time.Timer
	every    time.Duration
	remember *time.Timer
}

func (t *Tail) clocks() *clocks {
	every := t.Jitter(t.Quiet)
	return &clocks{quiet: time.NewTimer(every), every: every, remember: time.NewTimer(remember)}
}

// heard starts the quiet anew.
func (c *clocks) heard() { c.quiet.Reset(c.every) }

func (c *clocks) stop() {
	c.quiet.Stop()
	c.remember.Stop()
}
