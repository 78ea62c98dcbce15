package rooms

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
)

// change keeps what decide makes of a room's circle: its changes, and the
// entries of the log that tell of them. It reports whether anything changed, and
// afterwards runs after in the same step.
func change(ctx context.Context, work port.Work, who identity.Caller, in room.ID, about identity.UserID,
	decide func(room.Circle) ([]room.Change, error), after func(context.Context, port.View) error,
) (changed bool, err error) {
	err = work.Change(ctx, func(ctx context.Context, s port.Scope) error {
		if err := s.Admit(ctx, who); err != nil {
			return err
		}
		circle, err := s.People.Circle(ctx, in, who.User, about)
		if err != nil {
			return err
		}
		changes, err := decide(circle)
		if err != nil {
			return err
		}
		changed = len(changes) > 0
		if err := s.Keeping.Keep(ctx, in, who.User, changes); err != nil {
			return err
		}
		return after(ctx, s.View)
	})
	if err != nil {
		return false, fmt.Errorf("room %s: %w", in, err)
	}
	return changed, nil
}

// participant reads a participant into p.
func participant(in room.ID, who identity.UserID, p *room.Participant) func(context.Context, port.View) error {
	return func(ctx context.Context, v port.View) (err error) {
		*p, err = v.People.Get(ctx, in, who)
		return err
	}
}

func nothing(context.Context, port.View) error { return nil }
