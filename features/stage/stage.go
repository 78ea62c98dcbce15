// Package stage has the ways in which participants reach the program: by its use
// cases, or through the public API. What a feature says of people is played on
// any of them.
package stage

import (
	"context"
	"time"

	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// Stage is a way to reach the program.
type Stage interface {
	// Enter makes an account and signs in.
	Enter(ctx context.Context, name string) (Client, error)
}

// Client is one device of a participant, and all their ways to take part. What
// the program refuses comes back as a *Refusal; every other error means that
// something broke.
type Client interface {
	Devices

	Me() identity.UserID

	// Again signs the same person in on another device.
	Again(ctx context.Context) (Client, error)

	// Open opens a room, or finds the direct one that there is.
	Open(ctx context.Context, kind policy.Kind, name string, others ...identity.UserID) (room.ID, error)
	Join(ctx context.Context, in room.ID) error
	Add(ctx context.Context, in room.ID, who identity.UserID) error
	Remove(ctx context.Context, in room.ID, who identity.UserID) error
	ChangeRole(ctx context.Context, in room.ID, who identity.UserID, role room.Role) error

	// Rooms has the names of the rooms that one is in.
	Rooms(ctx context.Context) (map[room.ID]string, error)
	// Directory has the names of the public rooms that the query finds.
	Directory(ctx context.Context, query string) (map[room.ID]string, error)
	// People has the roles of those who are in a room.
	People(ctx context.Context, in room.ID) (map[identity.UserID]room.Role, error)

	// Say says something. The same key again says the same thing.
	Say(ctx context.Context, in room.ID, text, key string) (Message, error)
	// Correct puts what one has said into other words. If known is not zero, it is
	// the version that one takes it to have.
	Correct(ctx context.Context, m Message, text string, known int) (Message, error)
	// Withdraw takes back what was said.
	Withdraw(ctx context.Context, m Message) error
	// Rename gives a room another name; known is as for Correct.
	Rename(ctx context.Context, in room.ID, name string, known int) error
	// End deletes a room.
	End(ctx context.Context, in room.ID) error
	// HasRead says up to where one has read.
	HasRead(ctx context.Context, in room.ID, upto sequence.Number) error
	// Unread counts what one has not read.
	Unread(ctx context.Context, in room.ID) (int, error)

	// Read returns a part of a room's messages, in order.
	Read(ctx context.Context, in room.ID, part Part) (Page, error)
	// Listen opens a line. When it returns, nothing that happens is missed.
	Listen(ctx context.Context, ask Ask) (Line, error)
}

// Message is something that somebody said, as it reads by now.
type Message struct {
	ID        message.ID
	Room      room.ID
	Number    sequence.Number
	Who       string
	Text      string // empty once it was withdrawn
	Version   int
	Corrected bool
	Withdrawn bool
}

// Part is a part of a room's messages. The zero Part is the last ones.
type Part struct {
	Before sequence.Number // if not zero: those just before it
	After  *sequence.Number
	Limit  int
}

// Page is a part of a room's messages as they were at a place.
type Page struct {
	Messages []Message
	First    sequence.Number // of the room that can still be read
	More     bool            // in the direction in which was read
	Place    Place
}

// Place is where somebody stands in all that happens. Nobody but the program can
// read it.
type Place string

// Ask says what one wants to hear. What concerns oneself is always heard.
type Ask struct {
	Rooms  []room.ID // none: all of one's rooms, those to come too
	Topics []string  // of third parties
	After  Place     // empty: from now on
}

// Line is an open line.
type Line interface {
	// Afresh reports whether the place that was asked for is not known.
	Afresh() bool
	// Place is where the line began.
	Place() Place
	// Next waits for the next thing that is heard.
	Next(ctx context.Context) (Heard, error)
	// Close hangs up, whatever is still on the line.
	Close() error
}

// Heard is something that one has heard.
type Heard struct {
	What    What
	Message Message   // of Said, Corrected and, but for who said it, Withdrawn; otherwise its Room and Who say where and whom
	Role    room.Role // of RoleChanged
	Name    string    // of RoomRenamed
	Place   Place     // to come back to
}

// What says what happened.
type What int

// What happens.
const (
	Said What = iota + 1
	Came
	Left
	Removed
	RoleChanged
	RoomOpened
	RoomGone
	Corrected
	Withdrawn
	RoomRenamed
	Updated // by a third party; the Text of the Message is what it published, and all else is empty
)

// Refusal is the program's "no".
type Refusal struct {
	Code  string
	Field string        // that it is about, if any
	Wait  time.Duration // after which asking again makes sense, if known
}

func (r *Refusal) Error() string { return "refused as " + r.Code + " " + r.Field }

// password is what everybody on a stage has chosen.
const password = "correct horse battery"

func address(name string) string { return name + "@example.org" }
