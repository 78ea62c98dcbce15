package compose

import (
	"context"
	"log/slog"
	"time"
)

const (
	// sweepEvery is how long what is to go may stay.
	sweepEvery = 30 * time.Second
	// sweepPause lets others in between two slices.
	sweepPause = 50 * time.Millisecond
)

// sweep takes away what was said in deleted rooms and what is too old to be kept,
// slice by slice, until ctx ends. All nodes do so: each slice is taken under the
// log's lock, and what one has taken is not there for the next.
func (p *Program) sweep(ctx context.Context) {
	next := time.NewTimer(jitter(sweepEvery))
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		ended, err := p.App.SweepRooms.Handle(ctx)
		if err != nil && ctx.Err() == nil {
			p.log.Warn("deleted rooms cannot be swept now", slog.Any("error", err))
		}
		older, err := p.App.Prune.Handle(ctx)
		if err != nil && ctx.Err() == nil {
			p.log.Warn("what is too old cannot be pruned now", slog.Any("error", err))
		}
		published, err := p.App.PruneUpdates.Handle(ctx)
		if err != nil && ctx.Err() == nil {
			p.log.Warn("updates that are too old cannot be pruned now", slog.Any("error", err))
		}
		if ended || older || published {
			next.Reset(sweepPause)
		} else {
			next.Reset(jitter(sweepEvery))
		}
	}
}
