package delivery

import (
	"math"
	"slices"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
	"parley/domain/sequence"
)

// open is the end of a span that has none yet.
const open = sequence.Position(math.MaxInt64)

// maxEnded is how many ended spans a reader may have before it is closed.
const maxEnded = 100

// span is a stretch of the log, both ends included, during which a reader's user
// was in a room. A span that begins at 0 was there when the reader was opened:
// who is in a room may read all of its history.
type span struct{ from, to sequence.Position }

// rights is what a reader's user may hear of. It holds for readers of users;
// what a token's claims allow is judged elsewhere.
type rights struct {
	head  sequence.Position // of the log when the reader was opened
	spans map[room.ID][]span
	ended int // how many spans have an end
}

func newRights(head sequence.Position, rooms []room.ID) rights {
	r := rights{head: head, spans: make(map[room.ID][]span, len(rooms))}
	for _, in := range rooms {
		r.spans[in] = []span{{0, open}}
	}
	return r
}

// begin starts a span, unless the user is in the room already.
func (r *rights) begin(in room.ID, at sequence.Position) {
	if !r.has(in) {
		r.spans[in] = append(r.spans[in], span{at, open})
	}
}

// end ends the room's open span.
func (r *rights) end(in room.ID, at sequence.Position) {
	if r.has(in) {
		spans := r.spans[in]
		spans[len(spans)-1].to = at
		r.ended++
	}
}

// has reports whether the user is in the room now.
func (r *rights) has(in room.ID) bool {
	spans := r.spans[in]
	return len(spans) > 0 && spans[len(spans)-1].to == open
}

// allow reports whether the entry at a position of a room may be handed out. What
// was logged before the end of a span, while the reader was open, still may,
// however late; older history stops at the end.
func (r *rights) allow(in room.ID, at sequence.Position) bool {
	for _, s := range r.spans[in] {
		if s.to == open && s.from <= at {
			return true
		}
		if s.to != open && max(s.from, r.head+1) <= at && at <= s.to {
			return true
		}
	}
	return false
}

// endedAt reports whether the user was in the room until just this position.
func (r *rights) endedAt(in room.ID, at sequence.Position) bool {
	for _, s := range r.spans[in] {
		if s.to == at {
			return true
		}
	}
	return false
}

// passed lets go of the spans that ended at or before a place of the reader.
func (r *rights) passed(place sequence.Position) {
	if r.ended == 0 {
		return
	}
	for in, spans := range r.spans {
		kept := spans[:0]
		for _, s := range spans {
			if s.to == open || s.to > place {
				kept = append(kept, s)
			}
		}
		r.ended -= len(spans) - len(kept)
		if len(kept) == 0 {
			delete(r.spans, in)
		} else {
			r.spans[in] = kept
		}
	}
}

// concerns reports whether an entry is about the reader's user.
func (r *reader) concerns(e port.Entry) bool {
	switch e.Kind {
	case port.ParticipantJoined, port.ParticipantLeft, port.ParticipantChanged:
		return e.Subject.ID == r.who.User
	case port.RoomCreated:
		return slices.Contains(e.People, r.who.User)
	case port.RoomDeleted:
		return r.rights.endedAt(e.Room, e.Place.Position)
	case port.Genesis, port.MessageCreated, port.MessageEdited, port.MessageDeleted, port.RoomChanged, port.SessionEnded, port.UpdatePublished:
		return false
	default:
		return false
	}
}

// ends reports whether an entry of this kind ends rights.
func ends(kind port.EntryKind) bool { return kind == port.ParticipantLeft || kind == port.RoomDeleted }

// hears returns the topic on which the reader is handed an event; false if it is
// not. own says that it is known to be about the reader's user, or to be for a
// reader without one. The lock is held.
func (r *reader) hears(event *Event, own bool) (Topic, bool) {
	e := event.Entry
	switch {
	case strandOf(e) == strand{}:
		return Topic{}, false
	case r.guest != nil, e.Kind == port.UpdatePublished:
		return canonical(e), own || r.hearsUpdate(event)
	}
	own = own || r.concerns(e)
	if !r.rights.allow(e.Room, e.Place.Position) && !(own && ends(e.Kind)) {
		return Topic{}, false
	}
	switch {
	case r.wantsRoom(e.Room):
		return RoomTopic(e.Room), true
	case own && r.wantsUser(r.who.User):
		return UserTopic(r.who.User), true
	default:
		return Topic{}, false
	}
}

// isAbout reports whether an entry changes what the user of these rights is in a
// room.
func isAbout(e port.Entry, who identity.UserID, held *rights) bool {
	switch e.Kind {
	case port.ParticipantJoined, port.ParticipantLeft:
		return e.Subject.ID == who
	case port.RoomCreated:
		return slices.Contains(e.People, who)
	case port.RoomDeleted:
		return held.has(e.Room)
	case port.Genesis, port.MessageCreated, port.MessageEdited, port.MessageDeleted, port.ParticipantChanged,
		port.RoomChanged, port.SessionEnded, port.UpdatePublished:
		return false
	default:
		return false
	}
}
