package contract

import (
	"context"

	"parley/application/port"
	"parley/domain/sequence"
)

func readMarksAreKept(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	for range 3 {
		if _, err := s.say(ctx, h.ada, h.in, "hello", ""); err != nil {
			return err
		}
	}
	err = s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) error {
		return scope.Revising.MarkRead(ctx, h.in, h.ben.User, 2)
	})
	if err != nil {
		return err
	}
	bens, err := s.seen(ctx, h.in, h.ben)
	if err != nil {
		return err
	}
	adas, err := s.seen(ctx, h.in, h.ada)
	if err != nil {
		return err
	}
	head, err := s.Log.Head(ctx)
	if err != nil {
		return err
	}
	return first(
		func() error { return expect("the mark of who has read", bens.ReadSequence, sequence.Number(2)) },
		func() error { return expect("the mark of another", adas.ReadSequence, sequence.Number(3)) },
		func() error { return expect("the head of the log", head.Position, sequence.Position(4)) },
	)
}
