package rooms

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
)

// settle keeps what decide makes of a room as who asks sees it.
func settle(ctx context.Context, work port.Work, who identity.Caller, in room.ID,
	decide func(port.Seen) ([]room.Change, error), after func(context.Context, port.View) error,
) error {
	err := work.Change(ctx, func(ctx context.Context, s port.Scope) error {
		if err := s.Admit(ctx, who); err != nil {
			return err
		}
		seen, err := s.Rooms.Get(ctx, in, who.User)
		if err != nil {
			return err
		}
		changes, err := decide(seen)
		if err != nil {
			return err
		}
		if err := s.Keeping.Keep(ctx, in, who.User, changes); err != nil {
			return err
		}
		return after(ctx, s.View)
	})
	if err != nil {
		return fmt.Errorf("room %s: %w", in, err)
	}
	return nil
}
