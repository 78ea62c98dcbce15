package contract

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"parley/application/port"
	"parley/domain/sequence"
)

// Buses are the nodes of one bus. Each of the two reaches both.
type Buses struct {
	One, Other port.Bus

	// Break cuts the other node's connection, which it makes again by itself; nil
	// where there is none to cut.
	Break func(ctx context.Context) error
}

// Bus checks a bus. Open returns two of its nodes, which t cleans up.
func Bus(t *testing.T, open func(*testing.T) Buses, exempt ...Exempt) {
	t.Helper()
	run(t, BusPromises, open, exempt)
}

// BusPromises is what every port.Bus promises.
var BusPromises = []Promise[Buses]{
	{
		Says: "every node hears a ring, the one that rang too",
		Why:  "messages would come only with the next slow look at the log",
		Keep: everyNodeHears,
	},
	{
		Says: "a node hears from when Listen has returned",
		Why:  "a message that is sent just after the start would come late",
		Keep: hearsFromListen,
	},
	{
		Says: "a burst is no error, and its furthest ring is heard",
		Why:  "in the busiest moment messages would come late",
		Keep: burstIsHeard,
	},
	{
		Says: "ringing never waits for who hears",
		Why:  "one slow node would hold up everybody who writes",
		Keep: ringingNeverWaits,
	},
	{
		Says: "nothing is heard any more once stop has returned",
		Why:  "a node that stops would be woken when it is gone",
		Keep: stopStops,
	},
	{
		Says: "a broken connection heals by itself",
		Why:  "after one hiccup all messages would come late, for ever",
		Keep: connectionHeals,
	},
}

// ear hears the rings of one node.
type ear struct{ heard chan sequence.Position }

func listen(b port.Bus) (ear, func(), error) {
	e := ear{make(chan sequence.Position, 1<<17)}
	stop, err := b.Listen(func(upto sequence.Position) { e.heard <- upto })
	return e, stop, err
}

// await waits until a ring of at least upto is heard, and refuses any further
// one than was rung.
func (e ear) await(ctx context.Context, upto sequence.Position) error {
	for {
		select {
		case heard := <-e.heard:
			if heard > upto {
				return fmt.Errorf("heard %d, which nobody rang: the furthest was %d", heard, upto)
			}
			if heard == upto {
				return nil
			}
		case <-ctx.Done():
			return fmt.Errorf("did not hear %d: %w", upto, ctx.Err())
		}
	}
}

// bothListen listens on both nodes.
func bothListen(b Buses) (one, other ear, stop func(), err error) {
	one, stopOne, err := listen(b.One)
	if err != nil {
		return one, other, nil, err
	}
	other, stopOther, err := listen(b.Other)
	if err != nil {
		stopOne()
		return one, other, nil, err
	}
	return one, other, func() { stopOne(); stopOther() }, nil
}

// hearing is how long a ring may take. It is only ever used up by a bus that
// does not carry it.
const hearing = 3 * time.Second

func everyNodeHears(ctx context.Context, b Buses) error {
	one, other, stop, err := bothListen(b)
	if err != nil {
		return err
	}
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, hearing)
	defer cancel()
	b.One.Ring(7)
	if err := errors.Join(one.await(ctx, 7), other.await(ctx, 7)); err != nil {
		return err
	}
	b.Other.Ring(8)
	return errors.Join(one.await(ctx, 8), other.await(ctx, 8))
}

func hearsFromListen(ctx context.Context, b Buses) error {
	for upto := range sequence.Position(20) {
		e, stop, err := listen(b.Other)
		if err != nil {
			return err
		}
		b.One.Ring(upto + 1)
		waiting, cancel := context.WithTimeout(ctx, hearing)
		err = e.await(waiting, upto+1)
		cancel()
		stop()
		if err != nil {
			return fmt.Errorf("listened, then rang: %w", err)
		}
	}
	return nil
}

func burstIsHeard(ctx context.Context, b Buses) error {
	const rings = 20_000
	_, other, stop, err := bothListen(b)
	if err != nil {
		return err
	}
	defer stop()
	for upto := range sequence.Position(rings) {
		b.One.Ring(upto + 1)
	}
	ctx, cancel := context.WithTimeout(ctx, hearing)
	defer cancel()
	return other.await(ctx, rings)
}

func ringingNeverWaits(ctx context.Context, b Buses) error {
	release := make(chan struct{})
	stop, err := b.One.Listen(func(sequence.Position) { <-release })
	if err != nil {
		return err
	}
	defer stop()
	defer close(release)
	rung := make(chan struct{})
	go func() {
		defer close(rung)
		for upto := range sequence.Position(5000) {
			b.One.Ring(upto + 1)
		}
	}()
	select {
	case <-rung:
		return nil
	case <-time.After(hearing):
		return errors.New("ringing waits for a node that does not hear")
	case <-ctx.Done():
		return ctx.Err()
	}
}

func stopStops(ctx context.Context, b Buses) error {
	e, stop, err := listen(b.Other)
	if err != nil {
		return err
	}
	stop()
	fence, stopFence, err := listen(b.Other)
	if err != nil {
		return err
	}
	defer stopFence()
	ctx, cancel := context.WithTimeout(ctx, hearing)
	defer cancel()
	// Rings for longer than one that still listens can be slow to hear.
	for upto, began := sequence.Position(1), time.Now(); time.Since(began) < 300*time.Millisecond; upto++ {
		b.One.Ring(upto)
		if err := fence.await(ctx, upto); err != nil {
			return err
		}
	}
	select {
	case upto := <-e.heard:
		return fmt.Errorf("heard %d after it had stopped to listen", upto)
	default:
		return nil
	}
}

func connectionHeals(ctx context.Context, b Buses) error {
	if b.Break == nil {
		return nil // there is no connection
	}
	_, other, stop, err := bothListen(b)
	if err != nil {
		return err
	}
	defer stop()
	if err := b.Break(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, hearing)
	defer cancel()
	for upto := sequence.Position(1); ; upto++ {
		b.One.Ring(upto)
		waiting, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		err := other.await(waiting, upto)
		cancel()
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
}
