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

// Show shows a room to somebody who is in it.
type Show struct{ Work port.Work }

// ShowQuery says which room is wanted, and by whom.
type ShowQuery struct {
	Who  identity.Caller
	Room room.ID
}

// Shown is a room with the place in the log that it shows: a stream from there on
// tells of every later change.
type Shown struct {
	port.Seen
	Place sequence.Place
}

// Handle returns the room as the caller sees it.
func (uc Show) Handle(ctx context.Context, q ShowQuery) (Shown, error) {
	var seen Shown
	err := uc.Work.Look(ctx, func(ctx context.Context, v port.View) (err error) {
		seen.Place = v.Head
		if err = v.May(ctx, q.Who.User, policy.Read, q.Room); err != nil {
			return err
		}
		seen.Seen, err = v.Rooms.Get(ctx, q.Room, q.Who.User)
		return err
	})
	if err != nil {
		return Shown{}, fmt.Errorf("show room %s: %w", q.Room, err)
	}
	return seen, nil
}
