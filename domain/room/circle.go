package room

import (
	"parley/domain/identity"
	"parley/domain/policy"
)

// Circle is what a decision about a room's people rests on, read under the
// log's lock. Its methods ask policy first, and then say what changes: nothing,
// or one or more things that happen together and in this order.
type Circle struct {
	Kind    policy.Kind
	By      identity.UserID // who asks
	Asks    policy.Standing // of who asks
	Who     identity.UserID // whom it concerns; may be By
	Of      policy.Standing // of whom it concerns
	People  int             // how many are in the room
	Admins  int             // how many of them run it
	Eldest  identity.UserID // who has been in it longest but for Who, ties by lower ID; zero if nobody else
	Unknown bool            // there is no such user as Who
}

// Join lets By into a public room. Who comes into an empty one runs it.
func (c Circle) Join() ([]Change, error) {
	if err := policy.Check(c.Asks, policy.Join, c.Kind); err != nil || c.Asks.In() {
		return nil, err
	}
	role := Member
	if c.People == 0 {
		role = Admin
	}
	return []Change{Joined{Who: c.By, Role: role}}, nil
}

// Add puts Who into the room. Somebody who is in already stays as they are.
func (c Circle) Add(role Role) ([]Change, error) {
	if err := policy.Check(c.Asks, policy.Add, c.Kind); err != nil {
		return nil, err
	}
	switch {
	case c.Unknown:
		return nil, ErrUnknownUser
	case c.Of.In():
		return nil, nil
	default:
		return []Change{Joined{Who: c.Who, Role: role}}, nil
	}
}

// Remove takes Who out of the room; everybody may take themselves out.
func (c Circle) Remove() ([]Change, error) {
	action, reason := policy.Remove, WasRemoved
	if c.Who == c.By {
		action, reason = policy.Leave, ByThemselves
	}
	if err := policy.Check(c.Asks, action, c.Kind); err != nil {
		return nil, err
	}
	if !c.Of.In() {
		return nil, ErrNotParticipant
	}
	return append([]Change{Left{Who: c.Who, Role: c.role(), Reason: reason}}, c.aftermath()...), nil
}

// aftermath is what follows from Who being gone: a group without people ends, a
// room without an admin gets the one who has been in it longest.
func (c Circle) aftermath() []Change {
	switch {
	case c.People == 1 && c.Kind == policy.Group:
		return []Change{Deleted{}}
	case c.Of == policy.Admin && c.Admins == 1 && !c.Eldest.IsZero():
		return []Change{RoleChanged{Who: c.Eldest, Role: Admin}}
	default:
		return nil
	}
}

func (c Circle) role() Role {
	if c.Of == policy.Admin {
		return Admin
	}
	return Member
}

// ChangeRole gives Who another role. A role that they have already changes
// nothing; the only admin stays one.
func (c Circle) ChangeRole(role Role) ([]Change, error) {
	if err := policy.Check(c.Asks, policy.ChangeRole, c.Kind); err != nil {
		return nil, err
	}
	switch {
	case !c.Of.In():
		return nil, ErrNotParticipant
	case c.Of == role.Standing():
		return nil, nil
	case c.Of == policy.Admin && c.Admins == 1:
		return nil, ErrLastAdmin
	default:
		return []Change{RoleChanged{Who: c.Who, Role: role}}, nil
	}
}

// Change is something that happens in a room beside the talking: one of
// [Joined], [Left], [RoleChanged], [Renamed] and [Deleted].
type Change interface{ change() }

// Joined says that somebody is in the room from now on.
type Joined struct {
	Who  identity.UserID
	Role Role
}

// Left says that somebody is out of the room from now on.
type Left struct {
	Who    identity.UserID
	Role   Role // that they had
	Reason Reason
}

// RoleChanged says that somebody has another role from now on.
type RoleChanged struct {
	Who  identity.UserID
	Role Role
}

// Deleted says that the room is gone.
type Deleted struct{}

// Reason says why somebody left.
type Reason int

// The reasons.
const (
	ByThemselves Reason = iota + 1
	WasRemoved
)

func (Joined) change()      {}
func (Left) change()        {}
func (RoleChanged) change() {}
func (Deleted) change()     {}
