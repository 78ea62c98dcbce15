package contract

import (
	"context"
	"errors"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

func positionsWithoutHole(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	results := atOnce(12, func(n int) error {
		switch n % 3 {
		case 0:
			_, err := s.say(ctx, h.ada, h.in, "hello", "")
			return err
		case 1:
			err := s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) error {
				changes := []room.Change{room.RoleChanged{Who: h.ben.User, Role: room.Admin}}
				if err := scope.Keeping.Keep(ctx, h.in, h.ada.User, changes); err != nil {
					return err
				}
				return errOwn
			})
			return refused("a failed step", err, errOwn)
		default:
			return s.keep(ctx, h.in, h.ada, room.RoleChanged{Who: h.ben.User, Role: room.Admin})
		}
	})
	if err := errors.Join(results...); err != nil {
		return err
	}
	entries, err := s.all(ctx)
	if err != nil {
		return err
	}
	for n, e := range entries {
		if err := expect("the position of an entry", e.Place.Position, sequence.Position(n)); err != nil {
			return err
		}
	}
	head, err := s.Log.Head(ctx)
	if err != nil {
		return err
	}
	return first(
		func() error { return expect("how many entries there are", len(entries), 1+1+8) },
		func() error { return expect("the kind of the first", entries[0].Kind, port.Genesis) },
		func() error { return expect("the head", head, entries[len(entries)-1].Place) },
	)
}

func seenAfterAllBefore(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	done := make(chan struct{})
	reading := make(chan error, 1)
	go func() { reading <- readUntil(ctx, s, done) }()
	results := atOnce(30, func(n int) error {
		if n%3 == 0 {
			return s.keep(ctx, h.in, h.ada, room.RoleChanged{Who: h.ben.User, Role: room.Admin})
		}
		_, err := s.say(ctx, []identity.Caller{h.ada, h.ben}[n%2], h.in, "hello", "")
		return err
	})
	close(done)
	return errors.Join(append(results, <-reading)...)
}

// readUntil reads the log over and over until done, and returns an error if ever
// an entry is there and one before it is not, or what was there is another.
func readUntil(ctx context.Context, s StoreSubject, done <-chan struct{}) error {
	var known []sequence.Place
	for last := false; ; {
		entries, err := s.all(ctx)
		if err != nil {
			return err
		}
		for n, e := range entries {
			if err := expect("the position of an entry, while others write", e.Place.Position, sequence.Position(n)); err != nil {
				return err
			}
			if n < len(known) {
				if err := expect("an entry that was there before", e.Place, known[n]); err != nil {
					return err
				}
			}
		}
		if len(entries) < len(known) {
			return fmt.Errorf("there were %d entries, and now there are %d", len(known), len(entries))
		}
		known = known[:0]
		for _, e := range entries {
			known = append(known, e.Place)
		}
		if last {
			return nil
		}
		select {
		case <-done:
			last = true
		default:
		}
	}
}

func entriesSayWhatHappened(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	sent, err := s.say(ctx, h.ben, h.in, "hello", "")
	if err != nil {
		return err
	}
	if err := s.keep(ctx, h.in, h.ada,
		room.Joined{Who: h.cleo.User, Role: room.Member},
		room.RoleChanged{Who: h.cleo.User, Role: room.Admin},
		room.Left{Who: h.cleo.User, Role: room.Admin, Reason: room.WasRemoved},
		room.Left{Who: h.ben.User, Role: room.Member, Reason: room.ByThemselves},
		room.Deleted{}); err != nil {
		return err
	}
	entries, err := s.all(ctx)
	if err != nil {
		return err
	}
	person := func(who identity.Caller) identity.Person {
		p, err := view(ctx, s, func(ctx context.Context, v port.View) (identity.User, error) { return v.Users.Get(ctx, who.User) })
		if err != nil {
			return identity.Person{}
		}
		return p.Person()
	}
	third, second := person(h.cleo), person(h.ben)
	want := []port.Entry{
		{Kind: port.Genesis},
		{Kind: port.RoomCreated, Room: h.in, Actor: h.ada.User, People: []identity.UserID{h.ada.User, h.ben.User}},
		{Kind: port.MessageCreated, Room: h.in, Actor: h.ben.User, Message: &sent.Message},
		{Kind: port.ParticipantJoined, Room: h.in, Actor: h.ada.User, Subject: third, Role: room.Member},
		{Kind: port.ParticipantChanged, Room: h.in, Actor: h.ada.User, Subject: third, Role: room.Admin},
		{Kind: port.ParticipantLeft, Room: h.in, Actor: h.ada.User, Subject: third, Role: room.Admin, Reason: room.WasRemoved},
		{Kind: port.ParticipantLeft, Room: h.in, Actor: h.ada.User, Subject: second, Role: room.Member, Reason: room.ByThemselves},
		{Kind: port.RoomDeleted, Room: h.in, Actor: h.ada.User},
	}
	if err := expect("how many entries there are", len(entries), len(want)); err != nil {
		return err
	}
	for n, got := range entries {
		if got.At.IsZero() {
			return fmt.Errorf("entry %d has no time", n)
		}
		if got.Kind == port.MessageCreated {
			if err := expect("the time of a message's entry", got.At, sent.Message.CreatedAt); err != nil {
				return err
			}
		}
		if got.Kind == port.RoomCreated {
			if err := aboutHall(got.About, h); err != nil {
				return err
			}
		}
		got.Place, got.At, got.About = sequence.Place{}, want[n].At, nil
		if err := expect(fmt.Sprintf("entry %d", n), got, want[n]); err != nil {
			return err
		}
	}
	return nil
}

func aboutHall(about *room.Room, h hall) error {
	if about == nil {
		return errors.New("room.created says nothing of the room")
	}
	return first(
		func() error { return expect("the room that was created", about.ID, h.in) },
		func() error { return expect("its name", about.Name.String(), "Hall") },
		func() error { return expect("its kind", about.Kind, policy.Group) },
		func() error { return expect("its last number", about.LastSequence, 1) },
	)
}

func entriesReadAsNow(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	if _, err := s.say(ctx, h.ben, h.in, "hello", ""); err != nil {
		return err
	}
	if err := s.keep(ctx, h.in, h.ada, room.RoleChanged{Who: h.ben.User, Role: room.Admin}); err != nil {
		return err
	}
	const renamed = "Benjamin"
	err = s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) error {
		user, err := scope.Users.Get(ctx, h.ben.User)
		if err != nil {
			return err
		}
		if user.Name, err = identity.ParseDisplayName(renamed); err != nil {
			return err
		}
		return scope.Keeping.SaveUser(ctx, user)
	})
	if err != nil {
		return err
	}
	entries, err := s.Log.From(ctx, 2, 10)
	if err != nil {
		return err
	}
	if err := expect("how many entries there are from the message on", len(entries), 2); err != nil {
		return err
	}
	if entries[0].Message == nil {
		return errors.New("message.created has no message")
	}
	return first(
		func() error { return expect("the author", entries[0].Message.Author.Name.String(), renamed) },
		func() error { return expect("whom it is about", entries[1].Subject.Name.String(), renamed) },
	)
}
