// Package sequence numbers things: a message in its room, an entry in the log.
package sequence

import "time"

// Number is a message's number in its room. They count from 1 without a gap, in
// the order of the commits; 0 is before the first.
type Number int64

// Next is the number after n.
func (n Number) Next() Number { return n + 1 }

// Position is an entry's number in the log. They count from 0, the genesis
// entry, without a gap, in the order of the commits.
type Position int64

// Next is the position after p.
func (p Position) Next() Position { return p + 1 }

// Mark is drawn at random when an entry is appended. It tells the entry from
// another that is given the same position in another history of the log, as
// after the restore of a backup.
type Mark uint32

// Place is a position with the mark of its entry: it names one entry of one
// history.
type Place struct {
	Position Position
	Mark     Mark
}

// Tick is the least time between two things in one room, so that sorting by
// time and by number gives the same order. Stores keep times to this precision.
const Tick = time.Microsecond

// After is the time of what happens in a room at a time when the last thing in
// that room has the time last: now, but at least a tick after last.
func After(last, now time.Time) time.Time {
	now = now.UTC().Truncate(Tick)
	if earliest := last.Add(Tick); now.Before(earliest) {
		return earliest.UTC()
	}
	return now
}
