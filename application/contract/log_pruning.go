package contract

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// contiguous returns an error unless the positions have no hole.
func contiguous(entries []port.Entry) error {
	for n, e := range entries {
		if err := expect("the position of an entry", e.Place.Position, entries[0].Place.Position+sequence.Position(n)); err != nil {
			return err
		}
	}
	return nil
}

func placeOfThePrunedIsKept(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s) // at 1
	if err != nil {
		return err
	}
	if _, err := s.sayAll(ctx, h.ada, h.in, 4); err != nil { // at 2 to 5
		return err
	}
	young, err := s.say(ctx, h.ben, h.in, "young", "") // at 6
	if err != nil {
		return err
	}
	before, err := s.all(ctx)
	if err != nil {
		return err
	}
	if _, err := s.prune(ctx, young.Message.CreatedAt, 2); err != nil {
		return err
	}
	if err := beginsAt(ctx, h, before[5:]); err != nil {
		return err
	}
	if _, err := s.prune(ctx, never, 2); err != nil {
		return err
	}
	if err := beginsAt(ctx, h, before[6:]); err != nil {
		return err
	}
	if _, err := s.say(ctx, h.ben, h.in, "and on", ""); err != nil { // at 7
		return err
	}
	after, err := s.all(ctx)
	if err != nil {
		return err
	}
	return expect("the log", positions(after), []sequence.Position{6, 7})
}

// beginsAt: the log is what these entries were, and of the first of them nothing
// is left but its place. A place before it is found nowhere.
func beginsAt(ctx context.Context, h hall, were []port.Entry) error {
	entries, err := h.all(ctx)
	if err != nil {
		return err
	}
	head, err := h.Log.Head(ctx)
	if err != nil {
		return err
	}
	want := append([]port.Entry{{Place: were[0].Place, At: were[0].At, Kind: port.Genesis}}, were[1:]...)
	if err := first(
		func() error { return expect("the log", entries, want) },
		func() error { return expect("the head", head, were[len(were)-1].Place) },
	); err != nil {
		return err
	}
	for p := range were[0].Place.Position {
		next, err := h.Log.From(ctx, p, 1)
		if err != nil {
			return err
		}
		if err := expect("what comes where there is nothing any more", next, want[:1]); err != nil {
			return err
		}
	}
	return pagesBeginAt(ctx, h, were)
}

// pagesBeginAt: no page has anything of what was pruned.
func pagesBeginAt(ctx context.Context, h hall, were []port.Entry) error {
	whole := port.Span{Upto: 1 << 40, Limit: 100}
	page, err := h.Log.Room(ctx, h.in, whole)
	if err != nil {
		return err
	}
	about, err := h.Log.About(ctx, h.ben.User, whole)
	if err != nil {
		return err
	}
	latest, err := h.Log.Latest(ctx, []room.ID{h.in}, 0, whole.Upto)
	if err != nil {
		return err
	}
	_, some := latest[h.in]
	return first(
		func() error { return expect("the room's entries", positions(page), positions(were[1:])) },
		func() error { return expect("the entries about Ben, who is in it from the beginning", len(about), 0) },
		func() error { return expect("whether the room has something new", some, len(were) > 1) },
	)
}

func nobodyHearsOfThePruned(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s) // at 1
	if err != nil {
		return err
	}
	other, err := s.open(ctx, policy.Group, "Other", h.ada) // at 2
	if err != nil {
		return err
	}
	lone, err := s.say(ctx, h.ada, other, canary, "") // at 3, the last one of its room
	if err != nil {
		return err
	}
	old, err := s.say(ctx, h.ada, h.in, canary, "") // at 4
	if err != nil {
		return err
	}
	young, err := s.say(ctx, h.ben, h.in, "young", "") // at 5
	if err != nil {
		return err
	}
	to, err := message.ParseContent("other " + canary)
	if err != nil {
		return err
	}
	for _, said := range []message.Message{lone.Message, old.Message} { // at 6 and 7
		if _, err := s.revise(ctx, h.ada, said.ID, message.Edited{To: to}); err != nil {
			return err
		}
	}
	if _, err := s.prune(ctx, young.Message.CreatedAt, 100); err != nil {
		return err
	}
	return goneFrom(ctx, s, 4, 6)
}

// goneFrom: the log begins at a position, and what is at another one and behind it
// is of messages that are no more.
func goneFrom(ctx context.Context, s StoreSubject, begins, gone sequence.Position) error {
	entries, err := s.all(ctx)
	if err != nil {
		return err
	}
	if err := expect("where the log begins", entries[0].Place.Position, begins); err != nil {
		return err
	}
	for _, e := range entries[1:] {
		at, isGone := e.Place.Position, e.Place.Position >= gone
		if err := first(
			func() error { return expect(fmt.Sprintf("whether %d is gone", at), e.Gone, isGone) },
			func() error { return expect(fmt.Sprintf("whether %d says nothing", at), e.Message == nil, isGone) },
		); err != nil {
			return err
		}
	}
	return nil
}
