package contract

import (
	"context"
	"fmt"
	"strings"

	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/sequence"
)

func idStandsForTheEarliest(ctx context.Context, s StoreSubject) error {
	long := strings.Repeat("x", hub.MaxField-1)
	var places []sequence.Place
	for _, id := range []string{"a", "twice", "", "twice", long + "1", long + "2", "A", "twice"} { // at 1 to 8
		place, err := s.publish(ctx, "of "+id, id)
		if err != nil {
			return err
		}
		places = append(places, place)
	}
	for _, c := range []struct {
		id    string
		after sequence.Position
		want  sequence.Place // zero: none
	}{
		{"a", 0, places[0]}, {"twice", 0, places[1]}, {long + "1", 0, places[4]}, {long + "2", 0, places[5]}, {"A", 0, places[6]},
		{"twice", places[0].Position, places[1]}, {"twice", places[1].Position, places[3]}, {"twice", places[4].Position, places[7]},
		{"twice", places[7].Position, sequence.Place{}}, {"a", places[0].Position, sequence.Place{}},
		{"", 0, sequence.Place{}}, {"unknown", 0, sequence.Place{}}, {"twic", 0, sequence.Place{}}, {"%", 0, sequence.Place{}}, {"' OR '", 0, sequence.Place{}},
	} {
		named, found, err := s.Updates.Named(ctx, c.id, c.after)
		if err != nil {
			return err
		}
		if err := first(
			func() error { return expect("where an update is that has this ID", named.Place, c.want) },
			func() error { return expect("whether there is one", found, c.want != sequence.Place{}) },
		); err != nil {
			return fmt.Errorf("%.20q behind %d: %w", c.id, c.after, err)
		}
	}
	return nil
}

func pagesOfUpdates(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s) // at 1
	if err != nil {
		return err
	}
	for range 4 { // updates at 2, 4, 6, 8
		if _, err := s.publish(ctx, "an update", ""); err != nil {
			return err
		}
		if _, err := s.say(ctx, h.ada, h.in, "hello", ""); err != nil {
			return err
		}
	}
	for _, page := range []struct {
		span port.Span
		want []sequence.Position
	}{
		{wholeLog, []sequence.Position{2, 4, 6, 8}},
		{port.Span{After: 2, Upto: 100, Limit: 2}, []sequence.Position{4, 6}},
		{port.Span{After: 3, Upto: 6, Limit: 100}, []sequence.Position{4, 6}},
		{port.Span{After: 4, Upto: 5, Limit: 100}, nil},
		{port.Span{After: 8, Upto: 100, Limit: 100}, nil},
		{port.Span{After: 0, Upto: 100, Limit: 0}, nil},
	} {
		entries, err := s.Updates.Published(ctx, page.span)
		if err != nil {
			return err
		}
		if err := expect(fmt.Sprintf("the updates of %+v", page.span), positions(entries), page.want); err != nil {
			return err
		}
	}
	room, err := s.Log.Room(ctx, h.in, wholeLog)
	if err != nil {
		return err
	}
	pruned, err := s.Updates.Pruned(ctx)
	if err != nil {
		return err
	}
	return first(
		func() error { return expect("the room's entries", positions(room), []sequence.Position{1, 3, 5, 7, 9}) },
		func() error { return expect("up to where updates were pruned", pruned, 0) },
	)
}

// readingsHaveAnEnd publishes more than one reading is to have.
func readingsHaveAnEnd(ctx context.Context, s StoreSubject) error {
	const large = 1 << 19
	data := strings.Repeat("x", large)
	var places, want []sequence.Position
	for range port.Plenty/large + 3 {
		place, err := s.publish(ctx, data, "")
		if err != nil {
			return err
		}
		want = append(want, place.Position)
	}
	for name, read := range map[string]func(after sequence.Position) ([]port.Entry, error){
		"the log": func(after sequence.Position) ([]port.Entry, error) { return s.Log.From(ctx, after.Next(), 100) },
		"the updates": func(after sequence.Position) ([]port.Entry, error) {
			return s.Updates.Published(ctx, port.Span{After: after, Upto: 1000, Limit: 100})
		},
	} {
		places = nil
		for last, whole := sequence.Position(0), false; !whole; {
			entries, err := read(last)
			if err != nil {
				return err
			}
			if many := len(entries); many == 0 || (many-2)*large >= port.Plenty {
				return fmt.Errorf("a reading of %s behind %d has %d updates of %d bytes", name, last, many, large)
			}
			places = append(places, positions(entries)...)
			last, whole = entries[len(entries)-1].Place.Position, port.Whole(entries, 100)
		}
		if err := expect("what readings of "+name+" have", places, want); err != nil {
			return err
		}
	}
	return nil
}
