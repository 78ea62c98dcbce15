package contract

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
)

func renamedRoomIsFound(ctx context.Context, s StoreSubject) error {
	people, err := s.settleAll(ctx, ada)
	if err != nil {
		return err
	}
	in, err := s.open(ctx, policy.Public, "Fleeting Hall", people...)
	if err != nil {
		return err
	}
	name, err := room.ParseName("Lasting Place")
	if err != nil {
		return err
	}
	if err := s.keep(ctx, in, people[0], room.Renamed{To: name}); err != nil {
		return err
	}
	seen, err := s.seen(ctx, in, people[0])
	if err != nil {
		return err
	}
	found := func(by string) ([]port.Listed, error) {
		query, err := identity.ParseQuery(by)
		if err != nil {
			return nil, err
		}
		return view(ctx, s, func(ctx context.Context, v port.View) ([]port.Listed, error) {
			return v.Rooms.Directory(ctx, people[0].User, query, room.ID{}, 10)
		})
	}
	former, err := found("fleet")
	if err != nil {
		return err
	}
	now, err := found("place")
	if err != nil {
		return err
	}
	return first(
		func() error { return expect("the name", seen.Room.Name, name) },
		func() error { return expect("the version", seen.Room.Version, 2) },
		func() error {
			return expect("when it was changed, after it was made", seen.Room.UpdatedAt.After(seen.Room.CreatedAt), true)
		},
		func() error { return expect("those found by the former name", len(former), 0) },
		func() error { return expect("those found by the name", len(now), 1) },
	)
}

func deletedRoomsAreSwept(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	other, err := s.open(ctx, policy.Group, "Other", h.ada)
	if err != nil {
		return err
	}
	for n := range 5 {
		if _, err := s.say(ctx, h.ada, h.in, fmt.Sprintf("%s %d", canary, n), ""); err != nil {
			return err
		}
	}
	kept, err := s.say(ctx, h.ada, other, "kept", "")
	if err != nil {
		return err
	}
	if err := s.keep(ctx, h.in, h.ada, room.Deleted{}); err != nil {
		return err
	}
	slices := 0
	for more := true; more; slices++ {
		err := s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) (err error) {
			more, err = scope.Revising.Sweep(ctx, 2)
			return err
		})
		if err != nil || slices > 10 {
			return fmt.Errorf("after %d slices: more %t, %w", slices, more, err)
		}
	}
	left, err := s.history(ctx, h.in)
	if err != nil {
		return err
	}
	others, err := s.history(ctx, other)
	if err != nil {
		return err
	}
	entries, err := s.Log.About(ctx, h.ben.User, port.Span{Upto: 1 << 40, Limit: 10})
	if err != nil {
		return err
	}
	return first(
		func() error { return expect("what is left of the room", len(left), 0) },
		func() error { return expect("what is left of another", others, []message.Message{kept.Message}) },
		func() error { return expect("how many slices it took, at least three", slices >= 3, true) },
		func() error { return expect("what somebody who was in it hears", len(entries), 2) },
	)
}
