package chaos

import (
	"cmp"
	"slices"
	"time"
)

// ear is a client that listens to a room.
type ear struct {
	client string
	room   int64
}

// alwaysIn is who was in a room from the beginning to the end, and listened to all
// of it: no line has told them that they are out, and they began with no page.
func alwaysIn(h []Record) []ear {
	in, not := make(map[ear]bool), make(map[ear]bool)
	reads := make(map[string]bool)
	for _, r := range h {
		on := ear{r.Client, r.Room}
		switch {
		case r.Op == In || r.Op == Hear:
			in[on] = true
		case r.Op == Out:
			not[on] = true
		case r.Op == Read:
			reads[r.Client] = true
		}
	}
	var always []ear
	for on := range in {
		if !not[on] && !reads[on.client] {
			always = append(always, on)
		}
	}
	slices.SortFunc(always, func(a, b ear) int { return cmp.Or(cmp.Compare(a.client, b.client), cmp.Compare(a.room, b.room)) })
	return always
}

// times counts how often each ear heard each number.
func times(h []Record) map[ear]map[int64]int {
	heard := make(map[ear]map[int64]int)
	for r := range Those(h, Hear, Noted) {
		on := ear{r.Client, r.Room}
		if heard[on] == nil {
			heard[on] = make(map[int64]int)
		}
		heard[on][r.Seq]++
	}
	return heard
}

// sentAt is when each message was acknowledged or, if nobody knows, begun.
func sentAt(h []Record) map[string]time.Duration {
	at := make(map[string]time.Duration)
	for _, r := range h {
		if r.Op == Send && (r.Phase == Invoked || r.Phase == OK) {
			at[r.Key] = r.At
		}
	}
	return at
}

// heardAllOnce judges those who were in a room from the beginning to the end.
func heardAllOnce(h []Record, final Final) (broken []Breach) {
	heard, at := times(h), sentAt(h)
	for _, on := range alwaysIn(h) {
		for _, kept := range final[on.room] {
			if n := heard[on][kept.Seq]; n != 1 {
				kind := Loss
				if n > 1 {
					kind = Doubling
				}
				broken = append(broken, breach(at[kept.Key], kind, "%s heard number %d of room %d (%s) %d times", on.client, kept.Seq, on.room, kept.Key, n))
			}
		}
	}
	return broken
}

func heardNothingTwice(h []Record, _ Final) (broken []Breach) {
	type entry struct{ client, cursor string }
	heard := make(map[entry]Record)
	for _, r := range h {
		if !about(r) || r.Cursor == "" {
			continue
		}
		of := entry{r.Client, r.Cursor}
		if before, known := heard[of]; known {
			broken = append(broken, breach(r.At, Doubling, "%s heard %s (number %d of room %d) on line %d and %s on line %d, under one id",
				r.Client, before.Op, before.Seq, r.Room, before.Conn, r.Op, r.Conn))
		}
		heard[of] = r
	}
	return broken
}

// heardSinceBack judges those who were out for a while: what was begun when they
// had been put in again for the last time, they hear.
func heardSinceBack(h []Record, final Final) (broken []Breach) {
	heard, begun := times(h), make(map[string]time.Duration)
	for r := range Those(h, Send, Invoked) {
		begun[r.Key] = r.At
	}
	for who, absences := range absencesOf(h) {
		last := absences[len(absences)-1]
		if last.added == never {
			continue
		}
		for _, kept := range final[who.room] {
			n := heard[who][kept.Seq]
			if at := begun[kept.Key]; at > last.added && n != 1 {
				broken = append(broken, breach(at, Loss, "%s, back in room %d, heard number %d %d times", who.client, who.room, kept.Seq, n))
			}
		}
	}
	return broken
}
