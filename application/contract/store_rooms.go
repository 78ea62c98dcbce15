package contract

import (
	"context"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

func readMarks(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	mark := func(who identity.Caller) (sequence.Number, error) {
		seen, err := s.seen(ctx, h.in, who)
		return seen.ReadSequence, err
	}
	for _, words := range []string{"one", "two"} {
		if _, err := s.say(ctx, h.ada, h.in, words, ""); err != nil {
			return err
		}
	}
	writes, err := mark(h.ada)
	if err != nil {
		return err
	}
	listens, err := mark(h.ben)
	if err != nil {
		return err
	}
	if err := s.keep(ctx, h.in, h.ada, room.Joined{Who: h.cleo.User, Role: room.Member}); err != nil {
		return err
	}
	joins, err := mark(h.cleo)
	if err != nil {
		return err
	}
	return first(
		func() error { return expect("the mark of who writes", writes, 2) },
		func() error { return expect("the mark of who listens", listens, 0) },
		func() error { return expect("the mark of who joins", joins, 2) },
	)
}

func roomKnowsItsPeople(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	circle := func(who identity.Caller) (room.Circle, error) {
		return view(ctx, s, func(ctx context.Context, v port.View) (room.Circle, error) {
			return v.People.Circle(ctx, h.in, h.ada.User, who.User)
		})
	}
	none, _ := identity.UserIDFrom(4711)
	steps := []struct {
		what    string
		changes []room.Change
		who     identity.Caller
		want    room.Circle
	}{
		{"at first", nil, h.ben, room.Circle{Of: policy.Member, People: 2, Admins: 1, Eldest: h.ada.User}},
		{"about who opened it", nil, h.ada, room.Circle{Of: policy.Admin, People: 2, Admins: 1, Eldest: h.ben.User}},
		{"about an outsider", nil, h.cleo, room.Circle{Of: policy.Outsider, People: 2, Admins: 1, Eldest: h.ada.User}},
		{"about nobody", nil, identity.Caller{User: none}, room.Circle{Of: policy.Outsider, People: 2, Admins: 1, Eldest: h.ada.User, Unknown: true}},
		{"with a third", []room.Change{room.Joined{Who: h.cleo.User, Role: room.Admin}}, h.cleo, room.Circle{Of: policy.Admin, People: 3, Admins: 2, Eldest: h.ada.User}},
		{"with another role", []room.Change{room.RoleChanged{Who: h.cleo.User, Role: room.Member}}, h.cleo, room.Circle{Of: policy.Member, People: 3, Admins: 1, Eldest: h.ada.User}},
		{"after one has left", []room.Change{room.Left{Who: h.cleo.User, Role: room.Member, Reason: room.ByThemselves}}, h.cleo, room.Circle{Of: policy.Outsider, People: 2, Admins: 1, Eldest: h.ada.User}},
		{"after one was put out", []room.Change{room.Left{Who: h.ben.User, Role: room.Member, Reason: room.WasRemoved}}, h.ben, room.Circle{Of: policy.Barred, People: 1, Admins: 1, Eldest: h.ada.User}},
		{"after who was put out is back", []room.Change{room.Joined{Who: h.cleo.User, Role: room.Member}, room.Joined{Who: h.ben.User, Role: room.Member}}, h.ben, room.Circle{Of: policy.Member, People: 3, Admins: 1, Eldest: h.ada.User}},
		{"the eldest but for the first", nil, h.ada, room.Circle{Of: policy.Admin, People: 3, Admins: 1, Eldest: h.cleo.User}},
	}
	for _, step := range steps {
		if step.changes != nil {
			if err := s.keep(ctx, h.in, h.ada, step.changes...); err != nil {
				return err
			}
		}
		got, err := circle(step.who)
		if err != nil {
			return err
		}
		step.want.Kind, step.want.By, step.want.Asks, step.want.Who = policy.Group, h.ada.User, policy.Admin, step.who.User
		if err := expect("the circle "+step.what, got, step.want); err != nil {
			return err
		}
	}
	return listedPageByPage(ctx, h)
}

// listedPageByPage returns an error unless all three are listed, by their IDs.
func listedPageByPage(ctx context.Context, h hall) error {
	var listed []identity.UserID
	err := h.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		listed = nil
		for after := (identity.UserID{}); ; {
			page, err := v.People.List(ctx, h.in, after, 2)
			if err != nil || len(page) == 0 {
				return err
			}
			for _, p := range page {
				one, err := v.People.Get(ctx, h.in, p.Person.ID)
				if err != nil {
					return err
				}
				if err := expect("a participant, alone and in the list", one, p); err != nil {
					return err
				}
				listed = append(listed, p.Person.ID)
				after = p.Person.ID
			}
		}
	})
	if err != nil {
		return err
	}
	return expect("who is in the room", listed, []identity.UserID{h.ada.User, h.ben.User, h.cleo.User})
}

func deletedRoomIsGone(ctx context.Context, s StoreSubject) error {
	people, err := s.settleAll(ctx, ada, ben)
	if err != nil {
		return err
	}
	in, err := s.open(ctx, policy.Public, "Fleeting Hall", people...)
	if err != nil {
		return err
	}
	if err := s.keep(ctx, in, people[0], room.Deleted{}); err != nil {
		return err
	}
	_, noRoom := s.seen(ctx, in, people[0])
	_, noSend := s.say(ctx, people[0], in, "hello?", "")
	query, err := identity.ParseQuery("fleeting")
	if err != nil {
		return err
	}
	return s.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		_, _, noStanding := v.People.Standing(ctx, in, people[0].User)
		_, noCircle := v.People.Circle(ctx, in, people[0].User, people[1].User)
		mine, err := v.Rooms.Mine(ctx, people[0].User, port.Active{}, 10)
		if err != nil {
			return err
		}
		listed, err := v.Rooms.Directory(ctx, people[0].User, identity.Query{}, room.ID{}, 10)
		if err != nil {
			return err
		}
		found, err := v.Rooms.Directory(ctx, people[0].User, query, room.ID{}, 10)
		if err != nil {
			return err
		}
		return first(
			func() error { return refused("the room", noRoom, policy.ErrNotThere) },
			func() error { return refused("a message to it", noSend, policy.ErrNotThere) },
			func() error { return refused("standing in it", noStanding, policy.ErrNotThere) },
			func() error { return refused("its circle", noCircle, policy.ErrNotThere) },
			func() error { return expect("the rooms of who was in it", len(mine), 0) },
			func() error { return expect("the directory", len(listed), 0) },
			func() error { return expect("the directory, by its name", len(found), 0) },
		)
	})
}

func oneDirectRoom(ctx context.Context, s StoreSubject) error {
	people, err := s.settleAll(ctx, ada, ben, cleo)
	if err != nil {
		return err
	}
	find := func(a, b identity.Caller) (room.ID, error) {
		return view(ctx, s, func(ctx context.Context, v port.View) (room.ID, error) { return v.Rooms.Direct(ctx, a.User, b.User) })
	}
	in, err := s.open(ctx, policy.Direct, "", people[1], people[0])
	if err != nil {
		return err
	}
	one, err := find(people[0], people[1])
	if err != nil {
		return err
	}
	other, err := find(people[1], people[0])
	if err != nil {
		return err
	}
	none, err := find(people[0], people[2])
	if err != nil {
		return err
	}
	mine, err := s.seen(ctx, in, people[0])
	if err != nil {
		return err
	}
	theirs, err := s.seen(ctx, in, people[2])
	if err != nil {
		return err
	}
	return first(
		func() error { return expect("the room of two", one, in) },
		func() error { return expect("the room of two, asked the other way round", other, in) },
		func() error { return expect("the room of another two", none, room.ID{}) },
		func() error { return expect("the other one", mine.Peer.Name.String(), ben) },
		func() error { return expect("one's standing in it", mine.Standing, policy.Member) },
		func() error { return expect("the room's name", mine.Room.Name, room.Name{}) },
		func() error { return expect("the other one, for an outsider", theirs.Peer, identity.Person{}) },
		func() error { return expect("an outsider's standing in it", theirs.Standing, policy.Outsider) },
	)
}
