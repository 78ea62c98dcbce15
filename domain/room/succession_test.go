package room_test

import (
	"testing"

	"pgregory.net/rapid"

	"parley/domain/identity"
	"parley/domain/policy"
	"parley/domain/room"
)

// roster is a room's people, the longest-standing first.
type roster struct {
	kind   policy.Kind
	people []room.Joined
	barred map[identity.UserID]bool
	gone   bool
}

// Whatever people do, in whatever order: a room that has people has an admin, a
// group without people is gone, and it is the longest-standing who takes over.
func TestARoomWithPeopleAlwaysHasAnAdmin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := roster{
			kind:   rapid.SampledFrom([]policy.Kind{policy.Group, policy.Public}).Draw(t, "kind"),
			people: []room.Joined{{Who: user(1), Role: room.Admin}},
			barred: map[identity.UserID]bool{},
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			c := r.circle(person(t, "by"), person(t, "who"))
			role := rapid.SampledFrom([]room.Role{room.Member, room.Admin}).Draw(t, "role")
			var changes []room.Change
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				changes, _ = c.Join()
			case 1:
				changes, _ = c.Add(role)
			case 2:
				changes, _ = c.Remove()
			case 3:
				changes, _ = c.ChangeRole(role)
			}
			eldest := c.Eldest
			for _, change := range changes {
				if took, ok := change.(room.RoleChanged); ok && len(changes) > 1 && took.Who != eldest {
					t.Fatalf("%v took over, want the longest-standing, %v", took.Who, eldest)
				}
				r.apply(t, change)
			}
			r.expectSound(t)
			if r.gone {
				return
			}
		}
	})
}

func person(t *rapid.T, label string) identity.UserID {
	return user(rapid.Int64Range(1, 4).Draw(t, label))
}

func (r *roster) circle(by, who identity.UserID) room.Circle {
	c := room.Circle{Kind: r.kind, By: by, Who: who, Asks: r.standing(by), Of: r.standing(who), People: len(r.people), Admins: r.admins()}
	for _, p := range r.people {
		if p.Who != who {
			c.Eldest = p.Who
			break
		}
	}
	return c
}

func (r *roster) standing(who identity.UserID) policy.Standing {
	if i := r.find(who); i >= 0 {
		return r.people[i].Role.Standing()
	}
	if r.barred[who] {
		return policy.Barred
	}
	return policy.Outsider
}

func (r *roster) find(who identity.UserID) int {
	for i, p := range r.people {
		if p.Who == who {
			return i
		}
	}
	return -1
}

func (r *roster) admins() (n int) {
	for _, p := range r.people {
		if p.Role == room.Admin {
			n++
		}
	}
	return n
}

func (r *roster) apply(t *rapid.T, change room.Change) {
	switch c := change.(type) {
	case room.Joined:
		if r.find(c.Who) >= 0 {
			t.Fatalf("%v joined twice", c.Who)
		}
		r.people = append(r.people, c)
		delete(r.barred, c.Who)
	case room.Left:
		i := r.find(c.Who)
		if i < 0 || r.people[i].Role != c.Role {
			t.Fatalf("%v left with role %d, which they did not have", c.Who, c.Role)
		}
		r.people = append(r.people[:i:i], r.people[i+1:]...)
		r.barred[c.Who] = c.Reason == room.WasRemoved
	case room.RoleChanged:
		i := r.find(c.Who)
		if i < 0 || r.people[i].Role == c.Role {
			t.Fatalf("%v was given role %d, which changes nothing", c.Who, c.Role)
		}
		r.people[i].Role = c.Role
	case room.Deleted:
		r.gone = true
	}
}

func (r *roster) expectSound(t *rapid.T) {
	switch {
	case len(r.people) > 0 && r.admins() == 0:
		t.Fatal("there are people and no admin")
	case r.gone != (len(r.people) == 0 && r.kind == policy.Group):
		t.Fatalf("%d people in a room of kind %d, which is gone: %t", len(r.people), r.kind, r.gone)
	}
}
