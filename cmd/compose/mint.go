package compose

import (
	"context"
	"fmt"
	"time"

	"parley/application/port"
	"parley/domain/identity"
)

// Mint starts a session of an existing user, named by ID or e-mail address, and
// returns an access token of it. It is for development: whoever can run it can
// read the database anyway.
func (p *Program) Mint(ctx context.Context, who string) (string, error) {
	var caller identity.Caller
	err := p.work.Change(ctx, func(ctx context.Context, s port.Scope) error {
		user, err := find(ctx, s.Users, who)
		if err != nil {
			return err
		}
		session, err := s.Keeping.AddSession(ctx, identity.Session{
			ID:        identity.SessionID{},
			User:      user.ID,
			UserAgent: "parley token",
			CreatedAt: s.At,
			EndedAt:   time.Time{},
		})
		caller = identity.Caller{User: user.ID, Session: session.ID}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("mint a token for %q: %w", who, err)
	}
	minted, _, err := p.Tokens.Mint(caller)
	return minted, err
}

func find(ctx context.Context, users port.Users, who string) (identity.User, error) {
	if id, err := identity.ParseUserID(who); err == nil {
		return users.Get(ctx, id)
	}
	address, err := identity.ParseEmail(who)
	if err != nil {
		return identity.User{}, identity.ErrUnknownUser
	}
	user, _, err := users.ByEmail(ctx, address)
	return user, err
}
