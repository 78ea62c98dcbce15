package appending

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/message"
	"parley/domain/sequence"
)

const (
	// answerWithin is how long anybody waits for an answer.
	answerWithin = 3 * time.Second
	// takenWithin is how long anything waits to be taken: what has waited longer
	// is refused, so that an overload does not make all answers late.
	takenWithin = time.Second
)

// item is what waits for the appender: a draft, an update, or a step.
type item struct {
	queued time.Time
	draft  message.Draft
	update *hub.Update   // of a publish
	turns  chan turn     // of a step: the appender's offers to run it
	gone   chan struct{} // closed when who asked waits no longer
	done   chan answer   // room for the one answer

	// taken is set by the appender or by who asked, whoever is first: an item is
	// taken, or withdrawn.
	taken atomic.Bool
}

type answer struct {
	sent  message.Sent
	place sequence.Place // of what was published
	err   error
}

func (a *Appender) newItem() *item {
	return &item{queued: a.Now(), gone: make(chan struct{}), done: make(chan answer, 1)}
}

func (it *item) isStep() bool        { return it.turns != nil }
func (it *item) isPublish() bool     { return it.update != nil }
func (it *item) deadline() time.Time { return it.queued.Add(answerWithin) }
func (it *item) answer(a answer)     { it.done <- a }

// size is how many bytes of an update the item has; a message is small.
func (it *item) size() int {
	if !it.isPublish() {
		return 0
	}
	return it.update.Size()
}

// turn is an offer to run a step, in the goroutine of who asked: so a step that
// panics, or never returns, does that to its own caller.
type turn struct {
	scope    port.Scope
	deadline time.Time
	back     chan error // room for the one outcome
}

// errAway is what callers are told of whatever went wrong. The cause is logged.
var errAway = port.ErrUnavailable.After(time.Second)

// errAbandoned is the outcome of a step that did not return.
var errAbandoned = errors.New("appending: the step did not return")

func (t turn) run(ctx context.Context, step func(context.Context, port.Scope) error) {
	outcome := errAbandoned
	defer func() { t.back <- outcome }()
	until := t.deadline
	if asked, limited := ctx.Deadline(); limited && asked.Before(until) {
		until = asked
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), until)
	defer cancel()
	outcome = step(ctx, t.scope)
}

// Change runs step under the log's lock, as [port.Work] has it.
func (a *Appender) Change(ctx context.Context, step func(context.Context, port.Scope) error) error {
	it := a.newItem()
	it.turns = make(chan turn)
	return a.wait(ctx, it, func(t turn) { t.run(ctx, step) }).err
}

// Send takes a message; it may share its commit with others.
func (a *Appender) Send(ctx context.Context, d message.Draft) (message.Sent, error) {
	it := a.newItem()
	it.draft = d
	got := a.wait(ctx, it, nil)
	return got.sent, got.err
}

// Publish takes an update of a third party; it may share its commit with others,
// and with sends. What may not be published is refused before it waits.
func (a *Appender) Publish(ctx context.Context, u hub.Update) (sequence.Place, error) {
	if err := u.Check(); err != nil {
		return sequence.Place{}, err
	}
	it := a.newItem()
	it.update = &u
	got := a.wait(ctx, it, nil)
	return got.place, got.err
}

// wait queues the item and returns its answer. The end of ctx withdraws it, but
// not once it is taken: then it goes on, and who has no time left learns no more
// of it than that it is unknown.
func (a *Appender) wait(ctx context.Context, it *item, run func(turn)) answer {
	defer close(it.gone)
	if err := a.queue.add(it); err != nil {
		return answer{err: err}
	}
	late := time.NewTimer(it.deadline().Sub(a.Now()))
	defer late.Stop()
	ended := ctx.Done()
	for {
		select {
		case t := <-it.turns:
			run(t)
		case got := <-it.done:
			return got
		case <-late.C:
			return answer{err: errAway}
		case <-ended:
			if it.taken.CompareAndSwap(false, true) {
				return answer{err: fmt.Errorf("%w (%w)", errAway, ctx.Err())}
			}
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return answer{err: errAway}
			}
			ended = nil
		}
	}
}

// queue is what the appender takes from. It is bounded, in bytes of updates too,
// and can be closed.
type queue struct {
	mu     sync.RWMutex
	closed bool
	items  chan *item
	bytes  atomic.Int64
	most   int64 // bytes
}

func newQueue(size, bytes int) *queue {
	return &queue{items: make(chan *item, size), most: int64(bytes)}
}

// add refuses at once what does not fit.
func (q *queue) add(it *item) error {
	q.mu.RLock()
	defer q.mu.RUnlock()
	if q.closed {
		return errAway
	}
	size := int64(it.size())
	if q.bytes.Add(size) > q.most {
		q.bytes.Add(-size)
		return errAway
	}
	select {
	case q.items <- it:
		return nil
	default:
		q.bytes.Add(-size)
		return errAway
	}
}

// left notes that an item is out of the queue.
func (q *queue) left(it *item) { q.bytes.Add(-int64(it.size())) }

// close takes nothing more. What is queued already stays.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed {
		q.closed = true
		close(q.items)
	}
}
