package accounts

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
)

// Profile shows somebody their own account.
type Profile struct{ Work port.Work }

// Handle returns the caller's account.
func (uc Profile) Handle(ctx context.Context, who identity.Caller) (identity.User, error) {
	var user identity.User
	err := uc.Work.Look(ctx, func(ctx context.Context, v port.View) (err error) {
		user, err = v.Users.Get(ctx, who.User)
		return err
	})
	if err != nil {
		return identity.User{}, fmt.Errorf("show user %s: %w", who.User, err)
	}
	return user, nil
}
