package chaos

import (
	"math"
	"time"
)

// never is the time of what has not happened.
const never = time.Duration(math.MaxInt64)

// absence is one time that somebody was out of a room: surely from removed to
// adding, and perhaps from removing to added.
type absence struct{ removing, removed, adding, added time.Duration }

// during reports whether something that began and ended at these times happened
// while they were surely out.
func (a absence) during(from, to time.Duration) bool { return from > a.removed && to < a.adding }

// absencesOf are the absences of those who have any, one after another. For each
// room there is one who adds and removes at a time.
func absencesOf(h []Record) map[ear][]absence {
	names := make(map[int64]string)
	for r := range Those(h, SignIn, OK) {
		names[r.User] = r.Client
	}
	absences := make(map[ear][]absence)
	for _, r := range h {
		who := ear{names[r.User], r.Room}
		known := absences[who]
		switch {
		case r.Op == Remove && r.Phase == Invoked:
			absences[who] = append(known, absence{r.At, never, never, never})
		case len(known) == 0:
		case r.Op == Remove && r.Phase == OK:
			known[len(known)-1].removed = r.At
		case r.Op == Add && r.Phase == Invoked:
			known[len(known)-1].adding = r.At
		case r.Op == Add && r.Phase == OK:
			known[len(known)-1].added = r.At
		}
	}
	return absences
}

// lineOf is a line of a client.
type lineOf struct {
	client string
	conn   int
}

// opening is when a line was asked for, and when it brought something first; its
// rights were read in between.
type opening struct {
	Record

	opened time.Duration
}

func openingsOf(h []Record) map[lineOf]opening {
	openings := make(map[lineOf]opening)
	for _, r := range h {
		on := lineOf{r.Client, r.Conn}
		switch r.Op { //nolint:exhaustive // the others open nothing
		case Open:
			openings[on] = opening{r, never}
		case Opened:
			o := openings[on]
			o.opened = r.At
			openings[on] = o
		}
	}
	return openings
}

// outHearsNothing: a line that is opened when somebody is in the room again may
// bring what was said while they were out, for participants may read everything.
// No line that was open before that ever does, and none brings anything meanwhile:
// what was begun when they were out and is heard before anybody asked to put them
// in again is a leak, whether or not it was ever acknowledged.
func outHearsNothing(h []Record, _ Final) (broken []Breach) {
	absences, openings, sends := absencesOf(h), openingsOf(h), sendsOf(h)
	for _, r := range h {
		who := ear{r.Client, r.Room}
		for _, a := range absences[who] {
			if about(r) && r.Op != Out && r.Op != In {
				on, sent := openings[lineOf{r.Client, r.Conn}], sends[r.Key]
				switch {
				case on.At > a.removed && r.At < a.adding:
					broken = append(broken, breach(r.At, Leak, "%s heard of room %d (%s, number %d) on line %d, opened when they were out of it", r.Client, r.Room, r.Op, r.Seq, r.Conn))
				case r.Op == Hear && sent.begun > a.removed && (r.At < a.adding || sent.done < a.adding && on.opened < a.adding):
					broken = append(broken, breach(r.At, Leak, "%s heard number %d of room %d on line %d, said when they were out of it", r.Client, r.Seq, r.Room, r.Conn))
				}
			}
			if r.Op == Send && r.Phase == OK && a.during(sends[r.Key].begun, r.At) {
				broken = append(broken, breach(r.At, Leak, "%s said number %d in room %d, being out of it", r.Client, r.Seq, r.Room))
			}
		}
	}
	return append(broken, heardAfterOut(h, absences, openings)...)
}

// heardAfterOut: what has told somebody that they are out tells them nothing more
// before it tells them that they are in. This is so of lines that were open at the
// time; one that was opened later tells of old absences in passing. Everybody
// hears once of each of their absences, so the first that they hear of is the
// first.
func heardAfterOut(h []Record, absences map[ear][]absence, openings map[lineOf]opening) (broken []Breach) {
	outs, out := make(map[ear]int), make(map[ear]map[int]bool)
	for _, r := range h {
		who := ear{r.Client, r.Room}
		if len(absences[who]) == 0 || !about(r) {
			continue
		}
		if out[who] == nil {
			out[who] = make(map[int]bool)
		}
		switch {
		case r.Op == Out:
			if n := outs[who]; n < len(absences[who]) {
				out[who][r.Conn] = openings[lineOf{r.Client, r.Conn}].opened < absences[who][n].removing
			}
			outs[who]++
		case r.Op == In:
			out[who][r.Conn] = false
		case out[who][r.Conn]:
			broken = append(broken, breach(r.At, Leak, "%s heard of room %d (%s, number %d) on line %d, which had told them that they are out of it", r.Client, r.Room, r.Op, r.Seq, r.Conn))
		}
	}
	return broken
}

// sending is when a send was begun and when it was acknowledged.
type sending struct{ begun, done time.Duration }

func sendsOf(h []Record) map[string]sending {
	sends := make(map[string]sending)
	for _, r := range h {
		switch {
		case r.Op == Send && r.Phase == Invoked:
			sends[r.Key] = sending{r.At, never}
		case r.Op == Send && r.Phase == OK:
			sends[r.Key] = sending{sends[r.Key].begun, r.At}
		}
	}
	return sends
}
