package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/application/port"
	"parley/domain/fault"
	"parley/domain/identity"
)

// SignIn starts a session for whoever knows the password.
type SignIn struct {
	Work     port.Work
	Terms    Terms
	Attempts *Attempts

	// Verify reports whether the hash is the password's. An empty hash is
	// nobody's; comparing with it takes as long as with any other.
	Verify func(ctx context.Context, p identity.Password, hash string) (bool, error)

	// Weak reports whether a hash costs less to guess at than those that Hash makes.
	Weak func(hash string) bool
	Hash func(context.Context, identity.Password) (string, error)
}

// SignInCommand is what somebody presents.
type SignInCommand struct {
	Email     string
	Password  string
	UserAgent string
	Network   string           // from which they come; empty: it is not known
	Device    identity.Renewal // that the device has of a session, if it has one
}

// SignedIn is a user with their session.
type SignedIn struct {
	User    identity.User
	Session identity.Session
	Renewal identity.Renewal // to go on with it
	Until   time.Time        // it ends by itself then; zero: never
}

// Handle returns the session or, if it is refused, the user alone of whose account
// it would have been. Whether it was the address or the password that is wrong
// shows neither in the refusal nor in the time that it takes.
func (uc SignIn) Handle(ctx context.Context, cmd SignInCommand) (SignedIn, error) {
	password, err := identity.PresentedPassword(cmd.Password)
	if err != nil {
		return SignedIn{}, err
	}
	user, hash, those, err := uc.account(ctx, cmd)
	if err != nil {
		return SignedIn{}, fmt.Errorf("sign in: %w", err)
	}
	err = uc.Attempts.try(ctx, those, func() (bool, error) { return uc.Verify(ctx, password, hash) })
	if err != nil {
		return SignedIn{User: user}, fmt.Errorf("sign in: %w", err)
	}
	if uc.Weak(hash) {
		if hash, err = uc.strengthen(ctx, user, hash, password); err != nil {
			return SignedIn{}, fmt.Errorf("sign in: %w", err)
		}
	}
	session, err := uc.Terms.Begin(ctx, uc.Work, cmd.UserAgent, func(ctx context.Context, v port.View) (identity.UserID, error) {
		return user.ID, unchanged(ctx, v, user, hash)
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("sign in: %w", err)
	}
	return uc.Terms.signedIn(user, session), nil
}

// strengthen hashes a password anew: only while somebody shows it can that be done.
func (uc SignIn) strengthen(ctx context.Context, user identity.User, weak string, p identity.Password) (hash string, err error) {
	if hash, err = uc.Hash(ctx, p); err != nil {
		return "", err
	}
	return hash, uc.Work.Change(ctx, func(ctx context.Context, s port.Scope) error {
		if err := unchanged(ctx, s.View, user, weak); err != nil {
			return err
		}
		return s.Access.SetPassword(ctx, user.ID, hash)
	})
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

// account is the user with this address, the zero user and no hash if there is
// none, and what an attempt is counted by.
func (uc SignIn) account(ctx context.Context, cmd SignInCommand) (user identity.User, hash string, those []counter, err error) {
	those = []counter{{by: altogether}}
	if cmd.Network != "" {
		those = append(those, counter{byNetwork, cmd.Network})
	}
	address, err := identity.ParseEmail(cmd.Email)
	if err != nil {
		return identity.User{}, "", those, nil // nobody has such an address
	}
	those = append(those, counter{byAccount, address.Key()})
	err = uc.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		user, hash, err = v.Users.ByEmail(ctx, address)
		if errors.Is(err, identity.ErrUnknownUser) {
			user, hash, err = identity.User{}, "", nil
		}
		if err != nil || cmd.Device == (identity.Renewal{}) {
			return err
		}
		known, err := uc.knows(ctx, v, user.ID, cmd.Device)
		if known {
			those = []counter{device(cmd.Device.Session)}
		}
		return err
	})
	return user, hash, those, err
}

// knows reports whether a device is one on which the user is signed in.
func (uc SignIn) knows(ctx context.Context, v port.View, user identity.UserID, r identity.Renewal) (bool, error) {
	session, err := uc.Terms.genuine(ctx, v, r)
	if err == nil {
		_, err = session.Renew(r.Turn, uc.Terms.Life, uc.Attempts.Now())
	}
	if no := new(fault.Fault); errors.As(err, &no) && no.Kind() == fault.Unproven {
		return false, nil
	}
	return err == nil && session.Admit(user) == nil, err
}

func device(session identity.SessionID) counter { return counter{byDevice, session.String()} }
