package features_test

import (
	"context"
	"time"

	"parley/application"
	"parley/application/port"
)

// Nobody waits for a month, and no database can be told that it is over. What a
// program does at times is what it would do by then: it takes away what is too old,
// in its own way and by its own settings, with its clock a month ahead.

// heardOfAll waits until a program has heard of all that was logged, as it would
// have long before.
func heardOfAll(ctx context.Context, app application.App) error {
	return app.Prune.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		return app.Follow.Tail.Applied()(ctx, v.Head.Position)
	})
}

// monthLater lets a program do so.
func monthLater(ctx context.Context, app application.App) error {
	prune := app.Prune
	prune.Work = ahead{prune.Work, 31 * 24 * time.Hour}
	for {
		if more, err := prune.Handle(ctx); err != nil || !more {
			return err
		}
	}
}

// ahead makes changes at a later time.
type ahead struct {
	port.Work
	by time.Duration
}

func (w ahead) Change(ctx context.Context, step func(context.Context, port.Scope) error) error {
	return w.Work.Change(ctx, func(ctx context.Context, s port.Scope) error {
		s.At = s.At.Add(w.by)
		return step(ctx, s)
	})
}
