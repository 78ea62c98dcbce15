// Package policy decides who may do what in a room.
package policy

import "parley/domain/fault"

// Kind is what sort of room it is.
type Kind int

// The kinds of room.
const (
	Direct Kind = iota + 1 // exactly two people, fixed
	Group                  // private, run by its admins
	Public                 // listed; anyone who is signed in may join
)

// Standing is what somebody is to a room.
type Standing int

// The standings. The zero Standing is an outsider's.
const (
	Outsider Standing = iota // not in the room
	Barred                   // not in the room, and an admin saw to it
	Member                   // in the room
	Admin                    // in the room, and runs it
)

// In reports whether s is that of a participant.
func (s Standing) In() bool { return s == Member || s == Admin }

// Action is something that one can do in a room.
type Action int

// The actions.
const (
	Read       Action = iota + 1 // its messages, its people, its events
	Send                         // a message
	Join                         // by oneself
	Leave                        // by oneself
	Add                          // somebody else
	Remove                       // somebody else
	ChangeRole                   // anybody's
	Rename                       // the room
	Delete                       // the room
	Moderate                     // delete somebody else's message
)

// What is refused, and why.
var (
	// ErrNotThere is the answer to whoever may not know whether a room exists.
	ErrNotThere = fault.New(fault.Missing, "room-not-found", "There is no such room.")
	// ErrNotAllowed is the answer to whoever knows the room but may not do this.
	ErrNotAllowed = fault.New(fault.Denied, "not-allowed", "Your role in this room does not allow this.")
	// ErrFixed is the answer to whoever would change a direct conversation.
	ErrFixed = fault.New(fault.Conflict, "direct-room-is-fixed", "A direct conversation is fixed: its two people, its name and its existence.")
)

// errHidden is ErrNotThere of a room that is there.
var errHidden = ErrNotThere.Hiding()

// Check returns nil if somebody of standing s may do a in a room of kind k, else
// the fault that says why not. What no rule allows is denied.
func Check(s Standing, a Action, k Kind) error {
	switch s {
	case Outsider, Barred:
		return checkOutside(s, a, k)
	case Member, Admin:
		return checkInside(s, a, k)
	default:
		return ErrNotThere
	}
}

// checkOutside: to whoever is out, a room is not there. A public room is listed,
// so that it may be joined; whom an admin removed is told so.
func checkOutside(s Standing, a Action, k Kind) error {
	switch {
	case k != Public || a != Join:
		return errHidden
	case s == Barred:
		return ErrNotAllowed
	default:
		return nil
	}
}

func checkInside(s Standing, a Action, k Kind) error {
	if k != Direct && k != Group && k != Public {
		return ErrNotAllowed
	}
	switch a {
	case Read, Send:
		return nil
	case Join:
		return checkJoinAgain(k)
	case Leave:
		return checkLoose(k)
	case Add, Remove, ChangeRole, Rename, Delete:
		return checkAdmin(s, k)
	case Moderate:
		return checkModerate(s, k)
	default:
		return ErrNotAllowed
	}
}

// checkJoinAgain: who is in a public room may join it again, which changes
// nothing; other rooms are never joined by oneself.
func checkJoinAgain(k Kind) error {
	switch k {
	case Public:
		return nil
	case Direct:
		return ErrFixed
	case Group:
		return ErrNotAllowed
	default:
		return ErrNotAllowed
	}
}

func checkLoose(k Kind) error {
	if k == Direct {
		return ErrFixed
	}
	return nil
}

func checkAdmin(s Standing, k Kind) error {
	if k == Direct {
		return ErrFixed
	}
	if s != Admin {
		return ErrNotAllowed
	}
	return nil
}

// checkModerate: a direct conversation has no admins, so nobody moderates it.
func checkModerate(s Standing, k Kind) error {
	if k == Direct || s != Admin {
		return ErrNotAllowed
	}
	return nil
}
