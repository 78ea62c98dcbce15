package room_test

import (
	"errors"
	"reflect"
	"testing"

	"parley/domain/policy"
	"parley/domain/room"
)

// circle is that of a group of three in which 1 and 2 are admins; 1 asks, and it
// concerns 3, a member.
func circle() room.Circle {
	return room.Circle{
		Kind: policy.Group, By: user(1), Asks: policy.Admin, Who: user(3), Of: policy.Member,
		People: 3, Admins: 2, Eldest: user(1),
	}
}

func TestWhatBecomesOfACircle(t *testing.T) {
	join, leave := room.Circle.Join, room.Circle.Remove
	add := func(c room.Circle) ([]room.Change, error) { return c.Add(room.Member) }
	demote := func(c room.Circle) ([]room.Change, error) { return c.ChangeRole(room.Member) }
	promote := func(c room.Circle) ([]room.Change, error) { return c.ChangeRole(room.Admin) }
	by1 := func(c *room.Circle) { c.Who, c.Of = c.By, c.Asks }
	type edit = func(*room.Circle)
	for says, c := range map[string]struct {
		edits  []edit
		decide func(room.Circle) ([]room.Change, error)
		want   []room.Change
		no     error
	}{
		"an admin removes a member": {nil, leave, []room.Change{room.Left{Who: user(3), Role: room.Member, Reason: room.WasRemoved}}, nil},
		"a member goes": {[]edit{func(c *room.Circle) { c.Asks = policy.Member }, by1}, leave,
			[]room.Change{room.Left{Who: user(1), Role: room.Member, Reason: room.ByThemselves}}, nil},
		"one of two admins goes": {[]edit{by1}, leave, []room.Change{room.Left{Who: user(1), Role: room.Admin, Reason: room.ByThemselves}}, nil},
		"the last admin goes": {[]edit{by1, func(c *room.Circle) { c.Admins, c.Eldest = 1, user(2) }}, leave,
			[]room.Change{room.Left{Who: user(1), Role: room.Admin, Reason: room.ByThemselves}, room.RoleChanged{Who: user(2), Role: room.Admin}}, nil},
		"the last one in a group goes": {[]edit{by1, alone(policy.Group)}, leave,
			[]room.Change{room.Left{Who: user(1), Role: room.Admin, Reason: room.ByThemselves}, room.Deleted{}}, nil},
		"the last one in a public room goes": {[]edit{by1, alone(policy.Public)}, leave,
			[]room.Change{room.Left{Who: user(1), Role: room.Admin, Reason: room.ByThemselves}}, nil},
		"a member removes another":           {[]edit{func(c *room.Circle) { c.Asks = policy.Member }}, leave, nil, policy.ErrNotAllowed},
		"an admin removes who is out":        {[]edit{func(c *room.Circle) { c.Of = policy.Outsider }}, leave, nil, room.ErrNotParticipant},
		"who is out removes somebody":        {[]edit{func(c *room.Circle) { c.Asks = policy.Outsider }}, leave, nil, policy.ErrNotThere},
		"who is out goes":                    {[]edit{func(c *room.Circle) { c.Asks = policy.Outsider }, by1}, leave, nil, policy.ErrNotThere},
		"one of a direct room goes":          {[]edit{direct, by1}, leave, nil, policy.ErrFixed},
		"an admin adds":                      {[]edit{func(c *room.Circle) { c.Of = policy.Outsider }}, add, []room.Change{room.Joined{Who: user(3), Role: room.Member}}, nil},
		"an admin adds who was barred":       {[]edit{func(c *room.Circle) { c.Of = policy.Barred }}, add, []room.Change{room.Joined{Who: user(3), Role: room.Member}}, nil},
		"an admin adds who is in":            {nil, add, nil, nil},
		"an admin adds an admin as a member": {[]edit{func(c *room.Circle) { c.Of = policy.Admin }}, add, nil, nil},
		"an admin adds nobody":               {[]edit{func(c *room.Circle) { c.Of, c.Unknown = policy.Outsider, true }}, add, nil, room.ErrUnknownUser},
		"a member adds":                      {[]edit{func(c *room.Circle) { c.Asks = policy.Member }}, add, nil, policy.ErrNotAllowed},
		"who is out adds nobody":             {[]edit{func(c *room.Circle) { c.Asks, c.Unknown = policy.Outsider, true }}, add, nil, policy.ErrNotThere},
		"somebody joins a public room":       {[]edit{public, func(c *room.Circle) { c.Asks = policy.Outsider }, by1}, join, []room.Change{room.Joined{Who: user(1), Role: room.Member}}, nil},
		"somebody joins an empty one": {[]edit{public, func(c *room.Circle) { c.Asks, c.People, c.Admins = policy.Outsider, 0, 0 }, by1}, join,
			[]room.Change{room.Joined{Who: user(1), Role: room.Admin}}, nil},
		"who was barred joins":           {[]edit{public, func(c *room.Circle) { c.Asks = policy.Barred }, by1}, join, nil, policy.ErrNotAllowed},
		"who is in joins again":          {[]edit{public, by1}, join, nil, nil},
		"somebody joins a group":         {[]edit{func(c *room.Circle) { c.Asks = policy.Outsider }, by1}, join, nil, policy.ErrNotThere},
		"a member becomes an admin":      {nil, promote, []room.Change{room.RoleChanged{Who: user(3), Role: room.Admin}}, nil},
		"a member stays one":             {nil, demote, nil, nil},
		"one of two admins steps down":   {[]edit{by1}, demote, []room.Change{room.RoleChanged{Who: user(1), Role: room.Member}}, nil},
		"the only admin steps down":      {[]edit{by1, func(c *room.Circle) { c.Admins = 1 }}, demote, nil, room.ErrLastAdmin},
		"the only admin stays one":       {[]edit{by1, func(c *room.Circle) { c.Admins = 1 }}, promote, nil, nil},
		"a role for who is out":          {[]edit{func(c *room.Circle) { c.Of = policy.Outsider }}, promote, nil, room.ErrNotParticipant},
		"a member makes themselves one":  {[]edit{func(c *room.Circle) { c.Asks = policy.Member }, by1}, promote, nil, policy.ErrNotAllowed},
		"a role in a direct room":        {[]edit{direct}, promote, nil, policy.ErrFixed},
		"somebody is added to a direct":  {[]edit{direct, func(c *room.Circle) { c.Of = policy.Outsider }}, add, nil, policy.ErrFixed},
		"one of a direct room joins":     {[]edit{direct, by1}, join, nil, policy.ErrFixed},
		"one of a direct removes theirs": {[]edit{direct}, leave, nil, policy.ErrFixed},
	} {
		subject := circle()
		for _, edit := range c.edits {
			edit(&subject)
		}
		got, err := c.decide(subject)
		if !reflect.DeepEqual(got, c.want) || !errors.Is(err, c.no) {
			t.Errorf("%s: %+v, %v; want %+v, %v", says, got, err, c.want, c.no)
		}
	}
}

func alone(kind policy.Kind) func(*room.Circle) {
	return func(c *room.Circle) {
		*c = room.Circle{Kind: kind, By: c.By, Asks: c.Asks, Who: c.Who, Of: c.Of, People: 1, Admins: 1}
	}
}

func public(c *room.Circle) { c.Kind = policy.Public }

// direct: nobody runs a direct room.
func direct(c *room.Circle) {
	c.Kind, c.Asks, c.People, c.Admins = policy.Direct, policy.Member, 2, 0
}
