package rooms

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
	"parley/domain/sequence"
)

// Delete ends a room. From then on it is there for nobody; its messages are taken
// away later, by [Sweep].
type Delete struct{ Work port.Work }

// DeleteCommand says who wants which room to end.
type DeleteCommand struct {
	Who      identity.Caller
	Room     room.ID
	Expected sequence.Expected
}

// Handle returns nil when the room is gone.
func (uc Delete) Handle(ctx context.Context, cmd DeleteCommand) error {
	err := settle(ctx, uc.Work, cmd.Who, cmd.Room, func(seen port.Seen) ([]room.Change, error) {
		return seen.Room.End(seen.Standing, cmd.Expected)
	}, nothing)
	if err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}
