// Package retention takes away what is older than it is to be kept.
package retention

import (
	"context"
	"fmt"
	"time"

	"parley/application/port"
	"parley/domain/message"
)

// Prune takes away what is older than Keep, of the kind that Take takes: the
// beginning of the log ([port.Revising.Prune]), or what third parties have
// published ([port.Revising.PruneUpdates]).
type Prune struct {
	Work port.Work
	Keep message.Retention
	Take func(from port.Revising, ctx context.Context, before time.Time, limit int) (more bool, err error)
}

// slice is how many entries of the log, or updates, are taken away at once: little
// enough that nobody waits for it.
const slice = 500

// Handle takes away one slice, and reports whether there may be more. How old
// something is, the store's clock decides, which also gave it its time.
func (uc Prune) Handle(ctx context.Context) (more bool, err error) {
	if uc.Keep <= 0 {
		return false, nil
	}
	err = uc.Work.Change(ctx, func(ctx context.Context, s port.Scope) (err error) {
		before, goes := uc.Keep.Before(s.At)
		if goes {
			more, err = uc.Take(s.Revising, ctx, before, slice)
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("prune: %w", err)
	}
	return more, nil
}
