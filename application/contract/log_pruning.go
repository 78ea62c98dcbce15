package contract

import (
	"context"

	"parley/application/port"
	"parley/domain/message"
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
	old, err := s.say(ctx, h.ada, h.in, canary, "") // at 2
	if err != nil {
		return err
	}
	young, err := s.say(ctx, h.ben, h.in, "young", "") // at 3
	if err != nil {
		return err
	}
	to, err := message.ParseContent("other " + canary)
	if err != nil {
		return err
	}
	if _, err := s.revise(ctx, h.ada, old.Message.ID, message.Edited{To: to}); err != nil { // at 4
		return err
	}
	if _, err := s.prune(ctx, young.Message.CreatedAt, 100); err != nil {
		return err
	}
	entries, err := s.all(ctx)
	if err != nil {
		return err
	}
	if err := expect("the log", positions(entries), []sequence.Position{2, 3, 4}); err != nil {
		return err
	}
	return first(
		func() error { return expect("whether what was said since is gone", entries[1].Gone, false) },
		func() error { return expect("whether the edit of a pruned message is gone", entries[2].Gone, true) },
		func() error { return expect("what it says", entries[2].Message, nil) },
	)
}
