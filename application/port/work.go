// Package port has what the application needs of the world. What each port
// promises, in full, is a suite in package contract.
package port

import (
	"context"
	"time"

	"parley/domain/fault"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// ErrUnavailable is the answer of a store that cannot take or answer anything
// now. Whether a change that was under way is kept is then unknown; a send with
// a key can be repeated.
var ErrUnavailable = fault.New(fault.Unavailable, "storage-unavailable", "The service cannot take this now; try again.")

// Work makes changes that are kept together or not at all, and looks at what
// there is.
type Work interface {
	// Change runs step under the log's lock, which it takes before it reads
	// anything. If step returns nil, all that it did is kept; if not, none of it
	// is, and Change returns step's error.
	//
	// The step may be run again when something got in its way, so it changes
	// nothing but what it reaches through its Scope and its own results. Once the
	// commit has begun, the end of ctx no longer stops it.
	Change(ctx context.Context, step func(context.Context, Scope) error) error

	// Look runs step in one snapshot, in which nothing can be changed.
	Look(ctx context.Context, step func(context.Context, View) error) error
}

// Sends takes messages. Many of them may share one commit.
type Sends interface {
	// Send returns the message that the draft is: a new one, or the one that its
	// key stands for. What is refused has left nothing behind.
	Send(ctx context.Context, d message.Draft) (message.Sent, error)
}

// View is what one look can reach. It is of no use after its step.
type View struct {
	Head     sequence.Place // of the log, in this snapshot
	Users    Users
	Rooms    Rooms
	People   People
	Messages Messages
	Sessions Sessions
}

// Admit returns nil while the caller's session lasts, else
// identity.ErrSessionEnded.
func (v View) Admit(ctx context.Context, who identity.Caller) error {
	session, err := v.Users.Session(ctx, who.Session)
	if err != nil {
		return err
	}
	return session.Admit(who.User)
}

// May returns nil if who may do this in the room, else the fault that says why
// not.
func (v View) May(ctx context.Context, who identity.UserID, do policy.Action, in room.ID) error {
	standing, kind, err := v.People.Standing(ctx, in, who)
	if err != nil {
		return err
	}
	return policy.Check(standing, do, kind)
}

// Scope is what one change can reach: what there is, read under the log's lock,
// and the ways to change it. It is of no use after its step.
type Scope struct {
	View
	At       time.Time // the store's clock, read under the lock
	Keeping  Keeping
	Access   Access
	Revising Revising
}

// Keeping makes the changes of a step. Those that participants may hear of are
// kept together with their entries of the log.
type Keeping interface {
	// AddUser makes a user; ErrEmailTaken if somebody has this address. A user
	// without an address (of another issuer) is given the zero Email.
	AddUser(ctx context.Context, u identity.User, hash string) (identity.User, error)

	// SaveUser stores what a user may change of themselves: name and presence.
	SaveUser(ctx context.Context, u identity.User) error

	// AddSession makes a session of the user.
	AddSession(ctx context.Context, s identity.Session) (identity.Session, error)

	// OpenRoom makes the room of a plan, with its people, and logs room.created.
	OpenRoom(ctx context.Context, p room.Plan, by identity.UserID) (room.ID, error)

	// Keep makes changes in a room that by brought about, in this order, and logs
	// an entry for each.
	Keep(ctx context.Context, in room.ID, by identity.UserID, changes []room.Change) error
}
