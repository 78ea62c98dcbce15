package accounts

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
)

// Admit finds out whether somebody's session lasts.
type Admit struct{ Work port.Work }

// Handle returns nil while it does, else identity.ErrSessionEnded.
func (uc Admit) Handle(ctx context.Context, who identity.Caller) error {
	err := uc.Work.Look(ctx, func(ctx context.Context, v port.View) error { return v.Admit(ctx, who) })
	if err != nil {
		return fmt.Errorf("admit user %s: %w", who.User, err)
	}
	return nil
}
