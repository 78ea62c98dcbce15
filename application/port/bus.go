package port

import "parley/domain/sequence"

// Bus carries "the log has reached n" between nodes. It may lose, double, delay
// and reorder what it carries: a ring is a hint, and the log is the truth.
type Bus interface {
	// Ring tells every node, this one too. It never waits.
	Ring(upto sequence.Position)

	// Listen calls heard for the rings from when it returns until stop is
	// called. A burst of rings may be heard as one, the furthest.
	Listen(heard func(upto sequence.Position)) (stop func(), err error)
}
