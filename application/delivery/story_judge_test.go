package delivery_test

import (
	"slices"

	"parley/application/port"
	"parley/domain/room"
	"parley/domain/sequence"
)

// judge compares what Ben heard with the log.
func (s *story) judge() {
	heard := make(map[sequence.Position]bool)
	for i, p := range s.heard {
		if i > 0 && p <= s.heard[i-1] {
			s.t.Errorf("heard position %d after %d", p, s.heard[i-1])
		}
		heard[p] = true
	}
	stays := s.stays()
	for _, e := range s.log.entries[4:] {
		p := e.Place.Position
		switch {
		case s.told[p]:
			if heard[p] {
				s.t.Errorf("heard %d, and was told that it is missed", p)
			}
		case e.Update != nil:
			if want := s.names && !e.Update.Private && e.Update.Topics[0] == "https://e/1"; heard[p] != want {
				s.t.Errorf("heard the update at %d: %v, want %v", p, heard[p], want)
			}
		case e.Message != nil && s.log.isPruned(e.Message.ID) && (e.Kind != port.MessageCreated || heard[p]):
			// whether he has heard that it was edited depends on when it was pruned
		case e.Kind == port.ParticipantLeft:
			if !heard[p] {
				s.t.Errorf("did not hear at %d that he is out of room %s", p, e.Room)
			}
		case heard[p] && !stays.during(e.Room, p, s.heads[p]):
			s.t.Errorf("heard %d of room %s when the log ended at %d, and was not in it since", p, e.Room, s.heads[p])
		case !heard[p] && stays.from(e.Room, p):
			s.t.Errorf("did not hear %d of room %s, which he has never left since", p, e.Room)
		case e.Message != nil && stays.from(e.Room, p) && s.knows[e.Message.ID] != s.log.now[e.Message.ID].Version:
			s.t.Errorf("knows version %d of message %s, which reads %+v", s.knows[e.Message.ID], e.Message.ID, s.log.now[e.Message.ID])
		}
	}
}

// stays says for each room at which positions Ben was in it.
type stays map[room.ID][]bool

func (s *story) stays() stays {
	all := stays{hall: nil, attic: nil}
	in := map[room.ID]bool{hall: true}
	for _, e := range s.log.entries {
		if e.Kind == port.ParticipantJoined || e.Kind == port.ParticipantLeft {
			in[e.Room] = e.Kind == port.ParticipantJoined
		}
		for room := range all {
			all[room] = append(all[room], in[room])
		}
	}
	return all
}

// during reports whether he was in the room at any position from first to last.
func (s stays) during(in room.ID, first, last sequence.Position) bool {
	return slices.Contains(s[in][first:last+1], true)
}

// from reports whether he was in the room at every position from first on.
func (s stays) from(in room.ID, first sequence.Position) bool {
	return !slices.Contains(s[in][first:], false)
}
