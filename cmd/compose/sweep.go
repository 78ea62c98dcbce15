package compose

import (
	"context"
	"log/slog"
	"time"
)

const (
	// sweepEvery is how long what was said in a deleted room may stay.
	sweepEvery = 30 * time.Second
	// sweepPause lets others in between two slices.
	sweepPause = 50 * time.Millisecond
)

// sweep takes away what was said in deleted rooms, slice by slice, until ctx ends.
func (p *Program) sweep(ctx context.Context) {
	next := time.NewTimer(jitter(sweepEvery))
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		more, err := p.App.SweepRooms.Handle(ctx)
		if err != nil && ctx.Err() == nil {
			p.log.Warn("deleted rooms cannot be swept now", slog.Any("error", err))
		}
		if more {
			next.Reset(sweepPause)
		} else {
			next.Reset(jitter(sweepEvery))
		}
	}
}
