// Package rooms has what people do with rooms: opening, finding, entering and
// leaving them, and letting others in and out.
package rooms

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/policy"
	"parley/domain/room"
)

// Open opens a room, or finds the direct one that two people have already.
type Open struct{ Work port.Work }

// OpenCommand says what room is wanted.
type OpenCommand struct {
	Who    identity.Caller
	Kind   policy.Kind
	Name   room.Name // zero in a direct room
	Others []identity.UserID
}

// Opened is a room as who asked sees it.
type Opened struct {
	Seen port.Seen
	New  bool // it was not there before
}

// Handle returns the room.
func (uc Open) Handle(ctx context.Context, cmd OpenCommand) (Opened, error) {
	plan, err := room.Design(cmd.Kind, cmd.Name, cmd.Who.User, cmd.Others)
	if err != nil {
		return Opened{}, err
	}
	var opened Opened
	err = uc.Work.Change(ctx, func(ctx context.Context, s port.Scope) error {
		if err := s.Admit(ctx, cmd.Who); err != nil {
			return err
		}
		id, isNew, err := open(ctx, s, plan)
		if err != nil {
			return err
		}
		opened.New = isNew
		opened.Seen, err = s.Rooms.Get(ctx, id, cmd.Who.User)
		return err
	})
	if err != nil {
		return Opened{}, fmt.Errorf("open a room: %w", err)
	}
	return opened, nil
}

func open(ctx context.Context, s port.Scope, plan room.Plan) (id room.ID, isNew bool, err error) {
	missing, err := s.Users.Missing(ctx, plan.Others)
	if err != nil {
		return room.ID{}, false, err
	}
	if len(missing) > 0 {
		return room.ID{}, false, room.ErrUnknownPerson
	}
	if plan.Kind == policy.Direct {
		id, err = s.Rooms.Direct(ctx, plan.By, plan.Others[0])
		if err != nil || !id.IsZero() {
			return id, false, err
		}
	}
	id, err = s.Keeping.OpenRoom(ctx, plan, plan.By)
	return id, true, err
}
