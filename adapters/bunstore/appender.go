package bunstore

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"parley/domain/sequence"
)

// appender makes all changes, one transaction after another, on a connection of
// its own. While one batch commits, the next one queues up: so the more there is
// to do, the more shares a commit, and nobody waits for a timer.
type appender struct {
	store     *Store
	queue     *queue
	most      int // sends in a batch
	rehearse  bool
	committed func(sequence.Position)
	log       *slog.Logger
	stopped   chan struct{}
}

func newAppender(s *Store, o Options) *appender {
	a := &appender{
		store: s, queue: newQueue(o.Queue), most: o.MaxBatch, rehearse: o.Rehearse,
		committed: o.Committed, log: o.Log, stopped: make(chan struct{}),
	}
	go a.run()
	return a
}

// close finishes what is queued.
func (a *appender) close() {
	a.queue.close()
	<-a.stopped
}

func (a *appender) run() {
	defer close(a.stopped)
	var held *item // taken from the queue, for the next batch
	for {
		first := held
		if first == nil {
			var open bool
			if first, open = <-a.queue.items; !open {
				return
			}
		}
		var batch []*item
		batch, held = a.gather(first)
		if batch = take(batch); len(batch) > 0 {
			a.process(batch)
		}
	}
}

// gather returns first with whatever may share its commit and is queued right
// behind it, and what it had to take to see that it may not.
func (a *appender) gather(first *item) (batch []*item, held *item) {
	batch = append(batch, first)
	if first.isStep() {
		return batch, nil
	}
	for len(batch) < a.most {
		select {
		case next, open := <-a.queue.items:
			if !open {
				return batch, nil
			}
			if next.isStep() {
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
func take(batch []*item) []*item {
	taken := batch[:0]
	for _, it := range batch {
		switch {
		case !it.taken.CompareAndSwap(false, true):
		case time.Since(it.queued) >= takenWithin:
			it.answer(answer{err: errAway})
		default:
			taken = append(taken, it)
		}
	}
	return taken
}

// errRefused is the answer to an item that the database does not take, whatever
// is tried: something is wrong with the program, and the log says what.
var errRefused = errors.New("bunstore: the database does not take this")

// process runs a batch and answers its items. Only an item's own fault makes the
// others run again without it, and only what certainly came to nothing is run
// once more.
func (a *appender) process(batch []*item) {
	err := a.try(batch)
	if err != nil && a.fate(err) == again {
		a.log.Warn("a transaction is run again", "cause", err)
		err = a.try(batch)
	}
	if err == nil {
		return
	}
	switch {
	case a.fate(err) == itsOwn && len(batch) > 1:
		a.log.Warn("a batch is run one by one", "cause", err)
		for _, it := range batch {
			a.process([]*item{it})
		}
	case a.fate(err) == itsOwn:
		a.log.Error("the database does not take something", "cause", err)
		batch[0].answer(answer{err: errRefused})
	default:
		a.log.Error("the database is not available", "cause", err)
		for _, it := range batch {
			it.answer(answer{err: errAway})
		}
	}
}

// errUnknown means that a COMMIT was sent whose outcome is not known.
var errUnknown = errors.New("bunstore: the outcome of a commit is unknown")

func (a *appender) fate(err error) fate {
	for _, final := range []error{errUnknown, errTooLate, errAbandoned} {
		if errors.Is(err, final) {
			return unavailable // whatever the cause: nothing is run again
		}
	}
	return a.store.engine.fate(err)
}

// try runs a batch in one transaction. It answers the items and returns nil, or
// returns why nothing was kept and leaves them without an answer.
func (a *appender) try(batch []*item) error {
	work := a.send
	if batch[0].isStep() {
		work = a.step
	}
	if a.rehearse {
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
func (a *appender) attempt(batch []*item, work work, wanted bool) ([]answer, error) {
	deadline := batch[0].deadline() // the first is the oldest
	t, err := a.begin(deadline)
	if err != nil {
		return nil, err
	}
	defer t.end()
	answers, keep, err := work(t, batch)
	switch {
	case errors.Is(err, errAbandoned):
		return nil, err // and somebody may still be at it
	case t.cause != nil:
		return nil, t.cause
	case err != nil:
		return nil, err
	case !keep || !wanted:
		return answers, nil
	default:
		return answers, t.commit()
	}
}

// work does what a batch asks for and returns the answers, which count once that
// is kept, and whether there is anything to keep.
type work func(t *transaction, batch []*item) (answers []answer, keep bool, err error)

// step lets who asked run their step.
func (a *appender) step(t *transaction, batch []*item) ([]answer, bool, error) {
	it := batch[0]
	offer := turn{scope: t.scope(), deadline: it.deadline(), back: make(chan error, 1)}
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
