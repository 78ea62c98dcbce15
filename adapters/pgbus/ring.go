package pgbus

import (
	"context"
	"strconv"
	"sync"

	"parley/domain/sequence"
)

// latestRing remembers the furthest ring that nobody has taken yet.
type latestRing struct {
	signal chan struct{}

	mu   sync.Mutex
	upto sequence.Position
}

func newLatestRing() *latestRing { return &latestRing{signal: make(chan struct{}, 1)} }

// ring never waits.
func (r *latestRing) ring(upto sequence.Position) {
	r.mu.Lock()
	r.upto = max(r.upto, upto)
	r.mu.Unlock()
	select {
	case r.signal <- struct{}{}:
	default:
	}
}

// wait waits for a ring, and takes the furthest; false if ctx has ended.
func (r *latestRing) wait(ctx context.Context) (upto sequence.Position, ok bool) {
	for {
		select {
		case <-r.signal:
		case <-ctx.Done():
			return 0, false
		}
		if upto := r.take(); upto > 0 {
			return upto, true
		}
	}
}

func (r *latestRing) take() (upto sequence.Position) {
	r.mu.Lock()
	defer r.mu.Unlock()
	upto, r.upto = r.upto, 0
	return upto
}

// listener tells one who listens, as fast as they hear and no faster.
type listener struct {
	rung *latestRing
	stop func()
}

func newListener(heard func(sequence.Position)) *listener {
	ctx, cancel := context.WithCancel(context.Background())
	l := &listener{rung: newLatestRing()}
	done := make(chan struct{})
	l.stop = func() {
		cancel()
		<-done
	}
	go func() {
		defer close(done)
		for {
			upto, ok := l.rung.wait(ctx)
			if !ok {
				return
			}
			heard(upto)
		}
	}()
	return l
}

// write is a ring as it travels.
func write(upto sequence.Position) string { return strconv.FormatInt(int64(upto), 10) }

// read reads what write has written. Anybody who can connect to the database can
// notify, so whatever else comes is not looked at.
func read(payload string) (upto sequence.Position, ok bool) {
	n, err := strconv.ParseInt(payload, 10, 64)
	return sequence.Position(n), err == nil && n >= 0
}
