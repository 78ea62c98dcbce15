// Package accounts has what people do with their accounts.
package accounts

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
)

// Register makes an account.
type Register struct {
	Work   port.Work
	Hash   func(context.Context, identity.Password) (string, error)
	Closed bool // nobody can register
}

// RegisterCommand says who wants an account.
type RegisterCommand struct {
	Email    identity.Email
	Password string
	Name     identity.DisplayName
}

// Handle returns the new user.
func (uc Register) Handle(ctx context.Context, cmd RegisterCommand) (identity.User, error) {
	if uc.Closed {
		return identity.User{}, identity.ErrClosed
	}
	password, err := identity.ParsePassword(cmd.Password, cmd.Email, cmd.Name)
	if err != nil {
		return identity.User{}, err
	}
	hash, err := uc.Hash(ctx, password)
	if err != nil {
		return identity.User{}, fmt.Errorf("hash a password: %w", err)
	}
	var user identity.User
	err = uc.Work.Change(ctx, func(ctx context.Context, s port.Scope) error {
		user, err = s.Keeping.AddUser(ctx, identity.User{Email: cmd.Email, Name: cmd.Name, CreatedAt: s.At}, hash)
		return err
	})
	if err != nil {
		return identity.User{}, fmt.Errorf("register: %w", err)
	}
	return user, nil
}
