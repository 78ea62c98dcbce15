package rooms

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
)

// ChangeRole gives a participant another role.
type ChangeRole struct{ Work port.Work }

// ChangeRoleCommand says who is to be what in which room.
type ChangeRoleCommand struct {
	Who  identity.Caller
	Room room.ID
	Whom identity.UserID
	Role room.Role
}

// Handle returns the participant as they are then.
func (uc ChangeRole) Handle(ctx context.Context, cmd ChangeRoleCommand) (room.Participant, error) {
	var changed room.Participant
	_, err := change(ctx, uc.Work, cmd.Who, cmd.Room, cmd.Whom,
		func(c room.Circle) ([]room.Change, error) { return c.ChangeRole(cmd.Role) },
		participant(cmd.Room, cmd.Whom, &changed))
	if err != nil {
		return room.Participant{}, fmt.Errorf("change a role: %w", err)
	}
	return changed, nil
}
