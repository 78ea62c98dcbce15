package contract_test

import (
	"context"
	"errors"
	"slices"

	"parley/application/port"
	"parley/domain/identity"
)

type endsNothing struct{ port.Access }

func (endsNothing) End(context.Context, identity.UserID, []identity.SessionID) error { return nil }

type endsOne struct{ port.Access }

func (a endsOne) End(ctx context.Context, by identity.UserID, those []identity.SessionID) error {
	return a.Access.End(ctx, by, those[:1])
}

// opensToAll gives rights to whoever once had a session.
type opensToAll struct{ port.Log }

func (l opensToAll) Rights(ctx context.Context, who identity.Caller) (port.Rights, error) {
	held, err := l.Log.Rights(ctx, who)
	if errors.Is(err, identity.ErrSessionEnded) {
		held.Head, err = l.Head(ctx)
	}
	return held, err
}

type sessionsByID struct{ port.Sessions }

func (s sessionsByID) Living(ctx context.Context, of identity.UserID, limit int) ([]identity.Session, error) {
	living, err := s.Sessions.Living(ctx, of, limit)
	slices.SortFunc(living, func(a, b identity.Session) int { return int(a.ID.Int64() - b.ID.Int64()) })
	return living, err
}

type countsNoTurns struct{ port.Access }

func (a countsNoTurns) Renew(ctx context.Context, s identity.Session) error {
	s.Turn = 0
	return a.Access.Renew(ctx, s)
}

type keepsPasswords struct{ port.Access }

func (keepsPasswords) SetPassword(context.Context, identity.UserID, string) error { return nil }
