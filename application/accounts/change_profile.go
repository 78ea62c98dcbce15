package accounts

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
)

// ChangeProfile changes how somebody appears to others.
type ChangeProfile struct{ Work port.Work }

// ChangeProfileCommand says what changes; what is nil stays.
type ChangeProfileCommand struct {
	Who            identity.Caller
	Name           *identity.DisplayName
	PresenceHidden *bool
}

// Handle returns the account as it is then.
func (uc ChangeProfile) Handle(ctx context.Context, cmd ChangeProfileCommand) (identity.User, error) {
	var user identity.User
	err := uc.Work.Change(ctx, func(ctx context.Context, s port.Scope) (err error) {
		if err = s.Admit(ctx, cmd.Who); err != nil {
			return err
		}
		if user, err = s.Users.Get(ctx, cmd.Who.User); err != nil {
			return err
		}
		if cmd.Name != nil {
			user.Name = *cmd.Name
		}
		if cmd.PresenceHidden != nil {
			user.PresenceHidden = *cmd.PresenceHidden
		}
		return s.Keeping.SaveUser(ctx, user)
	})
	if err != nil {
		return identity.User{}, fmt.Errorf("change user %s: %w", cmd.Who.User, err)
	}
	return user, nil
}
