//go:build chaos

package chaos_test

import "time"

// How hard the heavy faults strike in `make chaos`.
const (
	lockIsHeld     = 20 * time.Second
	terminating    = 20 * time.Second
	awayFor        = 200_000
	restorings     = 5
	checkpointKill = 20
	powerCuts      = 20
	diskIsFull     = 5 * time.Second
)
