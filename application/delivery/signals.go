package delivery

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/domain/hub"
	"parley/domain/sequence"
)

const (
	// mostSignals is how many signals a reader may be behind, and mostSignalBytes
	// about how many bytes.
	mostSignals     = 1 << 14
	mostSignalBytes = 16 << 20
	// signalLife is how long a signal may be ahead of what this node has read.
	signalLife = time.Second
)

// Signal is something that is told to whoever listens at this moment and is not
// in the log: it has no place, and who does not listen never hears of it. All
// readers share it.
type Signal struct {
	// Upto is what its sender's node had read of the log. Nobody is told before this
	// node has read as much, so that none is told who was removed by then. What is
	// ahead for longer than a second is dropped. 0: it has nothing to do with the log.
	Upto sequence.Position

	Dialect      hub.Dialect      // in which it is told
	Subscription hub.Subscription // that has begun or ended

	topics [2]string // as its dialect calls the subscription, and as the other one does

	once sync.Once
	data []byte
	err  error
}

// Data returns the signal as encode writes it, which is made once and then shared:
// it must not be changed, and there is one way to write it.
func (s *Signal) Data(encode func(hub.Dialect, hub.Subscription) ([]byte, error)) ([]byte, error) {
	s.once.Do(func() { s.data, s.err = encode(s.Dialect, s.Subscription) })
	return s.data, s.err
}

// signals is what is on its way to readers beside the log. Its lock may be taken
// while the tail's is held, and not the other way round. No pattern is tried while
// it is held: see [watch.heard].
type signals struct {
	mu       sync.Mutex
	watchers watchers
	early    []early // ahead of what this node has read
}

// early is a signal that waits for the log.
type early struct {
	signal *Signal
	came   time.Time
}

// inbox is what a reader is yet to be told. The lock of signals is held for it, but
// to see whether there is anything: so whoever is told nothing waits for nobody.
type inbox struct {
	any   atomic.Bool
	queue []*Signal
	size  int  // of the queue, in bytes
	over  bool // there was more than it can hold
}

// signal tells a signal to whoever it is for, or keeps it until the log has come
// as far.
func (t *Tail) signal(s *Signal) {
	if s.Upto == 0 || !t.waits(s) {
		t.signals.tell(s)
	}
}

// waits keeps a signal that is ahead of the log, and reports whether it is.
func (t *Tail) waits(s *Signal) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	ahead := !t.started || t.memory.end.Position < s.Upto
	if ahead {
		t.signals.wait(s, t.Now())
	}
	return ahead
}

func (g *signals) wait(s *Signal, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.early = slices.DeleteFunc(g.early, func(e early) bool { return now.Sub(e.came) > signalLife })
	if len(g.early) < mostSignals {
		g.early = append(g.early, early{s, now})
	}
}

// reached tells what has waited for the log to come as far as upto.
func (g *signals) reached(upto sequence.Position, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.early = slices.DeleteFunc(g.early, func(e early) bool {
		late := now.Sub(e.came) > signalLife
		if !late && e.signal.Upto <= upto {
			g.watchers.tell(e.signal)
			return true
		}
		return late
	})
}

func (g *signals) tell(s *Signal) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.watchers.tell(s)
}

// put leaves a signal for the reader. A reader that has more waiting than it may
// is closed when it comes to it, with the advice to resume: nobody can find out
// what they have not been told, but whoever comes back knows to ask how things
// stand.
func (r *reader) put(s *Signal) {
	r.inbox.size += s.weight()
	full := len(r.inbox.queue) == mostSignals || r.inbox.size > mostSignalBytes
	if r.inbox.over = r.inbox.over || full; r.inbox.over {
		r.inbox.queue = nil
	} else {
		r.inbox.queue = append(r.inbox.queue, s)
	}
	r.inbox.any.Store(true)
	r.rouse()
}

// weight is about how many bytes a signal takes, as it is and as it is written.
func (s *Signal) weight() int {
	return 512 + len(s.topics[0]) + len(s.topics[1]) + 4*len(s.Subscription.Text) + len(s.Subscription.Payload)
}

// handSignals hands out those of the signals that wait for the reader which it may
// hear, as soon as anything may be handed out at all. It reports whether there were
// any.
func (r *reader) handSignals(ctx context.Context, sink Sink) (handed bool, err error) {
	for ctx.Err() == nil {
		batch, at := r.takeSignals()
		if len(batch) == 0 {
			break
		}
		if batch = r.heard(ctx, batch); len(batch) == 0 {
			continue
		}
		handed = true
		if err := sink.Signal(batch, at); err != nil {
			return handed, err
		}
	}
	return handed, nil
}

// takeSignals takes the next batch of signals, with the reader's place.
func (r *reader) takeSignals() ([]*Signal, sequence.Place) {
	if !r.inbox.any.Load() {
		return nil, sequence.Place{}
	}
	r.tail.mu.Lock()
	defer r.tail.mu.Unlock()
	if !r.mayHand() {
		return nil, r.place
	}
	r.tail.signals.mu.Lock()
	defer r.tail.signals.mu.Unlock()
	if r.inbox.over {
		r.close(Closing{Slow, Resume})
		return nil, r.place
	}
	size, count := 0, 0
	for count < len(r.inbox.queue) && count < batchLimit && size < batchBytes {
		size += r.inbox.queue[count].weight()
		count++
	}
	batch := r.inbox.queue[:count:count]
	r.inbox.size -= size
	if r.inbox.queue = r.inbox.queue[count:]; len(r.inbox.queue) == 0 {
		r.inbox.queue = nil
		r.inbox.any.Store(false)
	}
	return batch, r.place
}

// Place is up to where this node has read the log.
func (t *Tail) Place() sequence.Place {
	at, _ := t.place()
	return at
}
