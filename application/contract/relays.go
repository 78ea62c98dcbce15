package contract

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"parley/application/port"
	"parley/domain/policy"
	"parley/domain/sequence"
)

// RelaysSubject is what two nodes of one store know of relays.
type RelaysSubject struct {
	StoreSubject

	One, Other port.Relays

	// Lose takes away all turns that nodes have, as a network does that is cut or a
	// node that is stopped; nil where nothing can be lost but the whole store.
	Lose func(ctx context.Context) error
}

// Relays checks what a store knows of relays. Open is as for [Store].
func Relays(t *testing.T, open func(*testing.T) RelaysSubject, exempt ...Exempt) {
	t.Helper()
	run(t, RelaysPromises, open, exempt)
}

// RelaysPromises is what every port.Relays promises.
var RelaysPromises = []Promise[RelaysSubject]{
	{
		Says: "the relay to a hub begins at the head of the log, once",
		Why:  "a new hub would be flooded with what was said long ago, or what was said in a restart would never come",
		Keep: relayBeginsOnce,
	},
	{
		Says: "a turn goes on where the one before it kept",
		Why:  "after a crash what was said meanwhile would never come",
		Keep: turnGoesOn,
	},
	{
		Says: "one node at a time has a turn",
		Why:  "two would hand on the same things, each in its own order",
		Keep: oneTurnAtATime,
	},
	{
		Says: "whose turn is over keeps nothing any more",
		Why:  "who was stopped for long would put the place back, or on over what nobody handed on",
		Keep: overIsOver,
	},
	{
		Says: "a turn that is lost is over, and somebody else gets one",
		Why:  "with one node that hangs nothing would come any more",
		Keep: lostIsOver,
	},
}

const aHub, anotherHub = "https://hub.example.org/.well-known/mercure", "https://hub.example.com/hub"

func relayBeginsOnce(ctx context.Context, s RelaysSubject) error {
	for _, hub := range []string{aHub, anotherHub} {
		head, err := s.somethingHappens(ctx)
		if err != nil {
			return err
		}
		if err := s.One.BeginRelay(ctx, hub); err != nil {
			return err
		}
		if _, err := s.somethingHappens(ctx); err != nil {
			return err
		}
		if err := s.Other.BeginRelay(ctx, hub); err != nil {
			return err
		}
		if err := s.goesOnAt(ctx, hub, head); err != nil {
			return err
		}
	}
	return nil
}

// somethingHappens logs an entry, and returns its place.
func (s RelaysSubject) somethingHappens(ctx context.Context) (sequence.Place, error) {
	who, err := s.settle(ctx, "Ben")
	if err != nil {
		return sequence.Place{}, err
	}
	if _, err := s.open(ctx, policy.Group, "Hall", who); err != nil {
		return sequence.Place{}, err
	}
	return s.Log.Head(ctx)
}

// take begins a turn, which must be had.
func take(ctx context.Context, r port.Relays, hub string) (port.RelayTurn, error) {
	turn, had, err := r.TakeRelay(ctx, hub)
	if err == nil && !had {
		err = errors.New("somebody has a turn that has ended, or never was")
	}
	return turn, err
}

func (s RelaysSubject) goesOnAt(ctx context.Context, hub string, want sequence.Place) error {
	turn, err := take(ctx, s.Other, hub)
	if err != nil {
		return err
	}
	defer turn.End()
	if got := turn.Upto(); got != want {
		return fmt.Errorf("the turn goes on at %v, want %v", got, want)
	}
	return nil
}

func turnGoesOn(ctx context.Context, s RelaysSubject) error {
	if err := errors.Join(s.One.BeginRelay(ctx, aHub), s.One.BeginRelay(ctx, anotherHub)); err != nil {
		return err
	}
	began, err := s.Log.Head(ctx)
	if err != nil {
		return err
	}
	for n := range 3 {
		turn, err := take(ctx, s.One, aHub)
		if err != nil {
			return err
		}
		place := sequence.Place{Position: sequence.Position(n + 1), Mark: sequence.Mark(0xffff_ff00 + n)}
		if err := turn.Keep(ctx, place); err != nil {
			return err
		}
		turn.End()
		if err := s.goesOnAt(ctx, aHub, place); err != nil {
			return err
		}
	}
	return s.goesOnAt(ctx, anotherHub, began)
}

func oneTurnAtATime(ctx context.Context, s RelaysSubject) error {
	if err := errors.Join(s.One.BeginRelay(ctx, aHub), s.One.BeginRelay(ctx, anotherHub)); err != nil {
		return err
	}
	turn, err := take(ctx, s.One, aHub)
	if err != nil {
		return err
	}
	for _, r := range []port.Relays{s.One, s.Other} {
		if _, had, err := r.TakeRelay(ctx, aHub); err != nil || had {
			return fmt.Errorf("a second turn at the same time: %t, %w", had, err)
		}
	}
	elsewhere, err := take(ctx, s.Other, anotherHub)
	if err != nil {
		return fmt.Errorf("the relay to another hub: %w", err)
	}
	defer elsewhere.End()
	if err := turn.Lasts(ctx); err != nil {
		return err
	}
	turn.End()
	next, err := take(ctx, s.Other, aHub)
	if err != nil {
		return err
	}
	next.End()
	return nil
}

func overIsOver(ctx context.Context, s RelaysSubject) error {
	if err := s.One.BeginRelay(ctx, aHub); err != nil {
		return err
	}
	former, err := take(ctx, s.One, aHub)
	if err != nil {
		return err
	}
	former.End()
	turn, err := take(ctx, s.Other, aHub)
	if err != nil {
		return err
	}
	place := sequence.Place{Position: 7, Mark: 8}
	if err := turn.Keep(ctx, place); err != nil {
		return err
	}
	if err := former.Keep(ctx, sequence.Place{Position: 1, Mark: 1}); !errors.Is(err, port.ErrTurnOver) {
		return fmt.Errorf("keeping a place in a turn that is over: got %w, want %w", err, port.ErrTurnOver)
	}
	former.End() // again: it is nobody else's
	if err := turn.Lasts(ctx); err != nil {
		return err
	}
	turn.End()
	return s.goesOnAt(ctx, aHub, place)
}

func lostIsOver(ctx context.Context, s RelaysSubject) error {
	if s.Lose == nil {
		return nil // nothing can be lost
	}
	if err := s.One.BeginRelay(ctx, aHub); err != nil {
		return err
	}
	lost, err := take(ctx, s.One, aHub)
	if err != nil {
		return err
	}
	if err := s.Lose(ctx); err != nil {
		return err
	}
	turn, err := take(ctx, s.Other, aHub)
	if err != nil {
		return err
	}
	defer turn.End()
	if err := lost.Lasts(ctx); !errors.Is(err, port.ErrTurnOver) {
		return fmt.Errorf("a turn that is lost: got %w, want %w", err, port.ErrTurnOver)
	}
	if err := lost.Keep(ctx, sequence.Place{}); !errors.Is(err, port.ErrTurnOver) {
		return fmt.Errorf("keeping a place in a turn that is lost: got %w, want %w", err, port.ErrTurnOver)
	}
	lost.End()
	return turn.Lasts(ctx)
}
