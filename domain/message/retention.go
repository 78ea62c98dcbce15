package message

import "time"

// Retention is how long what was said, and what happened beside it, is kept. The
// zero Retention is for ever.
type Retention time.Duration

// youngest is the age that everything may reach, whatever the retention: a clock
// that was set right, or a reader that is a little slow, loses nothing by it.
const youngest = time.Hour

// Before returns the time before which everything goes; false if all is kept.
func (r Retention) Before(now time.Time) (before time.Time, goes bool) {
	if r <= 0 {
		return time.Time{}, false
	}
	return now.Add(-max(time.Duration(r), youngest)), true
}
