package port

import (
	"context"
	"time"

	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/room"
	"parley/domain/sequence"
)

// Log reads the log. Each call is one snapshot, and no transaction outlives it.
//
// A reading of entries ends at its limit, and may end before that where they have
// many bytes: see [Whole].
//
// What was pruned is in none of them. So a span that begins before the log's
// first entry has less than there was: who must not miss anything asks, after
// reading it, whether the place where it begins is still there.
type Log interface {
	// From returns the entries with position >= from in order, at most limit. The
	// first one of the log is a Genesis: all before it, and what it said itself, is
	// not there or was pruned.
	From(ctx context.Context, from sequence.Position, limit int) ([]Entry, error)

	// Head returns the place of the last entry.
	Head(ctx context.Context) (sequence.Place, error)

	// Room returns the entries of a room within the span, in order.
	Room(ctx context.Context, in room.ID, s Span) ([]Entry, error)

	// About returns, within the span and in order, what a user's own topic has:
	// participant entries about them, room.created of the rooms they were in from
	// the beginning, and room.deleted of the rooms they were in to the end.
	About(ctx context.Context, who identity.UserID, s Span) ([]Entry, error)

	// Latest returns the position of the last entry up to upto of each of the
	// rooms that has one after after.
	Latest(ctx context.Context, rooms []room.ID, after, upto sequence.Position) (map[room.ID]sequence.Position, error)

	// Rights returns what a stream of this caller rests on, in one snapshot;
	// identity.ErrSessionEnded if their session has ended.
	Rights(ctx context.Context, who identity.Caller) (Rights, error)
}

// Span is a part of the log: after < position <= upto, at most Limit entries.
type Span struct {
	After, Upto sequence.Position
	Limit       int
}

// Plenty is how many bytes of updates are enough for one reading: it may end with
// the entry with which they come to as much. It is more than one update can have,
// so that every reading gets on; and not much more, for a listener that is slow
// holds what was read for it.
const Plenty = 2 << 20

// Whole reports whether entries that were read with a limit are all that there
// were. If not, there may be more behind the last of them.
func Whole(entries []Entry, limit int) bool {
	bytes := 0
	for _, e := range entries {
		if e.Update != nil {
			bytes += e.Update.Size()
		}
	}
	return len(entries) < limit && bytes < Plenty
}

// Rights is what somebody may hear of as of a place in the log.
type Rights struct {
	Head  sequence.Place
	Rooms []room.ID // that they are in
}

// EntryKind says what an entry of the log is about.
type EntryKind int

// The kinds of entry.
const (
	Genesis EntryKind = iota + 1
	MessageCreated
	ParticipantJoined
	ParticipantLeft
	ParticipantChanged
	RoomCreated
	RoomDeleted
	SessionEnded
	MessageEdited
	MessageDeleted
	RoomChanged
	UpdatePublished
)

// Entry is an entry of the log, joined with what it names as that reads now.
type Entry struct {
	Place sequence.Place
	At    time.Time
	Kind  EntryKind
	Room  room.ID         // zero if it is of no room
	Actor identity.UserID // who brought it about; zero if nobody did

	// Gone says that what it names is there no more: it is handed out to nobody.
	Gone bool

	Message *message.Message   // of message entries
	Subject identity.Person    // of participant entries: whom it is about
	Role    room.Role          // of participant entries: given, or had until then
	Reason  room.Reason        // of ParticipantLeft
	About   *room.Room         // of RoomCreated and RoomChanged
	People  []identity.UserID  // of RoomCreated: who is in it from the beginning
	Session identity.SessionID // of SessionEnded
	Update  *hub.Update        // of UpdatePublished
}
