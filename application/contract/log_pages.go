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

// positions are where the entries stand.
func positions(entries []port.Entry) []sequence.Position {
	var all []sequence.Position
	for _, e := range entries {
		all = append(all, e.Place.Position)
	}
	return all
}

func pagesOfARoom(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s) // at 1
	if err != nil {
		return err
	}
	other, err := s.open(ctx, policy.Group, "Other", h.ada) // at 2
	if err != nil {
		return err
	}
	for range 4 { // the hall at 3, 5, 7, 9
		for _, in := range []room.ID{h.in, other} {
			if _, err := s.say(ctx, h.ada, in, "hello", ""); err != nil {
				return err
			}
		}
	}
	for _, page := range []struct {
		span port.Span
		want []sequence.Position
	}{
		{port.Span{After: 0, Upto: 100, Limit: 100}, []sequence.Position{1, 3, 5, 7, 9}},
		{port.Span{After: 1, Upto: 100, Limit: 2}, []sequence.Position{3, 5}},
		{port.Span{After: 3, Upto: 7, Limit: 100}, []sequence.Position{5, 7}},
		{port.Span{After: 4, Upto: 6, Limit: 100}, []sequence.Position{5}},
		{port.Span{After: 9, Upto: 100, Limit: 100}, nil},
	} {
		entries, err := s.Log.Room(ctx, h.in, page.span)
		if err != nil {
			return err
		}
		if err := expect(fmt.Sprintf("the room's entries of %+v", page.span), positions(entries), page.want); err != nil {
			return err
		}
	}
	from, err := s.Log.From(ctx, 9, 2)
	if err != nil {
		return err
	}
	return expect("the log's entries from 9 on", positions(from), []sequence.Position{9, 10})
}

func pagesAboutAUser(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s) // at 1, with Ben from the beginning
	if err != nil {
		return err
	}
	other, err := s.open(ctx, policy.Group, "Other", h.ada, h.cleo) // at 2, without Ben
	if err != nil {
		return err
	}
	if _, err := s.say(ctx, h.ben, h.in, "hello", ""); err != nil { // at 3
		return err
	}
	for _, change := range []struct {
		in     room.ID
		change room.Change
	}{
		{other, room.Joined{Who: h.ben.User, Role: room.Member}},                         // at 4
		{other, room.RoleChanged{Who: h.cleo.User, Role: room.Admin}},                    // at 5
		{other, room.RoleChanged{Who: h.ben.User, Role: room.Admin}},                     // at 6
		{other, room.Left{Who: h.ben.User, Role: room.Admin, Reason: room.ByThemselves}}, // at 7
		{other, room.Deleted{}}, // at 8, without Ben
		{h.in, room.Deleted{}},  // at 9, with Ben to the end
	} {
		if err := s.keep(ctx, change.in, h.ada, change.change); err != nil {
			return err
		}
	}
	for _, page := range []struct {
		who  identity.Caller
		span port.Span
		want []sequence.Position
	}{
		{h.ben, port.Span{After: 0, Upto: 100, Limit: 100}, []sequence.Position{1, 4, 6, 7, 9}},
		{h.ben, port.Span{After: 1, Upto: 8, Limit: 2}, []sequence.Position{4, 6}},
		{h.ben, port.Span{After: 6, Upto: 8, Limit: 9}, []sequence.Position{7}},
		{h.cleo, port.Span{After: 0, Upto: 100, Limit: 100}, []sequence.Position{2, 5, 8}},
	} {
		entries, err := s.Log.About(ctx, page.who.User, page.span)
		if err != nil {
			return err
		}
		what := fmt.Sprintf("the entries about user %s of %+v", page.who.User, page.span)
		if err := expect(what, positions(entries), page.want); err != nil {
			return err
		}
	}
	return nil
}

func latestOfRooms(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s) // at 1
	if err != nil {
		return err
	}
	quiet, err := s.open(ctx, policy.Group, "Quiet", h.ada) // at 2
	if err != nil {
		return err
	}
	for range 3 { // at 3, 4, 5
		if _, err := s.say(ctx, h.ada, h.in, "hello", ""); err != nil {
			return err
		}
	}
	unknown, _ := room.IDFrom(4711)
	for _, part := range []struct {
		after, upto sequence.Position
		want        map[room.ID]sequence.Position
	}{
		{0, 5, map[room.ID]sequence.Position{h.in: 5, quiet: 2}},
		{0, 4, map[room.ID]sequence.Position{h.in: 4, quiet: 2}},
		{2, 5, map[room.ID]sequence.Position{h.in: 5}},
		{5, 5, map[room.ID]sequence.Position{}},
	} {
		latest, err := s.Log.Latest(ctx, []room.ID{h.in, quiet, unknown}, part.after, part.upto)
		if err != nil {
			return err
		}
		what := fmt.Sprintf("the latest entries after %d up to %d", part.after, part.upto)
		if err := expect(what, latest, part.want); err != nil {
			return err
		}
	}
	return nil
}

func rightsOfAPlace(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	done := make(chan struct{})
	changing := make(chan error, 1)
	go func() { changing <- inAndOut(ctx, h, done) }()
	for range 40 {
		rights, err := s.Log.Rights(ctx, h.ben)
		if err == nil {
			in := len(rights.Rooms) == 1 && rights.Rooms[0] == h.in
			err = expect(fmt.Sprintf("whether Ben was in at position %d", rights.Head.Position), in, rights.Head.Position%2 == 1)
		}
		if err != nil {
			close(done)
			return errors.Join(err, <-changing)
		}
	}
	close(done)
	if err := <-changing; err != nil {
		return err
	}
	_, stolen := s.Log.Rights(ctx, identity.Caller{User: h.ben.User, Session: h.cleo.Session})
	if err := s.keep(ctx, h.in, h.ada, room.Deleted{}); err != nil {
		return err
	}
	rights, err := s.Log.Rights(ctx, h.ben)
	if err != nil {
		return err
	}
	return first(
		func() error { return refused("rights of another's session", stolen, identity.ErrSessionEnded) },
		func() error { return expect("the rooms of who was in a deleted one", len(rights.Rooms), 0) },
	)
}

// inAndOut takes Ben out at even positions, and lets him in at odd ones.
func inAndOut(ctx context.Context, h hall, done <-chan struct{}) error {
	for {
		select {
		case <-done:
			return nil
		default:
		}
		if err := h.keep(ctx, h.in, h.ada, room.Left{Who: h.ben.User, Role: room.Member}); err != nil {
			return err
		}
		if err := h.keep(ctx, h.in, h.ada, room.Joined{Who: h.ben.User, Role: room.Member}); err != nil {
			return err
		}
	}
}
