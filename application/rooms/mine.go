package rooms

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/sequence"
)

// Mine lists the rooms that somebody is in.
type Mine struct{ Work port.Work }

// MineQuery says whose rooms are wanted.
type MineQuery struct {
	Who   identity.Caller
	After port.Active // the last one of the page before; zero for the first page
	Limit int
}

// MinePage is a page of rooms with the place in the log that it shows: a stream
// from there on tells of everything that the page does not show.
type MinePage struct {
	Rooms []port.Seen
	Place sequence.Place
}

// Handle returns the rooms, most recently active first.
func (uc Mine) Handle(ctx context.Context, q MineQuery) (MinePage, error) {
	var page MinePage
	err := uc.Work.Look(ctx, func(ctx context.Context, v port.View) (err error) {
		page.Place = v.Head
		page.Rooms, err = v.Rooms.Mine(ctx, q.Who.User, q.After, q.Limit)
		return err
	})
	if err != nil {
		return MinePage{}, fmt.Errorf("list the rooms of user %s: %w", q.Who.User, err)
	}
	return page, nil
}
