package rooms

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/policy"
	"parley/domain/room"
)

// Show shows a room to somebody who is in it.
type Show struct{ Work port.Work }

// ShowQuery says which room is wanted, and by whom.
type ShowQuery struct {
	Who  identity.Caller
	Room room.ID
}

// Handle returns the room as the caller sees it.
func (uc Show) Handle(ctx context.Context, q ShowQuery) (port.Seen, error) {
	var seen port.Seen
	err := uc.Work.Look(ctx, func(ctx context.Context, v port.View) (err error) {
		if err = v.May(ctx, q.Who.User, policy.Read, q.Room); err != nil {
			return err
		}
		seen, err = v.Rooms.Get(ctx, q.Room, q.Who.User)
		return err
	})
	if err != nil {
		return port.Seen{}, fmt.Errorf("show room %s: %w", q.Room, err)
	}
	return seen, nil
}
