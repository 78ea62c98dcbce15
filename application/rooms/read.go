package rooms

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// Read notes up to where somebody has read a room.
type Read struct{ Work port.Work }

// ReadCommand says who has read which room up to where.
type ReadCommand struct {
	Who  identity.Caller
	Room room.ID
	Upto sequence.Number
}

// Handle returns nil when that is noted. Most devices tell what is known already,
// which costs no more than a look.
func (uc Read) Handle(ctx context.Context, cmd ReadCommand) error {
	moves := false
	err := uc.Work.Look(ctx, func(ctx context.Context, v port.View) (err error) {
		_, moves, err = readTo(ctx, v, cmd)
		return err
	})
	if err == nil && moves {
		err = uc.Work.Change(ctx, func(ctx context.Context, s port.Scope) error {
			if err := s.Admit(ctx, cmd.Who); err != nil {
				return err
			}
			upto, moves, err := readTo(ctx, s.View, cmd)
			if err != nil || !moves {
				return err
			}
			return s.Revising.MarkRead(ctx, cmd.Room, cmd.Who.User, upto)
		})
	}
	if err != nil {
		return fmt.Errorf("read room %s: %w", cmd.Room, err)
	}
	return nil
}

// readTo is where the read mark stands once this is noted, and whether that is
// somewhere else than now.
func readTo(ctx context.Context, v port.View, cmd ReadCommand) (upto sequence.Number, moves bool, err error) {
	seen, err := v.Rooms.Get(ctx, cmd.Room, cmd.Who.User)
	if err != nil {
		return 0, false, err
	}
	if err := policy.Check(seen.Standing, policy.Read, seen.Room.Kind); err != nil {
		return 0, false, err
	}
	upto = seen.Room.ReadTo(seen.ReadSequence, cmd.Upto)
	return upto, upto != seen.ReadSequence, nil
}
