package rooms

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
)

// Remove takes somebody out of a room: an admin somebody else, or everybody
// themselves.
type Remove struct{ Work port.Work }

// RemoveCommand says who is to be out of which room.
type RemoveCommand struct {
	Who  identity.Caller
	Room room.ID
	Whom identity.UserID
}

// Handle returns nil when they are out.
func (uc Remove) Handle(ctx context.Context, cmd RemoveCommand) error {
	_, err := change(ctx, uc.Work, cmd.Who, cmd.Room, cmd.Whom, room.Circle.Remove, nothing)
	if err != nil {
		return fmt.Errorf("remove a participant: %w", err)
	}
	return nil
}
