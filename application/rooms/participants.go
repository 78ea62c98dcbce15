package rooms

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/policy"
	"parley/domain/room"
)

// Participants lists who is in a room.
type Participants struct{ Work port.Work }

// ParticipantsQuery says whose participants are wanted, and by whom.
type ParticipantsQuery struct {
	Who   identity.Caller
	Room  room.ID
	After identity.UserID // the last one of the page before; zero for the first page
	Limit int
}

// Handle returns participants by ascending user ID.
func (uc Participants) Handle(ctx context.Context, q ParticipantsQuery) ([]room.Participant, error) {
	var people []room.Participant
	err := uc.Work.Look(ctx, func(ctx context.Context, v port.View) (err error) {
		if err = v.May(ctx, q.Who.User, policy.Read, q.Room); err != nil {
			return err
		}
		people, err = v.People.List(ctx, q.Room, q.After, q.Limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the participants of room %s: %w", q.Room, err)
	}
	return people, nil
}
