package delivery

import (
	"sort"

	"parley/domain/room"
	"parley/domain/sequence"
)

// memory holds the last entries of the log, as many as fit into its limit, in
// order and by topic.
type memory struct {
	limit  int                 // in bytes
	size   int                 // in bytes
	floor  sequence.Place      // everything after it is held
	end    sequence.Place      // everything up to it has been
	events []*Event            // events[i] is at position floor + 1 + i
	parts  map[strand][]*Event // those of events that anybody may be handed
}

func newMemory(limit int, at sequence.Place) memory {
	return memory{limit: limit, floor: at, end: at, parts: make(map[strand][]*Event)}
}

// append holds the next entry, and lets go of the oldest beyond the limit.
func (m *memory) append(e *Event) {
	m.events = append(m.events, e)
	m.end = e.Entry.Place
	m.size += footprint(e)
	if part := strandOf(e.Entry); part != (strand{}) {
		m.parts[part] = append(m.parts[part], e)
	}
	for m.size > m.limit && len(m.events) > 0 {
		m.forget()
	}
}

// forget lets go of the oldest entry, which is the oldest of its strand too.
func (m *memory) forget() {
	oldest := m.events[0]
	m.events[0] = nil
	m.events = m.events[1:]
	m.size -= footprint(oldest)
	m.floor = oldest.Entry.Place
	part := strandOf(oldest.Entry)
	if rest := m.parts[part]; len(rest) > 0 && rest[0] == oldest {
		rest[0] = nil
		if len(rest) == 1 {
			delete(m.parts, part)
		} else {
			m.parts[part] = rest[1:]
		}
	}
}

// after returns everything that is held behind a position, which must not be
// before the floor.
func (m *memory) after(p sequence.Position) []*Event {
	if p >= m.end.Position {
		return nil
	}
	return m.events[p-m.floor.Position:]
}

// strand returns what is held of a part of the log behind a position, which must
// not be before the floor.
func (m *memory) strand(part strand, after sequence.Position) []*Event {
	if part.kind == ofAll {
		return m.after(after)
	}
	events := m.parts[part]
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

// recentRooms returns those of the rooms that have an entry behind a position
// in memory; false if memory does not go back that far.
func (t *Tail) recentRooms(rooms []room.ID, after sequence.Position) ([]room.ID, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.started || after < t.memory.floor.Position {
		return nil, false
	}
	var behind []room.ID
	for _, in := range rooms {
		if len(t.memory.strand(roomStrand(in), after)) > 0 {
			behind = append(behind, in)
		}
	}
	return behind, true
}

// recent returns entries with after < position <= upto of a part of the log from
// memory; false if memory does not go back that far.
func (t *Tail) recent(of strand, after, upto sequence.Position) ([]*Event, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.started || after < t.memory.floor.Position {
		return nil, false
	}
	events := t.memory.strand(of, after)
	end := sort.Search(len(events), func(i int) bool { return events[i].Entry.Place.Position > upto })
	return append([]*Event(nil), events[:min(end, pageLimit)]...), true
}
