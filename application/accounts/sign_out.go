package accounts

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
)

// SignOut ends the session of whoever asks for it.
type SignOut struct {
	Work  port.Work
	Terms Terms
}

// SignOutCommand says whose session is to end, by one of the two.
type SignOutCommand struct {
	Who     identity.Caller
	Renewal identity.Renewal // of the session, used or not; it counts where there is no Who
}

// Handle ends the session.
func (uc SignOut) Handle(ctx context.Context, cmd SignOutCommand) error {
	err := uc.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		_, err := uc.session(ctx, v, cmd)
		return err
	})
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	err = uc.Terms.change(ctx, uc.Work, func(ctx context.Context, s port.Scope) (identity.UserID, []identity.SessionID, error) {
		session, err := uc.session(ctx, s.View, cmd)
		return session.User, []identity.SessionID{session.ID}, err
	})
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// session is the one that ends, if it has not.
func (uc SignOut) session(ctx context.Context, v port.View, cmd SignOutCommand) (session identity.Session, err error) {
	if cmd.Who != (identity.Caller{}) {
		session, err = v.Users.Session(ctx, cmd.Who.Session)
	} else {
		session, err = uc.Terms.genuine(ctx, v, cmd.Renewal)
		cmd.Who.User = session.User
	}
	if err != nil {
		return identity.Session{}, err
	}
	return session, session.Admit(cmd.Who.User)
}
