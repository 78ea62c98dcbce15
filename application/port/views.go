package port

import (
	"context"
	"time"

	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// Users holds the accounts and sessions.
type Users interface {
	// Get returns a user; identity.ErrUnknownUser if there is none.
	Get(ctx context.Context, id identity.UserID) (identity.User, error)

	// ByEmail returns the user with this address and the hash of their password;
	// identity.ErrUnknownUser if there is none.
	ByEmail(ctx context.Context, address identity.Email) (identity.User, string, error)

	// Find returns people whom the query matches, ordered by ID, after the given
	// one, and no more than limit.
	Find(ctx context.Context, q identity.Query, after identity.UserID, limit int) ([]identity.Person, error)

	// Missing returns those of ids that are no user's.
	Missing(ctx context.Context, ids []identity.UserID) ([]identity.UserID, error)

	// Session returns a session; identity.ErrSessionEnded if there is none.
	Session(ctx context.Context, id identity.SessionID) (identity.Session, error)
}

// Rooms holds the rooms.
type Rooms interface {
	// Get returns a room as somebody sees it, whatever their standing;
	// policy.ErrNotThere if there is none or it has been deleted.
	Get(ctx context.Context, id room.ID, viewer identity.UserID) (Seen, error)

	// Direct returns the direct room of two people; zero if there is none.
	Direct(ctx context.Context, a, b identity.UserID) (room.ID, error)

	// Mine returns the rooms that somebody is in, most recently active first and
	// then by descending ID, after the given place, and no more than limit.
	Mine(ctx context.Context, viewer identity.UserID, after Active, limit int) ([]Seen, error)

	// Directory returns the public rooms that the query matches (the zero query
	// matches all), ordered by ID, after the given one, and no more than limit.
	Directory(ctx context.Context, viewer identity.UserID, q identity.Query, after room.ID, limit int) ([]Listed, error)
}

// Seen is a room as one user sees it.
type Seen struct {
	Room         room.Room
	Standing     policy.Standing
	Peer         identity.Person // the other one of a direct room, else zero
	ReadSequence sequence.Number
	LastMessage  *message.Message // nil if there is none, or it was pruned
	ActiveAt     time.Time        // of its last message, pruned or not, else of its creation
}

// Active is a place in a list of rooms by activity. The zero Active is before
// the first.
type Active struct {
	At   time.Time
	Room room.ID
}

// Listed is a public room as the directory shows it.
type Listed struct {
	ID     room.ID
	Name   room.Name
	People int
	Joined bool // the viewer is in it
}

// People holds who is in which room.
type People interface {
	// Standing returns what somebody is to a room, and the room's kind;
	// policy.ErrNotThere if there is no such room or it has been deleted.
	Standing(ctx context.Context, in room.ID, who identity.UserID) (policy.Standing, policy.Kind, error)

	// Circle returns what a decision about who rests on, asked by by;
	// policy.ErrNotThere as above.
	Circle(ctx context.Context, in room.ID, by, who identity.UserID) (room.Circle, error)

	// Get returns a participant; room.ErrNotParticipant if who is not in the room.
	Get(ctx context.Context, in room.ID, who identity.UserID) (room.Participant, error)

	// List returns the participants ordered by user ID, after the given one, and
	// no more than limit.
	List(ctx context.Context, in room.ID, after identity.UserID, limit int) ([]room.Participant, error)
}

// Messages holds what has been said.
type Messages interface {
	// Get returns a message; message.ErrNotThere if there is none, or it was pruned.
	Get(ctx context.Context, id message.ID) (message.Message, error)

	// Range returns the messages of a room with from <= sequence <= to in
	// ascending order: the first limit of them, or the last limit if last.
	Range(ctx context.Context, in room.ID, r Range) ([]message.Message, error)

	// Bounds returns the sequence of the first message of the room that can be
	// read (1 if it is empty, the next one's if all were pruned) and of the last one,
	// pruned or not (0 if it is empty).
	Bounds(ctx context.Context, in room.ID) (first, last sequence.Number, err error)
}

// Range is a part of a room's messages.
type Range struct {
	From, To sequence.Number // both inclusive
	Limit    int
	Last     bool // which end is cut where there are more than Limit
}
