package compose

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
)

// Mint starts a session of an existing user, named by ID or e-mail address, and
// returns an access token of it. It is for development: whoever can run it can
// read the database anyway.
func (p *Program) Mint(ctx context.Context, who string) (string, error) {
	session, err := p.terms.Begin(ctx, p.work, "parley token", func(ctx context.Context, v port.View) (identity.UserID, error) {
		user, err := find(ctx, v.Users, who)
		return user.ID, err
	})
	if err != nil {
		return "", fmt.Errorf("mint a token for %q: %w", who, err)
	}
	minted, _, err := p.Tokens.Mint(identity.Caller{User: session.User, Session: session.ID}, session.End(p.terms.Life))
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
