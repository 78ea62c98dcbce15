package features_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/features/stage"
)

// How people sign in and out.

func (w *world) signsOut(ctx context.Context, name, phone string) error {
	return w.on(ctx, name, phone, func(_ *actor, c stage.Client) error { return c.SignOut(ctx) })
}

// signsOutEverywhere ends the sessions of all other devices, and then this one's.
func (w *world) signsOutEverywhere(ctx context.Context, name string) error {
	w.since = time.Now()
	return w.as(ctx, name, func(a *actor) error {
		return errors.Join(a.endOthers(ctx), a.client.SignOut(ctx))
	})
}

func (w *world) signsOutThePhone(ctx context.Context, name string) error {
	return w.as(ctx, name, func(a *actor) error { return a.endOthers(ctx) })
}

func (w *world) triesToSignOutThePhoneOf(ctx context.Context, name, other string) error {
	return w.asTwo(ctx, name, other, func(a, b *actor) error {
		_, here, err := b.phone.SignedIn(ctx)
		if err != nil {
			return err
		}
		return a.tries(a.client.EndSession(ctx, here))
	})
}

func (w *world) changesPassword(ctx context.Context, name string) error {
	return w.as(ctx, name, func(a *actor) error { return a.client.ChangePassword(ctx, true) })
}

func (w *world) triesToChangePassword(ctx context.Context, name string) error {
	return w.as(ctx, name, func(a *actor) error { return a.tries(a.client.ChangePassword(ctx, false)) })
}

func (w *world) guesses(ctx context.Context, name, other string) error {
	return w.asTwo(ctx, name, other, func(a, b *actor) error { return a.guesses(ctx, b.name) })
}

func (w *world) guessesAtNobodys(ctx context.Context, name string) error {
	return w.as(ctx, name, func(a *actor) error { return a.guesses(ctx, "Nobody") })
}

func (w *world) signsInOnPhone(ctx context.Context, name string) error {
	return w.on(ctx, name, "phone", func(*actor, stage.Client) error { return nil }) // whoever takes it, signs in
}

// signsInAgainOnPhone: the phone shows that it is signed in already.
func (w *world) signsInAgainOnPhone(ctx context.Context, name string) error {
	return w.on(ctx, name, "phone", func(a *actor, c stage.Client) error {
		again, err := c.SignInAgain(ctx)
		if err == nil {
			a.have(again, "phone")
		}
		return err
	})
}

func (w *world) isSignedInOn(ctx context.Context, name string, n int) error {
	return w.as(ctx, name, func(a *actor) error {
		all, _, err := a.client.SignedIn(ctx)
		if err == nil && len(all) != n {
			return fmt.Errorf("%s is signed in on %d devices", name, len(all))
		}
		return err
	})
}

func (w *world) triesToSayOnPhone(ctx context.Context, name, text string) error {
	return w.on(ctx, name, "phone", func(a *actor, c stage.Client) error {
		_, err := c.Say(ctx, w.here, text, "")
		return a.tries(err)
	})
}

func (w *world) triesToReadOnPhone(ctx context.Context, name string) error {
	return w.on(ctx, name, "phone", func(a *actor, c stage.Client) error {
		_, err := c.Read(ctx, w.here, stage.Part{Limit: 1})
		return a.tries(err)
	})
}

func (w *world) triesToListen(ctx context.Context, name, phone string) error {
	return w.on(ctx, name, phone, func(a *actor, c stage.Client) error {
		_, err := c.Listen(ctx, stage.Ask{})
		return a.tries(err)
	})
}

// goesOn goes on with the session of a device, n times.
func (w *world) goesOn(ctx context.Context, name string, n int, phone string) error {
	return w.on(ctx, name, phone, func(a *actor, c stage.Client) (err error) {
		for ; n > 0 && err == nil; n-- {
			if c, err = a.goOn(ctx, c, c.Key()); err == nil {
				a.have(c, phone)
			}
		}
		return err
	})
}

func (w *world) goesOnInVain(ctx context.Context, name, phone string) error {
	return w.on(ctx, name, phone, func(a *actor, c stage.Client) error {
		_, err := a.goOn(ctx, c, c.Key())
		return err
	})
}

func (w *world) goesOnAsBefore(ctx context.Context, name, phone string) error {
	return w.on(ctx, name, phone, func(a *actor, c stage.Client) error {
		next, err := a.goOn(ctx, c, a.keys[len(a.keys)-1])
		if err == nil {
			a.have(next, phone)
		}
		return err
	})
}

func (w *world) triesToGoOn(ctx context.Context, name, phone string) error {
	return w.on(ctx, name, phone, func(a *actor, c stage.Client) error {
		_, err := a.goOn(ctx, c, c.Key())
		return a.tries(err)
	})
}

func (w *world) triesToGoOnAsTheFirstTime(ctx context.Context, name, phone string) error {
	return w.on(ctx, name, phone, func(a *actor, c stage.Client) error {
		_, err := a.goOn(ctx, c, a.keys[0])
		return a.tries(err)
	})
}

// triesSomethingLike takes what a device has and changes the end of it.
func (w *world) triesSomethingLike(ctx context.Context, name, other string) error {
	return w.asTwo(ctx, name, other, func(a, b *actor) error {
		key := b.phone.Key()
		forged := key[:len(key)-8] + map[bool]string{true: "00000000", false: "11111111"}[key[len(key)-8] != '0']
		_, err := a.goOn(ctx, a.client, forged)
		return a.tries(err)
	})
}

func (w *world) wasAnsweredTheSame(ctx context.Context, name string) error {
	return w.as(ctx, name, func(a *actor) error {
		if n := len(a.next); n < 2 || a.next[n-1] != a.next[n-2] {
			return fmt.Errorf("%s was answered %q", name, a.next)
		}
		return nil
	})
}

func (w *world) sessionHasExpired(ctx context.Context, name string) error {
	e, err := w.ear(name, "")
	if err == nil {
		err = e.isClosed(ctx, "expired")
	}
	if err != nil {
		return err
	}
	return w.on(ctx, name, "phone", func(a *actor, c stage.Client) error { return a.hasOnly(ctx, c) })
}

// signsInAndComesBack: the line is opened again from where the one before ended.
func (w *world) signsInAndComesBack(ctx context.Context, name string) error {
	return w.as(ctx, name, func(a *actor) (err error) {
		if a.client, err = a.client.Again(ctx); err != nil {
			return err
		}
		a.ears[""].client = a.client
		return w.comesBack(ctx, name)
	})
}

func (w *world) isAskedToSignIn(ctx context.Context, name, device string) error {
	e, err := w.ear(name, device)
	if err != nil {
		return err
	}
	return e.isClosed(ctx, "revoked")
}

func (w *world) isAskedEverywhere(ctx context.Context, name string) error {
	err := errors.Join(w.isAskedToSignIn(ctx, name, ""), w.isAskedToSignIn(ctx, name, "phone"))
	if took := time.Since(w.since); err == nil && took > time.Second {
		return fmt.Errorf("it took %v", took)
	}
	return err
}

// restarts: everyone whose line was open opens it again.
func (w *world) restarts(ctx context.Context) error {
	err := w.restart(ctx)
	for _, e := range w.ears() {
		if err == nil && e.closed == nil {
			err = e.comeBack(ctx)
		}
	}
	return err
}
