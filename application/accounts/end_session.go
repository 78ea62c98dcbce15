package accounts

import (
	"context"
	"errors"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
)

// EndSession signs somebody out on another of their devices, or on this one.
type EndSession struct {
	Work  port.Work
	Terms Terms
}

// EndSessionCommand says who ends which of their sessions.
type EndSessionCommand struct {
	Who     identity.Caller
	Session identity.SessionID
}

// Handle ends the session; identity.ErrNoSession if it is not theirs, or has
// ended.
func (uc EndSession) Handle(ctx context.Context, cmd EndSessionCommand) error {
	err := uc.Terms.change(ctx, uc.Work, func(ctx context.Context, s port.Scope) (identity.UserID, []identity.SessionID, error) {
		if err := s.Admit(ctx, cmd.Who); err != nil {
			return cmd.Who.User, nil, err
		}
		err := s.Admit(ctx, identity.Caller{User: cmd.Who.User, Session: cmd.Session})
		if errors.Is(err, identity.ErrSessionEnded) {
			err = identity.ErrNoSession
		}
		return cmd.Who.User, []identity.SessionID{cmd.Session}, err
	})
	if err != nil {
		return fmt.Errorf("end session %s: %w", cmd.Session, err)
	}
	return nil
}
