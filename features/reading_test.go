package features_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cucumber/godog"

	"parley/domain/room"
	"parley/domain/sequence"
	"parley/features/stage"
)

// How people read what was said before.

func (w *world) reads(ctx context.Context, name string, want *godog.Table) error {
	return w.as(ctx, name, func(a *actor) error {
		got, err := readAll(ctx, a.client, w.here)
		if err != nil {
			return err
		}
		return sameTable(name, rows(got), want)
	})
}

// canReadFrom: the room says from which message on it can be read, and so it is.
func (w *world) canReadFrom(ctx context.Context, name string, number int) error {
	return w.as(ctx, name, func(a *actor) error {
		page, err := a.client.Read(ctx, w.here, stage.After(0, 100))
		if read := numbers(page.Messages); page.First != sequence.Number(number) || len(read) > 0 && read[0] != page.First {
			return errors.Join(err, fmt.Errorf("%s can read from %d on, and reads %v", name, page.First, read))
		}
		return err
	})
}

func (w *world) triesToRead(ctx context.Context, name string) error {
	return w.as(ctx, name, func(a *actor) error {
		_, err := a.client.Read(ctx, w.here, stage.Part{Limit: 10})
		return a.tries(err)
	})
}

func (w *world) triesToReadNowhere(ctx context.Context, name string) error {
	nowhere, err := room.IDFrom(1 << 40)
	if err != nil {
		return err
	}
	return w.as(ctx, name, func(a *actor) error {
		_, err := a.client.Read(ctx, nowhere, stage.Part{Limit: 10})
		return a.tries(err)
	})
}

func (w *world) readsBackWhile(ctx context.Context, name string, limit int, speaker string) error {
	return w.readWhile(ctx, name, speaker, stage.Part{Limit: limit}, func(page stage.Page) stage.Part {
		w.read = append(page.Messages, w.read...)
		return stage.Part{Before: w.read[0].Number, Limit: limit}
	})
}

func (w *world) readsOnWhile(ctx context.Context, name string, limit int, speaker string) error {
	return w.readWhile(ctx, name, speaker, stage.After(0, limit), func(page stage.Page) stage.Part {
		w.read = append(w.read, page.Messages...)
		return stage.After(w.read[len(w.read)-1].Number, limit)
	})
}

// readWhile reads a room page by page, and somebody says something between any
// two of the first pages (were it between all, reading on would never end).
func (w *world) readWhile(ctx context.Context, name, speaker string, part stage.Part, next func(stage.Page) stage.Part) error {
	return w.as(ctx, name, func(a *actor) error {
		w.read = nil
		for talks := 0; ; talks++ {
			page, err := a.client.Read(ctx, w.here, part)
			if err != nil || len(page.Messages) == 0 {
				return err
			}
			if part = next(page); !page.More {
				return nil
			}
			if talks >= 20 {
				continue
			}
			if err := w.says(ctx, speaker, fmt.Sprintf("meanwhile %d", talks), ""); err != nil {
				return err
			}
		}
	})
}

func (w *world) hasReadEach(name string, n int) error {
	if got := numbers(w.read); len(got) < n || !slices.Equal(got, upTo(len(got))) {
		return fmt.Errorf("%s has read %v, want 1 to %d at least", name, got, n)
	}
	return nil
}

// opensTheRoomWhile is what a page does: it loads what there is, and listens from
// there on.
func (w *world) opensTheRoomWhile(ctx context.Context, name, speaker string, n int) error {
	return together(2, func(i int) error {
		if i == 0 {
			return w.hasSaidThings(ctx, speaker, n)
		}
		return w.opensTheRoom(ctx, name)
	})
}

func (w *world) opensTheRoom(ctx context.Context, name string) error {
	return w.as(ctx, name, func(a *actor) error {
		phone, err := a.device(ctx, true)
		if err != nil {
			return err
		}
		page, err := phone.Read(ctx, w.here, stage.Part{Limit: 100})
		if err != nil {
			return err
		}
		w.read = page.Messages
		return w.listen(ctx, name, true, stage.Ask{Rooms: []room.ID{w.here}, After: page.Place})
	})
}

func (w *world) hasEachOnce(ctx context.Context, name string, n int) error {
	e, err := w.hearing(ctx, name, "phone")
	if err != nil {
		return err
	}
	if got := numbers(append(slices.Clone(w.read), e.messages(w.here)...)); !slices.Equal(got, upTo(n)) {
		return fmt.Errorf("%s has read and heard %v, want 1 to %d", name, got, n)
	}
	return nil
}

func numbers(all []stage.Message) []sequence.Number {
	var got []sequence.Number
	for _, m := range all {
		got = append(got, m.Number)
	}
	return got
}

// upTo are the numbers from 1 on.
func upTo(n int) []sequence.Number {
	var all []sequence.Number
	for i := range n {
		all = append(all, sequence.Number(i+1))
	}
	return all
}
