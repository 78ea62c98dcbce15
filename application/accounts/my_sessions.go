package accounts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"parley/application/port"
	"parley/domain/identity"
)

// MySessions shows somebody where they are signed in.
type MySessions struct {
	Work port.Work
	Now  func() time.Time
	Life identity.Life
}

// Handle returns the sessions that last, by ascending ID.
func (uc MySessions) Handle(ctx context.Context, who identity.Caller) ([]identity.Session, error) {
	var sessions []identity.Session
	err := uc.Work.Look(ctx, func(ctx context.Context, v port.View) (err error) {
		sessions, err = v.Sessions.Living(ctx, who.User, most)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the sessions of user %s: %w", who.User, err)
	}
	now := uc.Now()
	sessions = slices.DeleteFunc(sessions, func(s identity.Session) bool { return s.Over(uc.Life, now) })
	slices.SortFunc(sessions, func(a, b identity.Session) int {
		if a.ID.Less(b.ID) {
			return -1
		}
		return 1
	})
	return sessions, nil
}
