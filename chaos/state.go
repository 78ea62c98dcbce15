package chaos

import (
	"maps"
	"slices"
	"time"
)

// state is a room as somebody knows it by what they have heard.
type state struct {
	said    map[int64]Kept // by id
	from    int64          // the number from which on they know all
	partial bool           // they were out for a while, and know only what they heard since
	visits  bool           // they know the room by a page and what came after
	last    int64          // the last number that they know
	name    Record
	people  map[int64]bool
}

// heardAddsUp judges everybody who has heard the end of a room: what they know of
// it is what there is.
func heardAddsUp(h []Record, final Final) (broken []Breach) {
	first, last := make(map[int64]Record), make(map[int64]Record)
	for r := range Those(h, Is, Noted) {
		if _, known := first[r.Room]; !known {
			first[r.Room] = r
		}
		last[r.Room] = r
	}
	for on, s := range fold(h, first) {
		room := final[on.room]
		if len(room) == 0 || s.last != room[len(room)-1].Seq {
			continue // what they have not heard is for others to judge
		}
		broken = append(broken, s.differs(on, room)...)
		if is, known := last[on.room]; known && !s.partial && !s.visits {
			broken = append(broken, s.differsFrom(on, is)...)
		}
	}
	return broken
}

// fold adds up what everybody has heard.
func fold(h []Record, first map[int64]Record) map[ear]*state {
	states := make(map[ear]*state)
	for _, r := range h {
		on := ear{r.Client, r.Room}
		if !about(r) && (r.Op != Read || r.Phase != OK) {
			continue
		}
		s := states[on]
		if s == nil {
			s = &state{said: make(map[int64]Kept), name: first[r.Room], people: make(map[int64]bool)}
			for _, who := range first[r.Room].People {
				s.people[who] = true
			}
			states[on] = s
		}
		s.take(r)
	}
	return states
}

func (s *state) take(r Record) {
	switch r.Op { //nolint:exhaustive // the others tell nothing of a room
	case Read:
		s.visits, s.from, s.last = true, r.Seq-int64(len(r.Items))+1, r.Seq
		for _, item := range r.Items {
			s.said[item.ID] = item
		}
	case Hear, Edited, Deleted:
		if before, known := s.said[r.ID]; !known || before.Rev < r.Rev {
			s.said[r.ID] = keptOf(r)
		}
		if r.Op == Hear {
			s.last = r.Seq
		}
	case Out:
		s.partial = true
		clear(s.said)
	case Renamed:
		s.name = r
	case Joined:
		s.people[r.User] = true
	case Left:
		delete(s.people, r.User)
	}
}

// differs compares the messages.
func (s *state) differs(on ear, room []Kept) (broken []Breach) {
	for _, kept := range room {
		known, heard := s.said[kept.ID]
		switch {
		case !heard && (s.partial || kept.Seq < s.from):
		case !heard:
			broken = append(broken, breach(0, Loss, "%s does not know number %d of room %d", on.client, kept.Seq, on.room))
		case known.Rev != kept.Rev:
			broken = append(broken, breach(0, Loss, "%s knows version %d of number %d of room %d, which has version %d", on.client, known.Rev, kept.Seq, on.room, kept.Rev))
		case known.Hash != kept.Hash:
			broken = append(broken, breach(0, Falsehood, "%s knows other words of number %d of room %d than are there", on.client, kept.Seq, on.room))
		}
	}
	return broken
}

// differsFrom compares the room's name and people.
func (s *state) differsFrom(on ear, is Record) (broken []Breach) {
	if s.name.Rev != is.Rev || s.name.Note != is.Note {
		broken = append(broken, breach(0, Loss, "%s knows room %d as %q (version %d), which is called %q (version %d)", on.client, on.room, s.name.Note, s.name.Rev, is.Note, is.Rev))
	}
	there := slices.Sorted(slices.Values(is.People))
	if known := slices.Sorted(maps.Keys(s.people)); !slices.Equal(known, there) {
		broken = append(broken, breach(0, Loss, "%s takes %v to be in room %d, where %v are", on.client, known, on.room, there))
	}
	return broken
}

// deletedIsGone: no line that was opened, and no page that was asked for, after a
// deletion was answered has the words.
func deletedIsGone(h []Record, _ Final) (broken []Breach) {
	gone := make(map[int64]time.Duration)
	for r := range Those(h, Delete, OK) {
		gone[r.ID] = r.At
	}
	openings, reading := openingsOf(h), make(map[string]Record)
	for _, r := range h {
		if r.Op == Read && r.Phase == Invoked {
			reading[r.Client] = r
		}
		items, asked := r.Items, reading[r.Client].At
		if r.Op == Hear || r.Op == Edited {
			items, asked = []Kept{keptOf(r)}, openings[lineOf{r.Client, r.Conn}].At
		}
		for _, item := range items {
			if at, deleted := gone[item.ID]; deleted && item.Hash != "" && asked > at {
				broken = append(broken, breach(r.At, Leak, "%s was given the words of number %d of room %d (%s, line %d), which had been deleted", r.Client, item.Seq, r.Room, r.Op, r.Conn))
			}
		}
	}
	return broken
}
