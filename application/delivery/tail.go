package delivery

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"parley/application/port"
	"parley/domain/sequence"
)

const (
	// stale is how long after the log's head was last seen a node hands out
	// nothing any more: somebody may have been removed since.
	stale = 1500 * time.Millisecond
	// lost is how long after that it ends its streams, so that their readers find
	// a node that can see the log.
	lost = 10 * time.Second
	// readLimit is how many entries one read of the tail takes.
	readLimit = 512
	// prepareTime is how long it may take to find out whom what was read is for.
	prepareTime = 200 * time.Millisecond
	// readTime is how long one read may take.
	readTime = 3 * time.Second
)

// Settings are what a tail needs.
type Settings struct {
	Log     port.Log
	Updates port.Updates // nil: there are none
	Now     func() time.Time
	Jitter  func(time.Duration) time.Duration // a time around the given one, at random
	Trouble func(error)                       // is told what went wrong, to log and count it

	Poll      time.Duration // the longest time between two looks at the log
	Quiet     time.Duration // how long a reader hears nothing before Sink.Quiet
	MaxAge    time.Duration // of a reading; 0: no limit
	TokenLife time.Duration // how long a token shows who its bearer is
	Memory    int           // bytes of recent entries that are held
	Pages     int           // bytes of older entries that are held
	Round     int           // bytes of older entries that a reader is to have at once
	InHand    int           // bytes of those that all readers have, besides a batch of each

	StreamsPerUser    int // 0: no limit
	StreamsPerAddress int // of those who are no users; 0: no limit
	StreamsTotal      int // of all; 0: no limit
}

// Tail reads the log in order, once for the whole node. What an entry does to
// anybody's rights is done before anything later is handed out.
type Tail struct {
	Settings
	rung    chan struct{}
	revised *revisions
	pages   *pages
	slots   chan struct{} // one for each reader that reads the store at this moment
	inHand  inHand
	signals signals
	losing  *time.Timer // ends the readings, unless the head is seen before; of Run alone

	mu        sync.Mutex
	memory    memory            // up to and with the place that the log has been applied to
	started   bool              // the memory begins at a place of the log
	confirmed time.Time         // when that place was last known to be the head
	draining  bool              // no reading is opened any more
	moved     chan struct{}     // closed when the place has moved on, or was confirmed
	furthest  sequence.Position // that was rung, since the last read began
	live      live
	sessions  sessions
}

// NewTail returns a tail that is yet to be run.
func NewTail(s Settings) *Tail {
	if s.Updates == nil {
		s.Updates = noUpdates{}
	}
	revised := newRevisions(s.Now)
	return &Tail{
		Settings: s,
		rung:     make(chan struct{}, 1),
		revised:  revised,
		pages:    newPages(s.Log, s.Updates, revised, s.Pages),
		slots:    make(chan struct{}, catchingUp),
		inHand:   inHand{limit: int64(s.InHand)},
		memory:   newMemory(s.Memory, sequence.Place{}),
		moved:    make(chan struct{}),
		live:     newLive(),
		sessions: newSessions(s.TokenLife, rememberedSessions),
	}
}

// Run reads the log until ctx ends, and then ends all readings. It returns nil.
func (t *Tail) Run(ctx context.Context) error {
	defer t.Drain()
	poll, rested := time.NewTimer(0), time.NewTimer(rest)
	defer poll.Stop()
	defer rested.Stop()
	t.losing = time.AfterFunc(lost, t.endLost)
	defer t.losing.Stop()
	rung := t.rung
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-rested.C:
			rung = t.rung
			continue
		case <-rung:
			if !t.rungAhead() {
				continue // it has been read meanwhile
			}
		case <-poll.C:
		}
		furthest := t.takeRung()
		if err := t.advance(ctx); err != nil && ctx.Err() == nil {
			t.Trouble(err)
		}
		poll.Reset(t.Poll)
		if t.isBehind(furthest) {
			rung = nil
			rested.Reset(rest)
		}
	}
}

// Ready returns nil while this node hands out what happens.
func (t *Tail) Ready() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.draining:
		return errors.New("stopping")
	case !t.fresh():
		return errors.New("cut off from the log")
	default:
		return nil
	}
}

// Readings counts the readings that are open.
func (t *Tail) Readings() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.live.all)
}

// Drain ends all readings and lets none be opened any more.
func (t *Tail) Drain() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.draining = true
	t.live.endAll(Closing{Drain, Resume})
}

// fresh reports whether the head has been seen lately. The lock is held.
func (t *Tail) fresh() bool { return t.started && t.Now().Sub(t.confirmed) <= stale }

// advance reads the log to its end.
func (t *Tail) advance(ctx context.Context) error {
	for {
		asked := t.Now()
		from, started := t.place()
		entries, err := t.read(ctx, from, started)
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		if started && (len(entries) == 0 || entries[0].Place != from) {
			t.startOver()
			return fmt.Errorf("the log has another entry at position %d than before, or none any more: start over", from.Position)
		}
		if err := t.apply(entries, started); err != nil {
			return err
		}
		if port.Whole(entries, readLimit) {
			t.confirm(asked)
			return nil
		}
	}
}

// read returns the entry at the place that the log has been applied to and what
// follows; at the start, the last entry alone.
func (t *Tail) read(ctx context.Context, from sequence.Place, started bool) ([]port.Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	if started {
		return t.Log.From(ctx, from.Position, readLimit)
	}
	head, err := t.Log.Head(ctx)
	if err != nil {
		return nil, err
	}
	return []port.Entry{{Place: head}}, nil
}

func (t *Tail) place() (at sequence.Place, started bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.memory.end, t.started
}

// apply takes entries in. The first of them is the place where the tail stands.
func (t *Tail) apply(entries []port.Entry, started bool) error {
	began := t.Now()
	t.live.prepare(entries[1:], func() bool { return t.Now().Sub(began) > prepareTime })
	t.mu.Lock()
	defer t.mu.Unlock()
	if !started {
		t.memory = newMemory(t.Memory, entries[0].Place)
		t.started = true
		t.sessions.startOver()
	}
	for _, entry := range entries[1:] {
		if entry.Place.Position != t.memory.end.Position.Next() {
			return fmt.Errorf("the log is damaged: position %d follows %d", entry.Place.Position, t.memory.end.Position)
		}
		event := &Event{Entry: entry, revised: t.revised, asOf: asOf{t.revised.upto().history, entry.Place.Position}}
		t.revised.add(entry, t.memory.floor.Position)
		t.memory.append(event)
		t.live.apply(event)
		if entry.Kind == port.SessionEnded {
			t.sessions.end(entry.Session, t.Now())
		}
	}
	t.signals.reached(t.memory.end.Position, t.Now())
	t.tellMoved()
	return nil
}

// confirm notes that the place was the head at the time when it was asked for.
func (t *Tail) confirm(asked time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	wasFresh := t.fresh()
	t.confirmed = asked
	t.losing.Reset(lost - t.Now().Sub(asked))
	t.revised.saw(asked)
	t.tellMoved()
	if !wasFresh {
		t.live.wakeAll()
	}
}

// startOver drops everything: the log is another one than it was.
func (t *Tail) startOver() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.started = false
	t.sessions.startOver()
	t.pages.drop()
	t.revised.drop()
	t.live.endAll(Closing{Drain, Resume})
}

// endLost ends the readings of a node that has not seen the head for long,
// whatever the node is waiting for meanwhile.
func (t *Tail) endLost() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.started && t.Now().Sub(t.confirmed) >= lost {
		t.live.endAll(Closing{Drain, Resume})
	}
}

// tellMoved lets those who await a place look again. The lock is held.
func (t *Tail) tellMoved() {
	close(t.moved)
	t.moved = make(chan struct{})
}

// await waits until the log has been applied to upto, as it was later than at.
func (t *Tail) await(ctx context.Context, upto sequence.Position, at time.Time) error {
	for {
		t.mu.Lock()
		reached := t.started && t.memory.end.Position >= upto && t.confirmed.After(at)
		moved := t.moved
		t.mu.Unlock()
		if reached {
			return nil
		}
		t.Ring(upto)
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
