//go:build !chaos

package chaos_test

import "time"

// How hard the heavy faults strike in `make test`.
const (
	lockIsHeld     = 4 * time.Second
	terminating    = 2 * time.Second
	awayFor        = 5_000
	restorings     = 1
	checkpointKill = 3
)
