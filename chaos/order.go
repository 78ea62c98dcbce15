package chaos

import (
	"cmp"
	"slices"
)

func heardInOrder(h []Record, _ Final) (broken []Breach) {
	type line struct {
		client string
		conn   int
		room   int64
	}
	last := make(map[line]int64)
	for r := range Those(h, Hear, Noted) {
		on := line{r.Client, r.Conn, r.Room}
		if r.Seq <= last[on] {
			broken = append(broken, breach(r.At, Disorder, "%s heard number %d of room %d after %d on line %d", r.Client, r.Seq, r.Room, last[on], r.Conn))
		}
		last[on] = r.Seq
	}
	return broken
}

// heardAlike compares everybody who was in a room all the time with the first of
// them. Ids tell nothing of order, but they are the same for all.
func heardAlike(h []Record, _ Final) (broken []Breach) {
	entries := make(map[ear][]Record)
	for _, r := range h {
		if about(r) && r.Cursor != "" {
			on := ear{r.Client, r.Room}
			entries[on] = append(entries[on], r)
		}
	}
	model := make(map[int64]ear)
	for _, on := range alwaysIn(h) {
		first, known := model[on.room]
		if !known {
			model[on.room] = on
			continue
		}
		a, b := entries[first], entries[on]
		for i := range min(len(a), len(b)) {
			if a[i].Cursor != b[i].Cursor {
				broken = append(broken, breach(b[i].At, Disorder, "entry %d of room %d that %s heard is %s (number %d), and that %s heard is %s (number %d)",
					i+1, on.room, on.client, b[i].Op, b[i].Seq, first.client, a[i].Op, a[i].Seq))
				break
			}
		}
		if len(a) != len(b) {
			broken = append(broken, breach(0, Loss, "%s heard %d entries of room %d, and %s %d", on.client, len(b), on.room, first.client, len(a)))
		}
	}
	return broken
}

// about reports whether a record is of an entry of a room's log that a line
// brought.
func about(r Record) bool {
	return r.Phase == Noted && slices.Contains([]Op{Hear, Edited, Deleted, Renamed, Joined, Left, In, Out}, r.Op)
}

func realTime(h []Record, _ Final) (broken []Breach) {
	begun := make(map[string]Record)
	type sent struct{ begun, done Record }
	rooms := make(map[int64][]sent)
	for _, r := range h {
		switch {
		case r.Op == Send && r.Phase == Invoked:
			begun[r.Key] = r
		case r.Op == Send && r.Phase == OK:
			rooms[r.Room] = append(rooms[r.Room], sent{begun[r.Key], r})
		}
	}
	for in, sends := range rooms {
		slices.SortFunc(sends, func(a, b sent) int { return cmp.Compare(a.done.Seq, b.done.Seq) })
		var latest Record // of those with a lower number, the one that was begun last
		for _, s := range sends {
			if latest.At > s.done.At {
				broken = append(broken, breach(s.done.At, Disorder, "room %d: %s was acknowledged before %s was begun, and has the higher number %d", in, s.done.Key, latest.Key, s.done.Seq))
			}
			if s.begun.At > latest.At {
				latest = s.begun
			}
		}
	}
	return broken
}
