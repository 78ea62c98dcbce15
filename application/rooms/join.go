package rooms

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
)

// Join lets somebody into a public room.
type Join struct{ Work port.Work }

// JoinCommand says who wants to be in which room.
type JoinCommand struct {
	Who  identity.Caller
	Room room.ID
}

// Handle returns the caller as a participant. Joining again changes nothing.
func (uc Join) Handle(ctx context.Context, cmd JoinCommand) (room.Participant, error) {
	var joined room.Participant
	_, err := change(ctx, uc.Work, cmd.Who, cmd.Room, cmd.Who.User,
		room.Circle.Join, participant(cmd.Room, cmd.Who.User, &joined))
	if err != nil {
		return room.Participant{}, fmt.Errorf("join: %w", err)
	}
	return joined, nil
}
