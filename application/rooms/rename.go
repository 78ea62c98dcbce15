package rooms

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
	"parley/domain/sequence"
)

// Rename gives a room another name.
type Rename struct{ Work port.Work }

// RenameCommand says who wants which room to be called what.
type RenameCommand struct {
	Who      identity.Caller
	Room     room.ID
	Name     room.Name
	Expected sequence.Expected
}

// Handle returns the room as it is then.
func (uc Rename) Handle(ctx context.Context, cmd RenameCommand) (port.Seen, error) {
	var renamed port.Seen
	err := settle(ctx, uc.Work, cmd.Who, cmd.Room,
		func(seen port.Seen) ([]room.Change, error) {
			return seen.Room.Rename(seen.Standing, cmd.Name, cmd.Expected)
		},
		func(ctx context.Context, v port.View) (err error) {
			renamed, err = v.Rooms.Get(ctx, cmd.Room, cmd.Who.User)
			return err
		})
	if err != nil {
		return port.Seen{}, fmt.Errorf("rename: %w", err)
	}
	return renamed, nil
}
