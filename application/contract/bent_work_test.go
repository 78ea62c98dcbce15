package contract_test

import (
	"context"
	"errors"
	"sync"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
	"parley/domain/sequence"
)

type keepsFailures struct{ port.Work }

func (w keepsFailures) Change(ctx context.Context, step func(context.Context, port.Scope) error) error {
	var failed error
	err := w.Work.Change(ctx, func(ctx context.Context, s port.Scope) error { failed = step(ctx, s); return nil })
	return errors.Join(err, failed)
}

type keepsPanics struct{ port.Work }

func (w keepsPanics) Change(ctx context.Context, step func(context.Context, port.Scope) error) error {
	var panicked any
	err := w.Work.Change(ctx, func(ctx context.Context, s port.Scope) error {
		defer func() { panicked = recover() }()
		return step(ctx, s)
	})
	if panicked != nil {
		panic(panicked)
	}
	return err
}

// readsAnew reads the bounds of a room in a look of their own.
type readsAnew struct{ port.Work }

func (w readsAnew) Look(ctx context.Context, step func(context.Context, port.View) error) error {
	return w.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		v.Messages = anew{v.Messages, w.Work}
		return step(ctx, v)
	})
}

type anew struct {
	port.Messages
	work port.Work
}

func (m anew) Bounds(ctx context.Context, in room.ID) (begin, end sequence.Number, err error) {
	err = m.work.Look(ctx, func(ctx context.Context, v port.View) (err error) {
		begin, end, err = v.Messages.Bounds(ctx, in)
		return err
	})
	return begin, end, err
}

// readsBefore shows a step what there was before its turn came: the first of all
// looks, as several do that begin at the same time.
type readsBefore struct {
	port.Work
	once  sync.Once
	first room.Circle
}

func (w *readsBefore) Change(ctx context.Context, step func(context.Context, port.Scope) error) error {
	return w.Work.Change(ctx, func(ctx context.Context, s port.Scope) error {
		s.People = stale{s.People, w}
		return step(ctx, s)
	})
}

type stale struct {
	port.People
	work *readsBefore
}

func (p stale) Circle(ctx context.Context, in room.ID, by, who identity.UserID) (c room.Circle, err error) {
	p.work.once.Do(func() { p.work.first, err = p.People.Circle(ctx, in, by, who) })
	return p.work.first, err
}
