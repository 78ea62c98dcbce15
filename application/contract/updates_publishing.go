package contract

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/sequence"
)

// wholeLog is all of it.
var wholeLog = port.Span{Upto: 1 << 40, Limit: 10_000}

// publish publishes an update that says which one it is.
func (s StoreSubject) publish(ctx context.Context, data, id string) (sequence.Place, error) {
	place, err := s.Publishes.Publish(ctx, hub.Update{Topics: []string{"https://example.com/things"}, Data: data, ID: id})
	if err != nil {
		return sequence.Place{}, fmt.Errorf("publish %q: %w", data, err)
	}
	return place, nil
}

// publishAll publishes one update after another.
func (s StoreSubject) publishAll(ctx context.Context, count int) (last sequence.Place, err error) {
	for n := range count {
		if last, err = s.publish(ctx, fmt.Sprintf("update %d", n), fmt.Sprintf("id-%d", n)); err != nil {
			return last, err
		}
	}
	return last, nil
}

// odd are updates that something could go wrong with.
func odd() []hub.Update {
	topics := make([]string, hub.MaxTopics)
	for n := range topics {
		topics[n] = fmt.Sprintf("https://example.com/%d", n)
	}
	var long strings.Builder // and nothing that could be packed
	for n := uint32(1); long.Len() < hub.MaxField-4; n = n*1664525 + 1013904223 {
		long.WriteRune('一' + rune(n>>16%20_000))
	}
	return []hub.Update{
		{Topics: []string{"a"}},
		{Topics: []string{"a", "a", `b"\,]`, "<c>&'?", "ünïc☃de"}, Data: "a\x00b\r\nc\rd\n\n\\x00'?\"$1", Private: true, ID: `i"d'?\`, Type: "t?", Retry: 1},
		{Topics: topics, Data: "\n", ID: "ID"},
		{Topics: []string{"https://example.com/{id}"}, Data: strings.Repeat("\x00ÿ", hub.MaxData/3), ID: long.String(), Retry: 1<<64 - 1},
	}
}

func comesBackAsPublished(ctx context.Context, s StoreSubject) error {
	for n, u := range odd() {
		place, err := s.Publishes.Publish(ctx, u)
		if err != nil {
			return fmt.Errorf("publish update %d: %w", n, err)
		}
		if err := readsAs(ctx, s, place, u); err != nil {
			return fmt.Errorf("update %d: %w", n, err)
		}
	}
	return nil
}

// readsAs: however one comes to an update, it reads as it was published.
func readsAs(ctx context.Context, s StoreSubject, place sequence.Place, u hub.Update) error {
	entries, err := s.Log.From(ctx, place.Position, 10)
	if err != nil {
		return err
	}
	published, err := s.Updates.Published(ctx, port.Span{After: place.Position - 1, Upto: place.Position, Limit: 10})
	if err != nil {
		return err
	}
	if len(entries) != 1 || len(published) != 1 {
		return fmt.Errorf("got %d entries from there on, and %d updates, want one each", len(entries), len(published))
	}
	got := entries[0]
	if got.At.IsZero() || got.Update == nil {
		return errors.New("the entry has no time, or no update")
	}
	want := port.Entry{Place: place, At: got.At, Kind: port.UpdatePublished, Update: &u}
	return first(
		func() error { return sameEntry("the entry", got, want) },
		func() error { return sameEntry("the update of a page", published[0], want) },
		func() error {
			named, found, err := s.Updates.Named(ctx, u.ID, place.Position-1)
			if err != nil || u.ID == "" {
				return errors.Join(err, expect("whether an update without an ID is found by none", found, false))
			}
			return sameEntry("the update with this ID", named, want)
		},
	)
}

// sameEntry compares entries of updates without writing all of a large one.
func sameEntry(what string, got, want port.Entry) error {
	if got.Update == nil {
		return fmt.Errorf("%s: got no update", what)
	}
	for n := range min(len(got.Update.Data), len(want.Update.Data)) {
		if got.Update.Data[n] != want.Update.Data[n] {
			return fmt.Errorf("%s: the data differs at byte %d: got %q, want %q", what, n, got.Update.Data[n], want.Update.Data[n])
		}
	}
	if err := expect(what+": how much data there is", len(got.Update.Data), len(want.Update.Data)); err != nil {
		return err
	}
	gotUpdate, wantUpdate := *got.Update, *want.Update
	gotUpdate.Data, wantUpdate.Data, got.Update, want.Update = "", "", nil, nil
	return first(
		func() error { return expect(what, got, want) },
		func() error { return expect(what+": what was published", gotUpdate, wantUpdate) },
	)
}

func noUpdateLeavesNothing(ctx context.Context, s StoreSubject) error {
	topics := []string{"https://example.com/things"}
	for _, c := range []struct {
		update hub.Update
		want   error
	}{
		{hub.Update{}, hub.ErrNoTopic},
		{hub.Update{Topics: []string{"a\x00b"}}, hub.ErrTopic},
		{hub.Update{Topics: topics, Data: "\xff"}, hub.ErrData},
		{hub.Update{Topics: topics, ID: "a\nevent: stream.opened"}, hub.ErrID},
		{hub.Update{Topics: topics, Type: "a\x00b"}, hub.ErrType},
		{hub.Update{Topics: topics, Data: strings.Repeat("x", hub.MaxData+1)}, hub.ErrTooLarge},
	} {
		_, err := s.Publishes.Publish(ctx, c.update)
		if err := refused("what is no update", err, c.want); err != nil {
			return err
		}
	}
	if _, err := s.publish(ctx, "one that is", ""); err != nil {
		return err
	}
	entries, err := s.all(ctx)
	if err != nil {
		return err
	}
	return expect("the log", positions(entries), []sequence.Position{0, 1})
}

func publishingAndTalking(ctx context.Context, s StoreSubject) error {
	const many, each = 8, 5
	h, err := openHall(ctx, s) // at 1
	if err != nil {
		return err
	}
	places := make([][]sequence.Place, many)
	results := atOnce(many, func(n int) error {
		for i := range each {
			if n%2 == 0 {
				if _, err := s.say(ctx, h.ada, h.in, fmt.Sprintf("%d from %d", i, n), ""); err != nil {
					return err
				}
				continue
			}
			place, err := s.publish(ctx, fmt.Sprintf("%d from %d", i, n), "again and again")
			if err != nil {
				return err
			}
			places[n] = append(places[n], place)
		}
		return nil
	})
	if err := errors.Join(results...); err != nil {
		return err
	}
	entries, err := s.all(ctx)
	if err != nil {
		return err
	}
	if err := first(
		func() error { return contiguous(entries) },
		func() error { return expect("how many entries there are", len(entries), 2+many*each) },
		func() error { return whole(ctx, s, h.in, many/2*each) },
	); err != nil {
		return err
	}
	for n := 1; n < many; n += 2 {
		if err := published(entries, places[n], n); err != nil {
			return err
		}
	}
	return nil
}

// published: what one has published is where they were told, in their order.
func published(entries []port.Entry, places []sequence.Place, by int) error {
	for i, place := range places {
		if int(place.Position) >= len(entries) || entries[place.Position].Place != place {
			return fmt.Errorf("there is nothing at %+v, where something was published", place)
		}
		if i > 0 && place.Position <= places[i-1].Position {
			return fmt.Errorf("what was published at %d came after what is at %d", place.Position, places[i-1].Position)
		}
		e := entries[place.Position]
		if e.Update == nil {
			return fmt.Errorf("entry %d is no update", place.Position)
		}
		if err := expect("what was published there", e.Update.Data, fmt.Sprintf("%d from %d", i, by)); err != nil {
			return err
		}
	}
	return nil
}
