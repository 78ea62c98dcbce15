package accounts

import (
	"context"
	"fmt"
	"time"

	"parley/application/port"
	"parley/domain/identity"
)

// Admit finds out from the store whether somebody's session lasts.
type Admit struct {
	Work port.Work
	Life identity.Life
}

// Handle returns when the session ends by itself (zero: never), or
// identity.ErrSessionEnded if somebody has ended it.
func (uc Admit) Handle(ctx context.Context, who identity.Caller) (end time.Time, err error) {
	err = uc.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		session, err := v.Users.Session(ctx, who.Session)
		if err != nil {
			return err
		}
		end = session.End(uc.Life)
		return session.Admit(who.User)
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("admit user %s: %w", who.User, err)
	}
	return end, nil
}
