package contract_test

import (
	"context"
	"testing"
	"time"

	"parley/adapters/membus"
	"parley/application/contract"
	"parley/application/port"
	"parley/domain/sequence"
)

// A suite that lets a broken bus pass proves nothing.
func TestTheBusSuiteCatchesBrokenBuses(t *testing.T) {
	for _, broken := range []struct {
		is, breaks string
		open       func() contract.Buses
	}{
		{"rings its own node alone", "every node hears a ring, the one that rang too",
			func() contract.Buses { return contract.Buses{One: membus.New(), Other: membus.New()} }},
		{"listens a little later", "a node hears from when Listen has returned",
			func() contract.Buses { return both(listensLate{membus.New()}) }},
		{"loses what comes in a burst", "a burst is no error, and its furthest ring is heard",
			func() contract.Buses { return both(&losesBursts{Bus: membus.New()}) }},
		{"rings while the other hears", "ringing never waits for who hears",
			func() contract.Buses { return both(&ringsThrough{}) }},
		{"never stops to listen", "nothing is heard any more once stop has returned",
			func() contract.Buses { return both(neverStops{membus.New()}) }},
		{"stays broken", "a broken connection heals by itself",
			func() contract.Buses {
				bus := &breakable{Bus: membus.New()}
				return contract.Buses{One: bus, Other: bus, Break: func(context.Context) error { bus.broken = true; return nil }}
			}},
	} {
		t.Run(broken.is, func(t *testing.T) {
			t.Parallel() // most of them are caught by waiting in vain
			mustCatch(t, contract.BusPromises, broken.breaks, broken.open())
		})
	}
}

// mustCatch fails if the subject passes for one that keeps the promise.
func mustCatch[Subject any](t *testing.T, promises []contract.Promise[Subject], says string, subject Subject) {
	t.Helper()
	mustCatchWithin(t.Context(), t, promises, says, subject)
}

func mustCatchWithin[Subject any](ctx context.Context, t *testing.T, promises []contract.Promise[Subject], says string, subject Subject) {
	t.Helper()
	for _, promise := range promises {
		if promise.Says == says {
			if err := contract.Check(ctx, promise, subject); err == nil {
				t.Errorf("passes as keeping %q", says)
			}
			return
		}
	}
	t.Errorf("there is no promise %q", says)
}

func both(b port.Bus) contract.Buses { return contract.Buses{One: b, Other: b} }

type listensLate struct{ *membus.Bus }

func (b listensLate) Listen(heard func(sequence.Position)) (func(), error) {
	stop := make(chan func(), 1)
	time.AfterFunc(50*time.Millisecond, func() {
		s, _ := b.Bus.Listen(heard)
		stop <- s
	})
	return func() { (<-stop)() }, nil
}

type losesBursts struct {
	*membus.Bus
	rings int
}

func (b *losesBursts) Ring(upto sequence.Position) {
	if b.rings++; b.rings < 1000 {
		b.Bus.Ring(upto)
	}
}

type ringsThrough struct{ heard func(sequence.Position) }

func (b *ringsThrough) Ring(upto sequence.Position) { b.heard(upto) }

func (b *ringsThrough) Listen(heard func(sequence.Position)) (func(), error) {
	b.heard = heard
	return func() {}, nil
}

type neverStops struct{ *membus.Bus }

func (b neverStops) Listen(heard func(sequence.Position)) (func(), error) {
	_, err := b.Bus.Listen(heard)
	return func() {}, err
}

type breakable struct {
	*membus.Bus
	broken bool
}

func (b *breakable) Ring(upto sequence.Position) {
	if !b.broken {
		b.Bus.Ring(upto)
	}
}
