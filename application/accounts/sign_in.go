package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/application/port"
	"parley/domain/identity"
)

// SignIn starts a session for whoever knows the password.
type SignIn struct {
	Work  port.Work
	Terms Terms

	// Verify reports whether the hash is the password's. An empty hash is
	// nobody's; comparing with it takes as long as with any other.
	Verify func(ctx context.Context, p identity.Password, hash string) (bool, error)
}

// SignInCommand is what somebody presents.
type SignInCommand struct {
	Email     string
	Password  string
	UserAgent string
}

// SignedIn is a user with their session.
type SignedIn struct {
	User    identity.User
	Session identity.Session
	Renewal identity.Renewal // to go on with it
	Until   time.Time        // it ends by itself then; zero: never
}

// Handle returns the session. Whether it was the address or the password that is
// wrong shows neither in the answer nor in the time that it takes.
func (uc SignIn) Handle(ctx context.Context, cmd SignInCommand) (SignedIn, error) {
	password, err := identity.PresentedPassword(cmd.Password)
	if err != nil {
		return SignedIn{}, err
	}
	user, hash, err := uc.account(ctx, cmd.Email)
	if err != nil {
		return SignedIn{}, fmt.Errorf("sign in: %w", err)
	}
	ok, err := uc.Verify(ctx, password, hash)
	if err != nil {
		return SignedIn{}, fmt.Errorf("sign in: %w", err)
	}
	if !ok {
		return SignedIn{}, identity.ErrCredentials
	}
	session, err := uc.Terms.Begin(ctx, uc.Work, cmd.UserAgent, func(ctx context.Context, v port.View) (identity.UserID, error) {
		return user.ID, unchanged(ctx, v, user, hash)
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("sign in: %w", err)
	}
	return uc.Terms.signedIn(user, session), nil
}

func (t Terms) signedIn(user identity.User, session identity.Session) SignedIn {
	return SignedIn{User: user, Session: session, Renewal: t.Issue(session), Until: session.End(t.Life)}
}

// unchanged returns nil if the user's password is the one with this hash now,
// else identity.ErrCredentials: who changes it ends what was begun with the old
// one, and nothing must be begun with that afterwards.
func unchanged(ctx context.Context, v port.View, user identity.User, hash string) error {
	_, now, err := v.Users.ByEmail(ctx, user.Email)
	switch {
	case errors.Is(err, identity.ErrUnknownUser) || err == nil && now != hash:
		return identity.ErrCredentials
	default:
		return err
	}
}

// account is the user with this address; the zero user and no hash if there is
// none.
func (uc SignIn) account(ctx context.Context, email string) (user identity.User, hash string, err error) {
	address, err := identity.ParseEmail(email)
	if err != nil {
		return identity.User{}, "", nil // nobody has such an address
	}
	err = uc.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		user, hash, err = v.Users.ByEmail(ctx, address)
		if errors.Is(err, identity.ErrUnknownUser) {
			user, hash, err = identity.User{}, "", nil
		}
		return err
	})
	return user, hash, err
}
