package accounts

import (
	"context"
	"errors"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
)

// ChangePassword gives somebody another password and ends all their sessions but
// the one in which they do it.
type ChangePassword struct {
	Work     port.Work
	Terms    Terms
	Attempts *Attempts
	Verify   func(ctx context.Context, p identity.Password, hash string) (bool, error) // as of [SignIn]
	Hash     func(context.Context, identity.Password) (string, error)
}

// ChangePasswordCommand is the password that somebody has, and the one they want.
type ChangePasswordCommand struct {
	Who     identity.Caller
	Current string
	New     string
}

// Handle refuses whoever does not know the current password.
func (uc ChangePassword) Handle(ctx context.Context, cmd ChangePasswordCommand) error {
	user, old, err := uc.account(ctx, cmd.Who)
	if err != nil {
		return fmt.Errorf("change a password: %w", err)
	}
	current, err := identity.PresentedPassword(cmd.Current)
	if err != nil {
		return err
	}
	err = uc.Attempts.try(ctx, []counter{device(cmd.Who.Session)}, func() (bool, error) { return uc.Verify(ctx, current, old) })
	if err != nil {
		return fmt.Errorf("change a password: %w", err)
	}
	password, err := identity.ParsePassword(cmd.New, user.Email, user.Name)
	if err != nil {
		return err
	}
	hash, err := uc.Hash(ctx, password)
	if err != nil {
		return fmt.Errorf("hash a password: %w", err)
	}
	for more := true; more && err == nil; old = hash {
		more, err = uc.change(ctx, cmd.Who, user, old, hash)
	}
	if err != nil {
		return fmt.Errorf("change a password: %w", err)
	}
	return nil
}

// account is the user with the hash of their password; none if they have no
// address, and so no password.
func (uc ChangePassword) account(ctx context.Context, who identity.Caller) (user identity.User, hash string, err error) {
	err = uc.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		if user, err = v.Users.Get(ctx, who.User); err != nil || user.Email.IsZero() {
			return err
		}
		_, hash, err = v.Users.ByEmail(ctx, user.Email)
		return err
	})
	return user, hash, err
}

// change stores the new hash and ends the other sessions, as many as one step
// may; it reports whether there may be more of them.
func (uc ChangePassword) change(ctx context.Context, who identity.Caller, user identity.User, old, hash string) (more bool, err error) {
	err = uc.Terms.change(ctx, uc.Work, func(ctx context.Context, s port.Scope) (identity.UserID, []identity.SessionID, error) {
		living, err := s.Sessions.Living(ctx, user.ID, most)
		if err = errors.Join(s.Admit(ctx, who), unchanged(ctx, s.View, user, old), err); err != nil {
			return user.ID, nil, err
		}
		more = len(living) == most
		var others []identity.SessionID
		for _, session := range living {
			if session.ID != who.Session {
				others = append(others, session.ID)
			}
		}
		return user.ID, others, s.Access.SetPassword(ctx, user.ID, hash)
	})
	return more, err
}
