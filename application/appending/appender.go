package appending

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Appender makes all changes, one transaction after another. While one batch
// commits, the next one queues up: so the more there is to do, the more shares a
// commit, and nobody waits for a timer.
type Appender struct {
	Settings
	queue   *queue
	stopped chan struct{}
}

// Start returns an appender that runs until it is closed.
func Start(s Settings) *Appender {
	s = s.filled()
	a := &Appender{Settings: s, queue: newQueue(s.Queue, s.Waiting), stopped: make(chan struct{})}
	go a.run()
	return a
}

// Close takes nothing more, and finishes what is queued.
func (a *Appender) Close() {
	a.queue.close()
	<-a.stopped
}

// Queued is how many wait.
func (a *Appender) Queued() int { return len(a.queue.items) }

// Closed reports whether nothing more is taken.
func (a *Appender) Closed() bool {
	a.queue.mu.RLock()
	defer a.queue.mu.RUnlock()
	return a.queue.closed
}

func (a *Appender) run() {
	defer close(a.stopped)
	var held *item // taken from the queue, for the next batch
	for {
		first := held
		if first == nil {
			var open bool
			if first, open = <-a.queue.items; !open {
				return
			}
			a.queue.left(first)
		}
		var batch []*item
		batch, held = a.gather(first)
		if batch = a.take(batch); len(batch) > 0 {
			a.process(batch)
		}
	}
}

// gather returns first with whatever may share its commit and is queued right
// behind it, and what it had to take to see that it may not.
func (a *Appender) gather(first *item) (batch []*item, held *item) {
	batch = append(batch, first)
	if first.isStep() {
		return batch, nil
	}
	bytes := first.size()
	for len(batch) < a.MaxBatch {
		select {
		case next, open := <-a.queue.items:
			if !open {
				return batch, nil
			}
			a.queue.left(next)
			if bytes += next.size(); next.isStep() || bytes > a.MaxBytes {
				return batch, next
			}
			batch = append(batch, next)
		default:
			return batch, nil
		}
	}
	return batch, nil
}

// take leaves out what was withdrawn, and refuses what has waited for too long.
func (a *Appender) take(batch []*item) []*item {
	taken := batch[:0]
	for _, it := range batch {
		switch {
		case !it.taken.CompareAndSwap(false, true):
		case a.Now().Sub(it.queued) >= takenWithin:
			it.answer(answer{err: errAway})
		default:
			taken = append(taken, it)
		}
	}
	return taken
}

// errRefused is the answer to an item that the database does not take, whatever
// is tried: something is wrong with the program, and the log says what.
var errRefused = errors.New("appending: the database does not take this")

// process runs a batch and answers its items. Only an item's own fault makes the
// others run again without it, and only what certainly came to nothing is run
// once more.
func (a *Appender) process(batch []*item) {
	err := a.try(batch)
	if err != nil && a.fate(err) == Again {
		a.Log.Warn("a transaction is run again", "cause", err)
		err = a.try(batch)
	}
	if err == nil {
		return
	}
	switch {
	case a.fate(err) == ItsOwn && len(batch) > 1:
		a.Log.Warn("a batch is run one by one", "cause", err)
		for _, it := range batch {
			a.process([]*item{it})
		}
	case a.fate(err) == ItsOwn:
		a.Log.Error("the database does not take something", "cause", err)
		batch[0].answer(answer{err: errRefused})
	default:
		a.Log.Error("the database is not available", "cause", err)
		for _, it := range batch {
			it.answer(answer{err: errAway})
		}
	}
}

// errUnknown means that a COMMIT was sent whose outcome is not known.
var errUnknown = errors.New("appending: the outcome of a commit is unknown")

func (a *Appender) fate(err error) Fate {
	for _, final := range []error{errUnknown, errTooLate, errAbandoned} {
		if errors.Is(err, final) {
			return Unavailable // whatever the cause: nothing is run again
		}
	}
	return a.Store.Fate(err)
}

// try runs a batch in one transaction. It answers the items and returns nil, or
// returns why nothing was kept and leaves them without an answer.
func (a *Appender) try(batch []*item) error {
	work := a.share
	if batch[0].isStep() {
		work = a.step
	}
	if a.Rehearse {
		if _, err := a.attempt(batch, work, false); err != nil {
			return err
		}
	}
	answers, err := a.attempt(batch, work, true)
	if err != nil {
		return err
	}
	for i, it := range batch {
		it.answer(answers[i])
	}
	return nil
}

// attempt runs work in one transaction and commits it if that is wanted and work
// has changed something.
func (a *Appender) attempt(batch []*item, work work, wanted bool) ([]answer, error) {
	limit := a.limit(batch[0].deadline()) // the first is the oldest
	defer limit.end()
	t, err := a.Store.Begin(limit.ctx)
	if err != nil {
		return nil, err
	}
	defer t.End()
	answers, keep, err := work(t, batch)
	switch {
	case errors.Is(err, errAbandoned):
		return nil, err // and somebody may still be at it
	case t.Trouble() != nil:
		return nil, t.Trouble()
	case err != nil:
		return nil, err
	case !keep || !wanted:
		return answers, nil
	default:
		return answers, a.commit(t, limit)
	}
}

// commit commits, whatever the deadline says from now on, and only then rings.
func (a *Appender) commit(t Transaction, l limit) error {
	if !l.lift() {
		return errTooLate
	}
	upto, err := t.Commit()
	if err != nil {
		return fmt.Errorf("%w: %w", errUnknown, err)
	}
	if upto > 0 {
		a.Committed(upto)
	}
	return nil
}

// work does what a batch asks for and returns the answers, which count once that
// is kept, and whether there is anything to keep.
type work func(t Transaction, batch []*item) (answers []answer, keep bool, err error)

// step lets who asked run their step.
func (a *Appender) step(t Transaction, batch []*item) ([]answer, bool, error) {
	it := batch[0]
	offer := turn{scope: t.Scope(), deadline: it.deadline(), back: make(chan error, 1)}
	late, cancel := context.WithDeadline(context.Background(), it.deadline().Add(stepGrace))
	defer cancel()
	select {
	case it.turns <- offer:
	case <-it.gone:
		return nil, false, errAbandoned
	}
	select {
	case err := <-offer.back:
		return []answer{{err: err}}, err == nil, nil
	case <-late.Done():
		return nil, false, errAbandoned
	}
}

// stepGrace is how much longer than allowed a step may take to notice.
const stepGrace = 100 * time.Millisecond
