package accounts

import (
	"context"
	"errors"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
)

// Refresh lets a device go on with its session.
type Refresh struct {
	Work  port.Work
	Terms Terms
}

// Handle returns the session with its next renewal. A renewal that somebody has
// used before ends its session; a forged one ends nobody's, and is found out
// without taking the log's lock.
func (uc Refresh) Handle(ctx context.Context, r identity.Renewal) (SignedIn, error) {
	err := uc.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		_, err := uc.Terms.genuine(ctx, v, r)
		return err
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("refresh: %w", err)
	}
	var in SignedIn
	var refusal error // of a renewal whose refusal ends its session
	err = uc.Terms.change(ctx, uc.Work, func(ctx context.Context, s port.Scope) (identity.UserID, []identity.SessionID, error) {
		var ended []identity.SessionID
		var err error
		in, err = uc.renew(ctx, s, r)
		if refusal = nil; errors.Is(err, identity.ErrUsedTwice) {
			refusal, err, ended = err, nil, []identity.SessionID{r.Session}
		}
		return in.User.ID, ended, err
	})
	if err = errors.Join(err, refusal); err != nil {
		return SignedIn{}, fmt.Errorf("refresh session %s: %w", r.Session, err)
	}
	return in, nil
}

// renew returns the user's session as it is after the renewal; of one that was
// used twice, the user alone.
func (uc Refresh) renew(ctx context.Context, s port.Scope, r identity.Renewal) (SignedIn, error) {
	session, err := uc.Terms.genuine(ctx, s.View, r)
	if err != nil {
		return SignedIn{}, err
	}
	user, err := s.Users.Get(ctx, session.User)
	if err != nil {
		return SignedIn{}, err
	}
	next, err := session.Renew(r.Turn, uc.Terms.Life, s.At)
	if err != nil {
		return SignedIn{User: user}, err
	}
	if next != session {
		err = s.Access.Renew(ctx, next)
	}
	return uc.Terms.signedIn(user, next), err
}
