package accounts

import (
	"context"
	"errors"

	"parley/application/port"
	"parley/domain/identity"
)

// Terms are what holds for all sessions: how long they last, and what they are
// renewed with.
type Terms struct {
	Life    identity.Life
	NewSeed func() identity.Seed // at random

	// Issue makes the renewal of a session's turn, and Genuine reports whether a
	// renewal is one that was made so, of whatever turn.
	Issue   func(identity.Session) identity.Renewal
	Genuine func(identity.Session, identity.Renewal) bool

	// Ended tells this node that a session of a user has ended, of which the log
	// will tell it in a moment: so not even the next request gets in any more.
	Ended func(context.Context, identity.Caller)
}

// most is how many sessions one step ends at most. A user has fewer, but for
// those of a time when there was no limit.
const most = 2 * identity.MaxSessions

// ending is a step that returns which of a user's sessions are to end with it.
type ending func(context.Context, port.Scope) (of identity.UserID, ended []identity.SessionID, err error)

// change runs a step.
func (t Terms) change(ctx context.Context, work port.Work, step ending) error {
	var of identity.UserID
	var ended []identity.SessionID
	err := work.Change(ctx, func(ctx context.Context, s port.Scope) (err error) {
		if of, ended, err = step(ctx, s); err != nil {
			return err
		}
		return s.Access.End(ctx, of, ended)
	})
	if err != nil {
		return err
	}
	for _, id := range ended {
		t.Ended(ctx, identity.Caller{User: of, Session: id})
	}
	return nil
}

// Begin begins a session of the user that who finds, in the same step. A user
// has no more than identity.MaxSessions: others end with it, if need be.
func (t Terms) Begin(ctx context.Context, work port.Work, userAgent string,
	who func(context.Context, port.View) (identity.UserID, error),
) (session identity.Session, err error) {
	err = t.change(ctx, work, func(ctx context.Context, s port.Scope) (user identity.UserID, ended []identity.SessionID, err error) {
		if user, err = who(ctx, s.View); err != nil {
			return user, nil, err
		}
		living, err := s.Sessions.Living(ctx, user, most)
		if err != nil {
			return user, nil, err
		}
		session, err = s.Keeping.AddSession(ctx, identity.Session{
			User: user, UserAgent: userAgent, CreatedAt: s.At, LastUsedAt: s.At, Seed: t.NewSeed(),
		})
		return user, identity.Crowded(living, t.Life, s.At), err
	})
	return session, err
}

// genuine returns the session of a renewal whose seal is good.
func (t Terms) genuine(ctx context.Context, v port.View, r identity.Renewal) (identity.Session, error) {
	session, err := v.Users.Session(ctx, r.Session)
	switch {
	case errors.Is(err, identity.ErrSessionEnded) || err == nil && !t.Genuine(session, r):
		return identity.Session{}, identity.ErrRenewal
	default:
		return session, err
	}
}
