package contract

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/application/port"
	"parley/domain/sequence"
)

// pruneUpdates takes away updates of before a time, and counts the slices.
func (s StoreSubject) pruneUpdates(ctx context.Context, before time.Time, limit int) (slices int, err error) {
	for more := true; more; slices++ {
		if more, err = s.pruneUpdatesOnce(ctx, before, limit); err != nil || slices > 200 {
			return slices, fmt.Errorf("after %d slices of updates, more %t: %w", slices, more, err)
		}
	}
	return slices, nil
}

func (s StoreSubject) pruneUpdatesOnce(ctx context.Context, before time.Time, limit int) (more bool, err error) {
	err = s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) (err error) {
		more, err = scope.Revising.PruneUpdates(ctx, before, limit)
		return err
	})
	return more, err
}

// at is the time of the entry at a position.
func (s StoreSubject) at(ctx context.Context, position sequence.Position) (time.Time, error) {
	entries, err := s.Log.From(ctx, position, 1)
	if err != nil || len(entries) == 0 {
		return time.Time{}, fmt.Errorf("no entry at %d: %w", position, err)
	}
	return entries[0].At, nil
}

func oldUpdatesSayNothing(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s) // at 1
	if err != nil {
		return err
	}
	if _, err := s.publishAll(ctx, 5); err != nil { // at 2 to 6
		return err
	}
	if _, err := s.sayAll(ctx, h.ada, h.in, 2); err != nil { // at 7 and 8
		return err
	}
	last, err := s.publish(ctx, "the last old one", "id-0") // at 9
	if err != nil {
		return err
	}
	young, err := s.publish(ctx, "young", "id-0") // at 10
	if err != nil {
		return err
	}
	were, err := s.all(ctx)
	if err != nil {
		return err
	}
	before, err := s.at(ctx, young.Position)
	if err != nil {
		return err
	}
	if _, err := s.pruneUpdatesOnce(ctx, before, 2); err != nil {
		return err
	}
	if err := emptiedUpto(ctx, s, were, 3); err != nil {
		return fmt.Errorf("after one slice: %w", err)
	}
	slices, err := s.pruneUpdates(ctx, before, 2)
	if err != nil {
		return err
	}
	return first(
		func() error { return emptiedUpto(ctx, s, were, last.Position) },
		func() error { return expect("how many slices it took, at least two", slices >= 2, true) },
		func() error { _, err := s.pruneUpdates(ctx, never, 100); return err },
		func() error { return emptiedUpto(ctx, s, were, young.Position) },
		func() error { return whole(ctx, s, h.in, 2) },
		func() error { _, err := s.publish(ctx, "and on", "id-0"); return err }, // at 11
		func() error { return pagesFrom(ctx, s, young.Position, []sequence.Position{11}) },
	)
}

// emptiedUpto: the log is what these entries were, but updates up to a position
// say nothing any more.
func emptiedUpto(ctx context.Context, s StoreSubject, were []port.Entry, upto sequence.Position) error {
	entries, err := s.all(ctx)
	if err != nil {
		return err
	}
	if err := expect("how many entries there are", len(entries), len(were)); err != nil {
		return err
	}
	var left []sequence.Position
	for n, e := range were {
		if e.Kind == port.UpdatePublished && e.Place.Position <= upto {
			e = port.Entry{Place: e.Place, At: e.At, Kind: e.Kind, Gone: true}
		} else if e.Kind == port.UpdatePublished {
			left = append(left, e.Place.Position)
		}
		if err := expect(fmt.Sprintf("entry %d", n), entries[n], e); err != nil {
			return err
		}
	}
	return pagesFrom(ctx, s, upto, left)
}

// pagesFrom: updates were pruned up to a position, and these are left, the first
// of which has the ID that all first ones have here.
func pagesFrom(ctx context.Context, s StoreSubject, upto sequence.Position, left []sequence.Position) error {
	pruned, err := s.Updates.Pruned(ctx)
	if err != nil {
		return err
	}
	page, err := s.Updates.Published(ctx, wholeLog)
	if err != nil {
		return err
	}
	named, found, err := s.Updates.Named(ctx, "id-0", 0)
	if err != nil {
		return err
	}
	return first(
		func() error { return expect("up to where updates were pruned", pruned, upto) },
		func() error { return expect("the updates that are left", positions(page), left) },
		func() error { return expect("whether one is found by an ID", found, len(left) > 0) },
		func() error {
			return expect("whether that is one of them", !found || named.Place.Position > upto && !named.Gone, true)
		},
	)
}

func updatesGoWithTheLog(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s) // at 1
	if err != nil {
		return err
	}
	if _, err := s.publishAll(ctx, 3); err != nil { // at 2 to 4
		return err
	}
	if _, err := s.sayAll(ctx, h.ada, h.in, 2); err != nil { // at 5 and 6
		return err
	}
	if _, err := s.publish(ctx, "young", "id-0"); err != nil { // at 7
		return err
	}
	before, err := s.at(ctx, 7)
	if err != nil {
		return err
	}
	third, err := s.at(ctx, 3)
	if err != nil {
		return err
	}
	return first(
		func() error { _, err := s.pruneUpdates(ctx, third, 100); return err }, // by themselves
		func() error { return pagesFrom(ctx, s, 2, []sequence.Position{3, 4, 7}) },
		func() error { _, err := s.pruneOne(ctx, before, 1); return err }, // the room
		func() error { return begins(ctx, s, 1, 2, 3, 4, 7) },
		func() error { _, err := s.pruneOne(ctx, before, 2); return err }, // with the log's beginning
		func() error { return begins(ctx, s, 3, 3, 4, 7) },
		func() error { _, err := s.prune(ctx, before, 2); return err },
		func() error { return begins(ctx, s, 6, 6, 7) },
		func() error { _, err := s.prune(ctx, never, 2); return err },
		func() error { return begins(ctx, s, 7, 7) },
	)
}

// begins: the log begins at a position, updates were pruned up to another, and
// these are left.
func begins(ctx context.Context, s StoreSubject, log, pruned sequence.Position, left ...sequence.Position) error {
	entries, err := s.all(ctx)
	if err != nil {
		return err
	}
	return first(
		func() error { return expect("where the log begins", entries[0].Place.Position, log) },
		func() error { return expect("the kind of its first entry", entries[0].Kind, port.Genesis) },
		func() error { return pagesFrom(ctx, s, pruned, left) },
	)
}

func youngUpdatesOutlastPruning(ctx context.Context, s StoreSubject) error {
	if _, err := s.publishAll(ctx, 12); err != nil { // at 1 to 12
		return err
	}
	mark, err := s.publish(ctx, "young", "id-0")
	if err != nil {
		return err
	}
	before, err := s.at(ctx, mark.Position)
	if err != nil {
		return err
	}
	results := atOnce(12, func(n int) error {
		if n%3 == 0 {
			_, err := s.pruneUpdates(ctx, before, 2)
			return err
		}
		_, err := s.publish(ctx, "young", "id-0")
		return err
	})
	if err := errors.Join(results...); err != nil {
		return err
	}
	entries, err := s.all(ctx)
	if err != nil {
		return err
	}
	var want []sequence.Position
	for n := range sequence.Position(1 + 8) {
		want = append(want, mark.Position+n)
	}
	return first(
		func() error { return contiguous(entries) },
		func() error { return expect("how many entries there are", len(entries), 1+12+1+8) },
		func() error { return pagesFrom(ctx, s, mark.Position-1, want) },
	)
}
