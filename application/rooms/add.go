package rooms

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
)

// Add puts somebody into a room.
type Add struct{ Work port.Work }

// AddCommand says who is to be in which room, and as what.
type AddCommand struct {
	Who  identity.Caller
	Room room.ID
	Whom identity.UserID
	Role room.Role
}

// Added is somebody who is in a room.
type Added struct {
	Participant room.Participant
	New         bool // they were not in it before
}

// Handle returns the participant. Somebody who is in already keeps their role.
func (uc Add) Handle(ctx context.Context, cmd AddCommand) (Added, error) {
	var added Added
	var err error
	added.New, err = change(ctx, uc.Work, cmd.Who, cmd.Room, cmd.Whom,
		func(c room.Circle) ([]room.Change, error) { return c.Add(cmd.Role) },
		participant(cmd.Room, cmd.Whom, &added.Participant))
	if err != nil {
		return Added{}, fmt.Errorf("add a participant: %w", err)
	}
	return added, nil
}
