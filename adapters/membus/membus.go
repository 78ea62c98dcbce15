// Package membus carries rings between the parts of one process.
package membus

import (
	"sync"

	"parley/domain/sequence"
)

// Bus is a bus for the nodes of one process, usually one.
type Bus struct {
	mu        sync.Mutex
	listeners map[*listener]bool
}

// New returns a bus that nobody listens to yet.
func New() *Bus { return &Bus{listeners: make(map[*listener]bool)} }

// Ring tells everybody who listens.
func (b *Bus) Ring(upto sequence.Position) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for l := range b.listeners {
		l.ring(upto)
	}
}

// Listen calls heard, on a goroutine of its own, until stop has returned.
func (b *Bus) Listen(heard func(sequence.Position)) (stop func(), err error) {
	l := &listener{rung: make(chan struct{}, 1), done: make(chan struct{})}
	b.mu.Lock()
	b.listeners[l] = true
	b.mu.Unlock()
	go l.run(heard)
	return sync.OnceFunc(func() {
		b.mu.Lock()
		delete(b.listeners, l)
		close(l.rung)
		b.mu.Unlock()
		<-l.done
	}), nil
}

// listener remembers the furthest ring that has not been heard yet.
type listener struct {
	rung chan struct{}
	done chan struct{}

	mu   sync.Mutex
	upto sequence.Position
}

func (l *listener) ring(upto sequence.Position) {
	l.mu.Lock()
	l.upto = max(l.upto, upto)
	l.mu.Unlock()
	select {
	case l.rung <- struct{}{}:
	default:
	}
}

func (l *listener) run(heard func(sequence.Position)) {
	defer close(l.done)
	for range l.rung {
		l.mu.Lock()
		upto := l.upto
		l.mu.Unlock()
		heard(upto)
	}
}
