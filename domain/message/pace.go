package message

import "time"

// Pace limits how fast somebody may talk: so many messages a minute at a steady
// pace, so many at once. A pace of no messages a minute limits nobody.
//
// It is the generic cell rate algorithm (ITU-T I.371): all it keeps of somebody
// is one time, the one by which what they have sent would have been sent at the
// steady pace.
type Pace struct {
	PerMinute int
	Burst     int
}

// Take lets one message through at the given time. It returns the new state, or
// how long to wait if it is too early; then the state stays as it was.
//
// A state further ahead than the burst allows (a clock was set back) counts as
// just that far.
func (p Pace) Take(state, at time.Time) (next time.Time, wait time.Duration) {
	if p.PerMinute <= 0 {
		return state, 0
	}
	step := time.Minute / time.Duration(p.PerMinute)
	ahead := step * time.Duration(max(p.Burst, 1))
	if state.Before(at) {
		state = at
	}
	if limit := at.Add(ahead); state.After(limit) {
		state = limit
	}
	next = state.Add(step)
	if wait = next.Sub(at.Add(ahead)); wait > 0 {
		return state, wait
	}
	return next, 0
}
