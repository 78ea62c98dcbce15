package features_test

import (
	"context"
	"fmt"

	"parley/domain/room"
	"parley/features/stage"
)

// How people listen.

func (w *world) listens(ctx context.Context, name, phone string) error {
	return w.listen(ctx, name, phone != "", stage.Ask{})
}

func (w *world) listensToOne(ctx context.Context, name, called, phone string) error {
	in, err := w.room(called)
	if err != nil {
		return err
	}
	return w.listen(ctx, name, phone != "", stage.Ask{Rooms: []room.ID{in}})
}

func (w *world) listen(ctx context.Context, name string, phone bool, ask stage.Ask) error {
	return w.as(ctx, name, func(a *actor) error {
		client, err := a.device(ctx, phone)
		if err != nil {
			return err
		}
		e := &ear{name: name, client: client, ask: ask, place: ask.After, law: newLaw()}
		a.ears[map[bool]string{true: "phone"}[phone]] = e
		if err := e.listen(ctx); err != nil || ask.After != "" {
			return err
		}
		return w.begin(ctx, e)
	})
}

// begin notes where the rooms of somebody stand who listens from now on, so that
// not even the first thing said there can be missed. Nobody speaks meanwhile.
func (w *world) begin(ctx context.Context, e *ear) error {
	mine, err := e.client.Rooms(ctx)
	if err != nil {
		return err
	}
	for in := range mine {
		if !e.wants(in) {
			continue
		}
		page, err := e.client.Read(ctx, in, stage.Part{Limit: 1})
		if err != nil {
			return err
		}
		e.law.begin(in, page.Messages)
	}
	return nil
}

// ear is who listens on one of somebody's devices; somebody who does not listen
// at all is a mistake of the scenario.
func (w *world) ear(name, device string) (*ear, error) {
	for _, a := range w.cast {
		if e, listens := a.ears[device]; a.name == name && listens {
			return e, nil
		}
	}
	return nil, fmt.Errorf("%s does not listen", name)
}

func (w *world) losesTheConnection(name string) error {
	e, err := w.ear(name, "")
	if err == nil {
		e.hangUp()
	}
	return err
}

func (w *world) comesBack(ctx context.Context, name string) error {
	e, err := w.ear(name, "")
	if err != nil {
		return err
	}
	return e.comeBack(ctx)
}

func (w *world) comesBackTooLate(ctx context.Context, name string) error {
	e, err := w.ear(name, "")
	if err != nil {
		return err
	}
	return e.listen(ctx)
}

func (w *world) comesBackWhile(ctx context.Context, name, speaker string, n int) error {
	return together(2, func(i int) error {
		if i == 0 {
			return w.comesBack(ctx, name)
		}
		return w.hasSaidThings(ctx, speaker, n)
	})
}

func (w *world) comesBackFromElsewhere(ctx context.Context, name string) error {
	e, err := w.ear(name, "")
	if err != nil {
		return err
	}
	e.hangUp()
	e.place = "parley:AAAAAAAAAAAAAAAAAAAAAA"
	return e.listen(ctx)
}

func (w *world) isToldToStartAfresh(name string) error {
	e, err := w.ear(name, "")
	if err == nil && !e.line.Afresh() {
		return fmt.Errorf("%s goes on as if the place were known", name)
	}
	return err
}

func (w *world) breaksAfterEach(ctx context.Context, speaker string, n int, name string) error {
	e, err := w.ear(name, "")
	if err != nil {
		return err
	}
	return together(2, func(i int) error {
		if i == 0 {
			return w.hasSaidThings(ctx, speaker, n)
		}
		return e.listenAnewAfterEach(ctx, n)
	})
}

// restartsWhile: what cannot be taken at the moment is sent again, as that draft,
// until it is; and who listens opens their line again, from where they were, until
// they have heard all of it.
func (w *world) restartsWhile(ctx context.Context, one, other string, n int) error {
	doings := []func() error{func() error { return w.restart(ctx) }}
	for _, name := range []string{one, other} {
		doings = append(doings, func() error { return w.saysInAnyCase(ctx, name, n) })
	}
	for _, e := range w.ears() {
		doings = append(doings, func() error { return e.stayOn(ctx, 2*n) })
	}
	return together(len(doings), func(i int) error { return doings[i]() })
}

func (w *world) saysInAnyCase(ctx context.Context, name string, n int) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return w.as(ctx, name, func(a *actor) error {
		for i := range n {
			key := w.newKey()
			err := await(ctx, func() error {
				_, err := w.say(ctx, a.client, w.here, fmt.Sprintf("thing %d", i), key)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}
