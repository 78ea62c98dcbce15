package delivery

import (
	"time"

	"parley/domain/sequence"
)

// rest is how long rings are not listened to after one that was not true. So a
// flood of them, whatever sends it, costs 20 reads a second at most; and what did
// happen is heard only that much later.
const rest = 50 * time.Millisecond

// Ring tells the tail that the log has reached upto. It never waits.
func (t *Tail) Ring(upto sequence.Position) {
	t.mu.Lock()
	known := t.started && upto <= t.memory.end.Position
	if !known {
		t.furthest = max(t.furthest, upto)
	}
	t.mu.Unlock()
	if known {
		return
	}
	select {
	case t.rung <- struct{}{}:
	default:
	}
}

// rungAhead reports whether more was rung than is known.
func (t *Tail) rungAhead() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.started || t.furthest > t.memory.end.Position
}

// takeRung returns the furthest position that was rung since it was called last.
func (t *Tail) takeRung() sequence.Position {
	t.mu.Lock()
	defer t.mu.Unlock()
	furthest := t.furthest
	t.furthest = 0
	return furthest
}

// isBehind reports whether less is known than was rung before the log was read to
// its end: there was no more.
func (t *Tail) isBehind(furthest sequence.Position) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.started && furthest > t.memory.end.Position
}
