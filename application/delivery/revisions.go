package delivery

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"parley/application/port"
	"parley/domain/message"
	"parley/domain/sequence"
)

const (
	// mostRevisions is how many edits and deletions are remembered beyond those
	// that are in memory.
	mostRevisions = 1024
	// appliedTime is how long whoever edits or deletes waits for this node to hand
	// out what they did. It is more than stale: a node that is late by then hands
	// out nothing.
	appliedTime = 2 * time.Second
)

var (
	// errOvertaken ends a reading that was held up for longer than edits and
	// deletions are remembered, or until the log was another one.
	errOvertaken = errors.New("delivery: more was edited meanwhile than is remembered")
	// errStale ends a reading that was held up until the node lost sight of the log:
	// what it is to write may have been deleted since.
	errStale = errors.New("delivery: the log has not been seen lately")
)

// revisions are the last edits and deletions that the tail has applied. Whatever
// was read of the log before is handed out as they left it, wherever it is held:
// in memory, in a page, in a round, or by a writer that has yet to write.
type revisions struct {
	now  func() time.Time
	most int

	seen    atomic.Int64 // when the head of the log was last seen, in nanoseconds
	last    atomic.Int64 // the position of the last revision
	history atomic.Int64 // counts the logs that there were

	mu     sync.RWMutex
	floor  sequence.Position // all behind it are remembered
	order  []port.Entry      // those that are, the oldest first
	latest map[message.ID]port.Entry
}

func newRevisions(now func() time.Time) *revisions {
	return &revisions{now: now, most: mostRevisions, latest: make(map[message.ID]port.Entry)}
}

// add remembers an entry, if it says that a message reads differently. It forgets
// the oldest beyond the limit, but none that is behind the floor of memory: what
// memory holds can always be brought up to date.
func (r *revisions) add(e port.Entry, memoryFloor sequence.Position) {
	if e.Kind != port.MessageEdited && e.Kind != port.MessageDeleted || e.Message == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.order = append(r.order, e)
	r.latest[e.Message.ID] = e
	r.last.Store(int64(e.Place.Position))
	for len(r.order) > r.most && r.order[0].Place.Position <= memoryFloor {
		oldest := r.order[0]
		r.order[0] = port.Entry{}
		r.order = r.order[1:]
		r.floor = oldest.Place.Position
		if r.latest[oldest.Message.ID].Place == oldest.Place {
			delete(r.latest, oldest.Message.ID)
		}
	}
}

// asOf is up to where something reads as it was read: a position, in one of the
// logs that there were.
type asOf struct {
	history  int64
	position sequence.Position
}

// upto is where the last revision is. Whatever is read of the log from now on has
// it, and all before.
func (r *revisions) upto() asOf {
	return asOf{r.history.Load(), sequence.Position(r.last.Load())}
}

// since returns how a message reads by what was done to it behind a position; nil
// if nothing was. An error says that this is not remembered.
func (r *revisions) since(id message.ID, asOf sequence.Position) (*message.Message, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if e, known := r.latest[id]; known && e.Place.Position > asOf {
		return e.Message, nil
	}
	if r.floor > asOf {
		return nil, errOvertaken
	}
	return nil, nil //nolint:nilnil // nothing was done to it
}

// drop forgets everything: the log is another one. What was read of the one
// before can be brought up to date no more.
func (r *revisions) drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.history.Add(1)
	r.order, r.floor = nil, 0
	clear(r.latest)
	r.last.Store(0)
}

// saw notes when the head of the log was seen.
func (r *revisions) saw(at time.Time) { r.seen.Store(at.UnixNano()) }

// fresh reports whether it was seen lately.
func (r *revisions) fresh() bool { return r.now().UnixNano()-r.seen.Load() <= int64(stale) }

// settle brings an event up to date. Its lock is held.
func (e *Event) settle() error {
	if e.revised == nil || e.Entry.Message == nil {
		return nil
	}
	last := e.revised.upto()
	if last.history != e.asOf.history {
		return errOvertaken
	}
	if last.position <= e.asOf.position {
		return nil
	}
	said, err := e.revised.since(e.Entry.Message.ID, e.asOf.position)
	if err != nil {
		return err
	}
	if said != nil && said.Version > e.entry().Message.Version {
		e.said, e.frames = said, nil
	}
	e.asOf = last
	return nil
}

// settled brings an event up to date, and reports whether that can be done.
func (e *Event) settled() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.settle() == nil
}

// read brings an event up to date for whoever is about to write it. The lock is
// held.
func (e *Event) read() error {
	if e.revised != nil && e.Entry.Message != nil && !e.revised.fresh() {
		return errStale
	}
	return e.settle()
}

// entry is the entry as the event has it by now. The lock is held.
func (e *Event) entry() port.Entry {
	now := e.Entry
	if e.said != nil {
		now.Message = e.said
	}
	return now
}

// Applied is asked while the log is seen as it is. What it returns returns nil once
// this node hands out what was logged up to a position of that log, and what was
// edited or deleted there no more; or after a while, when a node that does not see
// the log has long stopped to hand out anything: that it is late is no reason to
// refuse what is done. It is an error that ctx has ended before.
//
// A node that has not noticed yet that the log was put back to an older state may
// have read further in the one before. So what it knew before it was asked does not
// count.
func (t *Tail) Applied() (wait func(ctx context.Context, upto sequence.Position) error) {
	asked := t.Now()
	return func(ctx context.Context, upto sequence.Position) error {
		late, cancel := context.WithTimeout(ctx, appliedTime)
		defer cancel()
		if t.await(late, upto, asked) != nil && ctx.Err() != nil {
			return fmt.Errorf("%w (%w)", port.ErrUnavailable, ctx.Err())
		}
		return nil
	}
}
