package compose

import (
	"context"
	"crypto/rand"
	"time"

	"parley/application/accounts"
	"parley/application/delivery"
	"parley/domain/identity"
)

// terms are what the settings make of sessions.
func (p *Parts) terms(tail *delivery.Tail) accounts.Terms {
	return accounts.Terms{
		Life:    p.Settings.life(),
		NewSeed: newSeed,
		Issue:   p.Keys.Issue,
		Genuine: p.Keys.Genuine,
		Ended:   p.ended(tail),
	}
}

func (s Settings) life() identity.Life {
	return identity.Life{Idle: time.Duration(s.SessionIdle), Max: time.Duration(s.SessionMax)}
}

func newSeed() identity.Seed {
	var seed identity.Seed
	_, _ = rand.Read(seed[:]) // never fails
	return seed
}

// lasts reads from the store whether a session lasts.
func (p *Parts) lasts() func(context.Context, identity.Caller) error {
	admit := accounts.Admit{Work: p.Work, Life: p.Settings.life()}
	return func(ctx context.Context, who identity.Caller) error {
		_, err := admit.Handle(ctx, who)
		return err
	}
}
