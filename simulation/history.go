package simulation

import (
	"slices"
	"sort"
	"time"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// record is an entry of the log as it was committed.
type record struct {
	entry port.Entry    // its message as it read then
	print message.Print // of a message that was said
	kind  policy.Kind   // of a room that was opened
	at    time.Time     // when the commit was done

	answered map[*node]time.Time // when a node answered that this is done
}

// history is one course of the log, and what follows from it. A restore begins
// another one, which has the same records up to a point; the old one stays as it
// was, for nodes that have not noticed.
type history struct {
	records  []*record
	rooms    map[room.ID]*hall
	messages map[message.ID]*said
	keys     map[message.Name]*said
	ended    map[identity.SessionID]sequence.Position
	stays    map[message.Seat][]stay
	about    map[identity.UserID][]*record
	lastRoom int64
	lastID   int64
}

// hall is a room.
type hall struct {
	id      room.ID
	kind    policy.Kind
	people  map[identity.UserID]seat
	barred  map[identity.UserID]bool
	end     message.End
	deleted bool
	records []*record
}

type seat struct {
	role  room.Role
	since sequence.Position
}

// said is a message: how it reads now, and what became of it.
type said struct {
	now     *message.Message
	print   message.Print
	created *record
	deleted *record
	texts   []string // by version
}

// stay is a stretch of the log during which somebody was in a room, both ends
// included.
type stay struct{ from, to sequence.Position }

const forever = sequence.Position(1) << 60

func newHistory() *history {
	return &history{
		rooms: make(map[room.ID]*hall), messages: make(map[message.ID]*said), keys: make(map[message.Name]*said),
		ended: make(map[identity.SessionID]sequence.Position), stays: make(map[message.Seat][]stay),
		about: make(map[identity.UserID][]*record),
	}
}

// upto is a new history with the first n records of this one.
func (h *history) upto(n int) *history {
	other := newHistory()
	for _, r := range h.records[:n] {
		other.add(r)
	}
	return other
}

func (h *history) head() sequence.Place { return h.records[len(h.records)-1].entry.Place }

// has reports whether a place is one of this history.
func (h *history) has(p sequence.Place) bool {
	return p.Position >= 0 && int(p.Position) < len(h.records) && h.records[p.Position].entry.Place == p
}

// add adds a record, and all that follows from it.
func (h *history) add(r *record) {
	h.records = append(h.records, r)
	e := r.entry
	if e.Kind == port.RoomCreated {
		h.rooms[e.Room] = &hall{
			id: e.Room, kind: r.kind, people: make(map[identity.UserID]seat), barred: make(map[identity.UserID]bool),
		}
		h.lastRoom = max(h.lastRoom, e.Room.Int64())
	}
	if in := h.rooms[e.Room]; in != nil {
		in.records = append(in.records, r)
		in.end.At = e.At
		h.befall(in, r)
	}
	if e.Kind == port.SessionEnded {
		h.ended[e.Session] = e.Place.Position
	}
}

// befall does to a room what a record of it says.
func (h *history) befall(in *hall, r *record) {
	switch e := r.entry; e.Kind {
	case port.MessageCreated:
		s := &said{now: e.Message, print: r.print, created: r, texts: []string{e.Message.Content.String()}}
		h.messages[e.Message.ID] = s
		h.lastID = max(h.lastID, e.Message.ID.Int64())
		if !e.Message.Key.IsZero() {
			h.keys[message.Name{Author: e.Message.Author.ID, Key: e.Message.Key}] = s
		}
		in.end.Sequence = e.Message.Sequence
	case port.MessageEdited, port.MessageDeleted:
		s := *h.messages[e.Message.ID] // an older history may have the other
		s.now, s.texts = e.Message, append(slices.Clone(s.texts), e.Message.Content.String())
		if e.Kind == port.MessageDeleted {
			s.deleted, s.print = r, message.Print{}
		}
		h.messages[e.Message.ID] = &s
		if name := (message.Name{Author: e.Message.Author.ID, Key: e.Message.Key}); h.keys[name] != nil {
			h.keys[name] = &s
		}
	case port.ParticipantJoined, port.ParticipantLeft, port.ParticipantChanged, port.RoomCreated, port.RoomDeleted:
		h.people(in, r)
	case port.Genesis, port.RoomChanged, port.SessionEnded, port.UpdatePublished:
	default:
	}
}

// people does to who is in a room what a record says.
func (h *history) people(in *hall, r *record) {
	e, at := r.entry, r.entry.Place.Position
	switch e.Kind { //nolint:exhaustive // the others are about nobody's being there
	case port.ParticipantJoined:
		h.enters(in, e.Subject.ID, e.Role, r)
	case port.RoomCreated:
		for n, who := range e.People {
			h.enters(in, who, roles[min(n, 1)], r)
		}
	case port.ParticipantChanged:
		in.people[e.Subject.ID] = seat{e.Role, in.people[e.Subject.ID].since}
		h.about[e.Subject.ID] = append(h.about[e.Subject.ID], r)
	case port.ParticipantLeft:
		delete(in.people, e.Subject.ID)
		in.barred[e.Subject.ID] = e.Reason == room.WasRemoved
		h.leaves(in, e.Subject.ID, at)
		h.about[e.Subject.ID] = append(h.about[e.Subject.ID], r)
	case port.RoomDeleted:
		in.deleted = true
		for who := range in.people {
			h.leaves(in, who, at)
			h.about[who] = append(h.about[who], r)
		}
	}
}

// roles are those of who opens a room and of all others in it.
var roles = [2]room.Role{room.Admin, room.Member}

func (h *history) enters(in *hall, who identity.UserID, role room.Role, r *record) {
	in.people[who] = seat{role, r.entry.Place.Position}
	delete(in.barred, who)
	h.stays[message.Seat{Room: in.id, User: who}] = append(h.stays[message.Seat{Room: in.id, User: who}], stay{r.entry.Place.Position, forever})
	h.about[who] = append(h.about[who], r)
}

func (h *history) leaves(in *hall, who identity.UserID, at sequence.Position) {
	stays := h.stays[message.Seat{Room: in.id, User: who}]
	if len(stays) > 0 { // or two who did not wait for each other have taken them out
		stays[len(stays)-1].to = at
	}
}

// within returns the records with after < position <= upto, at most limit.
func within(records []*record, s port.Span) []*record {
	first := sort.Search(len(records), func(i int) bool { return records[i].entry.Place.Position > s.After })
	last := sort.Search(len(records), func(i int) bool { return records[i].entry.Place.Position > s.Upto })
	return records[first:min(last, first+s.Limit)]
}

// entries are records as the log is read: what they name reads as it does now.
func (h *history) entries(records []*record) []port.Entry {
	all := make([]port.Entry, len(records))
	for i, r := range records {
		all[i] = r.entry
		if m := r.entry.Message; m != nil {
			all[i].Message = h.messages[m.ID].now
		}
	}
	return all
}
