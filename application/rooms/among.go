package rooms

import (
	"context"
	"errors"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/policy"
	"parley/domain/room"
)

// Among tells which rooms somebody is in, of some or of all.
type Among struct{ Work port.Work }

// AmongQuery says whose rooms are wanted.
type AmongQuery struct {
	Who   identity.Caller
	Of    []room.ID // nil: of all
	Limit int       // of all: so many, the most recently active ones
}

// Handle returns the rooms. What the caller is not in is left out like what is not
// there.
func (uc Among) Handle(ctx context.Context, q AmongQuery) ([]room.ID, error) {
	var in []room.ID
	err := uc.Work.Look(ctx, func(ctx context.Context, v port.View) (err error) {
		in, err = q.find(ctx, v)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find rooms of user %s: %w", q.Who.User, err)
	}
	return in, nil
}

func (q AmongQuery) find(ctx context.Context, v port.View) ([]room.ID, error) {
	var in []room.ID
	if q.Of == nil {
		mine, err := v.Rooms.Mine(ctx, q.Who.User, port.Active{}, q.Limit)
		for _, seen := range mine {
			in = append(in, seen.Room.ID)
		}
		return in, err
	}
	for _, id := range q.Of {
		err := v.May(ctx, q.Who.User, policy.Read, id)
		if errors.Is(err, policy.ErrNotThere) {
			continue
		}
		if err != nil {
			return nil, err
		}
		in = append(in, id)
	}
	return in, nil
}
