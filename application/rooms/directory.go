package rooms

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
)

// Directory lists the public rooms.
type Directory struct{ Work port.Work }

// DirectoryQuery says which public rooms are wanted.
type DirectoryQuery struct {
	Who   identity.Caller
	Query identity.Query // zero: all
	After room.ID        // the last one of the page before; zero for the first page
	Limit int
}

// Handle returns public rooms by ascending ID.
func (uc Directory) Handle(ctx context.Context, q DirectoryQuery) ([]port.Listed, error) {
	var listed []port.Listed
	err := uc.Work.Look(ctx, func(ctx context.Context, v port.View) (err error) {
		listed, err = v.Rooms.Directory(ctx, q.Who.User, q.Query, q.After, q.Limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the directory: %w", err)
	}
	return listed, nil
}
