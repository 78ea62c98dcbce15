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
	keys     []string         // that they went on with, in order
	next     []string         // that they were given for them
	began    time.Time        // when they signed in last, at their desk
	wait     time.Duration    // that they were told last
}

// as does something as somebody, who comes in when they are named first.
func (w *world) as(ctx context.Context, name string, do func(*actor) error) error {
	a, err := w.actor(ctx, name)
	if err != nil {
		return err
	}
	if err := w.stays(ctx, a); err != nil {
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
	a := &actor{name: name, client: client, ears: make(map[string]*ear), began: time.Now()}
	w.cast = append(w.cast, a)
	return a, nil
}

// on does something with one of somebody's devices.
func (w *world) on(ctx context.Context, name, phone string, do func(*actor, stage.Client) error) error {
	return w.as(ctx, name, func(a *actor) error {
		c, err := a.device(ctx, phone != "")
		if err != nil {
			return err
		}
		return do(a, c)
	})
}

// stays signs somebody in again at their desk, where sessions soon expire, unless
// they listen: what is told of expiring is told of those.
func (w *world) stays(ctx context.Context, a *actor) (err error) {
	if w.brief && !a.listens() && a.ears[""] == nil && time.Since(a.began) > time.Second {
		a.began = time.Now()
		a.client, err = a.client.Again(ctx)
	}
	return err
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

// have replaces one of somebody's devices by what it has become.
func (a *actor) have(c stage.Client, phone string) {
	device := ""
	if phone != "" {
		device, a.phone = "phone", c
	} else {
		a.client = c
	}
	if e := a.ears[device]; e != nil {
		e.client = c
	}
}

// goOn goes on with a session, and notes with what, and what for.
func (a *actor) goOn(ctx context.Context, with stage.Client, key string) (stage.Client, error) {
	c, err := with.GoOn(ctx, key)
	if err == nil {
		a.keys, a.next = append(a.keys, key), append(a.next, c.Key())
	}
	return c, err
}

// guesses guesses at a password until the answer is another one than that it was
// wrong.
func (a *actor) guesses(ctx context.Context, whose string) error {
	for range 20 {
		err := a.client.Guess(ctx, whose)
		if no := new(stage.Refusal); !errors.As(err, &no) || no.Code != "invalid-credentials" {
			return a.tries(err)
		}
	}
	return fmt.Errorf("%s may guess for ever", a.name)
}

// endOthers signs somebody out on all their devices but the one at their desk.
func (a *actor) endOthers(ctx context.Context) error {
	all, here, err := a.client.SignedIn(ctx)
	for _, one := range all {
		if one != here && err == nil {
			err = a.client.EndSession(ctx, one)
		}
	}
	return err
}

// hasOnly waits until a device is the last one on which somebody is signed in. (A
// line may end a little before the session that it is in.)
func (a *actor) hasOnly(ctx context.Context, c stage.Client) error {
	return await(ctx, func() error {
		all, _, err := c.SignedIn(ctx)
		if err == nil && len(all) != 1 {
			return fmt.Errorf("%s is signed in on %d devices", a.name, len(all))
		}
		return err
	})
}

// present is one of somebody's devices that is signed in.
func (a *actor) present(ctx context.Context) (stage.Client, error) {
	_, err := a.client.Rooms(ctx)
	no := new(stage.Refusal)
	if errors.As(err, &no) && (no.Code == "session-revoked" || no.Code == "invalid-token") {
		return a.client.Again(ctx)
	}
	return a.client, err
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
