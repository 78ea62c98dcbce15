// Package room has the places where people talk: what they are, who is in them,
// and what happens in them beside the talking.
//
// A room may have 10,000 participants, so they are no part of a Room. What a
// decision about them needs is a [Circle].
package room

import (
	"time"

	"parley/domain/fault"
	"parley/domain/identity"
	"parley/domain/internal/ident"
	"parley/domain/internal/text"
	"parley/domain/policy"
	"parley/domain/sequence"
)

// ID identifies a room.
type ID = ident.ID[Room]

// ParseID reads a room's ID from text.
func ParseID(text string) (ID, error) { return ident.Parse[Room](text) }

// IDFrom makes a room's ID of the number that the store gave.
func IDFrom(number int64) (ID, error) { return ident.From[Room](number) }

// Room is a room as it reads now, the same for whoever looks.
type Room struct {
	ID           ID
	Kind         policy.Kind
	Name         Name // zero in a direct room
	CreatedAt    time.Time
	UpdatedAt    time.Time // moves with Version
	Version      int       // counts the changes of the room itself, from 1
	People       int       // how many are in it
	LastSequence sequence.Number
}

// Participant is a user in a room.
type Participant struct {
	Person   identity.Person
	Role     Role
	JoinedAt time.Time
}

// Role is what a participant is in a room.
type Role int

// The roles.
const (
	Member Role = iota + 1
	Admin
)

// Standing is what somebody with this role is to policy.
func (r Role) Standing() policy.Standing {
	switch r {
	case Member:
		return policy.Member
	case Admin:
		return policy.Admin
	default:
		return policy.Outsider
	}
}

// What is refused, and why.
var (
	ErrName           = fault.Of("name", fault.Invalid, "invalid-request", "A room's name has 1 to 255 characters, shows something, and has no control or format characters.")
	ErrDirectName     = fault.Of("name", fault.Invalid, "invalid-request", "A direct conversation has no name.")
	ErrDirectPeople   = fault.Of("participantIds", fault.Invalid, "invalid-request", "A direct conversation is with exactly one other person.")
	ErrTooManyPeople  = fault.Of("participantIds", fault.Invalid, "invalid-request", "At most 100 people can be named when a room is opened.")
	ErrUnknownPerson  = fault.Of("participantIds", fault.Invalid, "user-not-found", "One of these people does not exist.")
	ErrUnknownUser    = fault.Of("userId", fault.Invalid, "user-not-found", "There is no such user.")
	ErrNotParticipant = fault.New(fault.Missing, "participant-not-found", "This person is not in the room.")
	ErrLastAdmin      = fault.Of("role", fault.Invalid, "invalid-request", "The only admin of a room stays its admin; make somebody else an admin first.")
)

// MaxName is the greatest length of a room's name in code points.
const MaxName = 255

// Name is the name of a group or a public room.
type Name struct{ text string }

// ParseName takes 1 to [MaxName] code points without control or format
// characters.
func ParseName(name string) (Name, error) {
	if !text.IsName(name, MaxName) {
		return Name{}, ErrName
	}
	return Name{name}, nil
}

// IsZero reports whether there is no name.
func (n Name) IsZero() bool { return n.text == "" }

func (n Name) String() string { return n.text }

// Starts returns what an [identity.Query] is compared with.
func (n Name) Starts() []string { return text.Starts(n.text, 100) }

// Plan is a room to be opened.
type Plan struct {
	Kind   policy.Kind
	Name   Name              // zero in a direct room
	By     identity.UserID   // who opens it
	Others []identity.UserID // who else is in it from the beginning, each once
}

// MaxOthers is how many people can be named when a room is opened.
const MaxOthers = 100

// Design plans a room. People who are named twice, or who open it themselves,
// count once; in a direct room there is exactly one other.
func Design(kind policy.Kind, name Name, by identity.UserID, others []identity.UserID) (Plan, error) {
	if len(others) > MaxOthers {
		return Plan{}, ErrTooManyPeople
	}
	plan := Plan{Kind: kind, Name: name, By: by}
	seen := map[identity.UserID]bool{by: true}
	for _, other := range others {
		if !seen[other] {
			seen[other] = true
			plan.Others = append(plan.Others, other)
		}
	}
	switch {
	case kind != policy.Direct && name.IsZero():
		return Plan{}, ErrName
	case kind != policy.Direct:
		return plan, nil
	case !name.IsZero():
		return Plan{}, ErrDirectName
	case len(others) != 1 || len(plan.Others) != 1:
		return Plan{}, ErrDirectPeople
	default:
		return plan, nil
	}
}

// RoleOf is the role that somebody of the plan has at first: whoever opens a
// group or a public room is its admin.
func (p Plan) RoleOf(who identity.UserID) Role {
	if p.Kind != policy.Direct && who == p.By {
		return Admin
	}
	return Member
}

// Crowd is everybody who is in the room from the beginning, whoever opens it
// first.
func (p Plan) Crowd() []identity.UserID {
	return append([]identity.UserID{p.By}, p.Others...)
}
