package features_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"parley/domain/identity"
	"parley/features/stage"
)

// actor is somebody who takes part.
type actor struct {
	name     string
	client   stage.Client
	phone    stage.Client     // nil until they use it
	ears     map[string]*ear  // by device
	refusals []*stage.Refusal // that no step has claimed yet
	wait     time.Duration    // that they were told last
}

// as does something as somebody, who comes in when they are named first.
func (w *world) as(ctx context.Context, name string, do func(*actor) error) error {
	a, err := w.actor(ctx, name)
	if err != nil {
		return err
	}
	return do(a)
}

func (w *world) actor(ctx context.Context, name string) (*actor, error) {
	w.entrance.Lock()
	defer w.entrance.Unlock()
	for _, a := range w.cast {
		if a.name == name {
			return a, nil
		}
	}
	client, err := w.stage.Enter(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("%s comes in: %w", name, err)
	}
	a := &actor{name: name, client: client, ears: make(map[string]*ear)}
	w.cast = append(w.cast, a)
	return a, nil
}

// asTwo does something as somebody, with another one or with "herself".
func (w *world) asTwo(ctx context.Context, one, other string, do func(a, b *actor) error) error {
	if other == "herself" || other == "himself" {
		other = one
	}
	return w.as(ctx, one, func(a *actor) error {
		return w.as(ctx, other, func(b *actor) error { return do(a, b) })
	})
}

func (a *actor) me() identity.UserID { return a.client.Me() }

// device returns one of somebody's devices.
func (a *actor) device(ctx context.Context, phone bool) (stage.Client, error) {
	if !phone {
		return a.client, nil
	}
	if a.phone == nil {
		var err error
		if a.phone, err = a.client.Again(ctx); err != nil {
			return nil, err
		}
	}
	return a.phone, nil
}

// tries notes a refusal, which a step must claim. What is not refused is an
// error: to try is to be refused, in these stories.
func (a *actor) tries(err error) error {
	no := new(stage.Refusal)
	switch {
	case err == nil:
		return fmt.Errorf("%s was not refused", a.name)
	case !errors.As(err, &no):
		return err
	}
	a.refusals = append(a.refusals, no)
	return nil
}

// claims takes the one refusal that somebody has met. Features write its code in
// words.
func (a *actor) claims(as string, right func(*stage.Refusal) bool) error {
	if len(a.refusals) != 1 || a.refusals[0].Code != strings.ReplaceAll(as, " ", "-") || !right(a.refusals[0]) {
		return fmt.Errorf("%s was refused as %+v, want once as %s", a.name, a.refusals, as)
	}
	a.wait, a.refusals = a.refusals[0].Wait, nil
	return nil
}

func (a *actor) listens() bool {
	for _, e := range a.ears {
		if e.line != nil {
			return true
		}
	}
	return false
}
