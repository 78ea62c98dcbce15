package delivery

import (
	"sort"

	"parley/domain/room"
	"parley/domain/sequence"
)

// memory holds the last entries of the log, as many as fit into its limit, in
// order and by topic.
type memory struct {
	limit  int                  // in bytes
	size   int                  // in bytes
	floor  sequence.Place       // everything after it is held
	end    sequence.Place       // everything up to it has been
	events []*Event             // events[i] is at position floor + 1 + i
	rooms  map[room.ID][]*Event // those of events that anybody may be handed
}

func newMemory(limit int, at sequence.Place) memory {
	return memory{limit: limit, floor: at, end: at, rooms: make(map[room.ID][]*Event)}
}

// append holds the next entry, and lets go of the oldest beyond the limit.
func (m *memory) append(e *Event) {
	m.events = append(m.events, e)
	m.end = e.Entry.Place
	m.size += footprint(e)
	if in := e.Entry.Room; !in.IsZero() && !e.Entry.Gone {
		m.rooms[in] = append(m.rooms[in], e)
	}
	for m.size > m.limit && len(m.events) > 0 {
		m.forget()
	}
}

// forget lets go of the oldest entry, which is the oldest of its room too.
func (m *memory) forget() {
	oldest := m.events[0]
	m.events[0] = nil
	m.events = m.events[1:]
	m.size -= footprint(oldest)
	m.floor = oldest.Entry.Place
	in := oldest.Entry.Room
	if rest := m.rooms[in]; len(rest) > 0 && rest[0] == oldest {
		rest[0] = nil
		if len(rest) == 1 {
			delete(m.rooms, in)
		} else {
			m.rooms[in] = rest[1:]
		}
	}
}

// after returns everything that is held behind a position, which must not be
// before the floor.
func (m *memory) after(p sequence.Position) []*Event {
	return m.events[p-m.floor.Position:]
}

// room returns what is held of a room behind a position.
func (m *memory) room(in room.ID, after sequence.Position) []*Event {
	events := m.rooms[in]
	first := sort.Search(len(events), func(i int) bool { return events[i].Entry.Place.Position > after })
	return events[first:]
}

// at returns the place at a position; false if it is not held.
func (m *memory) at(p sequence.Position) (sequence.Place, bool) {
	switch {
	case p == m.floor.Position:
		return m.floor, true
	case p < m.floor.Position || p > m.end.Position:
		return sequence.Place{}, false
	default:
		return m.events[p-m.floor.Position-1].Entry.Place, true
	}
}

// footprint is about how many bytes an event takes while it is held, with a frame for
// each of two transports.
func footprint(e *Event) int {
	const entry = 1800
	if said := e.Entry.Message; said != nil {
		return entry + 3*len(said.Content.String())
	}
	return entry + 8*len(e.Entry.People)
}

// weight is about how many bytes an event takes when it is written, and rather
// more than less.
func weight(e *Event) int {
	const entry, frame = 700, 2
	if said := e.Entry.Message; said != nil {
		return entry + frame*len(said.Content.String())
	}
	return entry + 8*len(e.Entry.People)
}
