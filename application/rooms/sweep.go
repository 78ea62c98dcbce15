package rooms

import (
	"context"
	"fmt"

	"parley/application/port"
)

// Sweep takes away what was said in rooms that are deleted.
type Sweep struct{ Work port.Work }

// slice is how many messages are taken away at once: little enough that nobody
// waits for it.
const slice = 500

// Handle takes away one slice, and reports whether there is more.
func (uc Sweep) Handle(ctx context.Context) (more bool, err error) {
	err = uc.Work.Change(ctx, func(ctx context.Context, s port.Scope) (err error) {
		more, err = s.Revising.Sweep(ctx, slice)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("sweep: %w", err)
	}
	return more, nil
}
