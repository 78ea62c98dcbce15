package relaying

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
)

// isHeard reports whether anybody in the chat hears of an entry.
func isHeard(e port.Entry) bool {
	switch e.Kind {
	case port.Genesis, port.SessionEnded, port.UpdatePublished:
		return false
	case port.MessageCreated, port.MessageEdited, port.MessageDeleted,
		port.ParticipantJoined, port.ParticipantLeft, port.ParticipantChanged,
		port.RoomCreated, port.RoomChanged, port.RoomDeleted:
		return !e.Gone
	default:
		return false
	}
}

// read reads what follows the place. It begins at the place itself, to see that
// the log is still the one in which that place is.
func (t *turn) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	entries, err := t.Log.From(ctx, t.place.Position, readLimit)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	if len(entries) == 0 || entries[0].Place != t.place {
		return t.startOver(ctx, entries)
	}
	items := make([]Item, 0, len(entries)-1)
	last := entries[0].Place.Position
	for _, entry := range entries[1:] {
		if entry.Place.Position != last.Next() {
			return fmt.Errorf("the log is damaged: position %d follows %d", entry.Place.Position, last)
		}
		last = entry.Place.Position
		item := Item{Entry: entry}
		if item.Users, err = t.concerned(ctx, entry); err != nil {
			return err
		}
		items = append(items, item)
	}
	t.items, t.readAt = items, t.Now()
	return nil
}

// startOver goes on from another place, where the one that was kept is not there.
func (t *turn) startOver(ctx context.Context, entries []port.Entry) error {
	from := t.place
	if len(entries) > 0 && entries[0].Place.Position > from.Position {
		t.place = entries[0].Place
		t.Logger.ErrorContext(ctx, "the log was pruned before all of it was handed on: go on with what is kept",
			slog.Int64("from", int64(from.Position)), slog.Int64("to", int64(t.place.Position)))
	} else {
		head, err := t.Log.Head(ctx)
		if err != nil {
			return fmt.Errorf("read the head of the log: %w", err)
		}
		t.place = head
		t.Logger.ErrorContext(ctx, "the log is another one than that which was handed on: go on with what comes from now on",
			slog.Int64("from", int64(from.Position)), slog.Int64("to", int64(head.Position)))
	}
	t.items, t.readAt = nil, time.Time{}
	t.pass(t.place, false)
	return t.keep(ctx)
}

// concerned returns those whom an entry concerns themselves: they may be out of
// its room by now, or hear of it on their own topic first.
func (t *turn) concerned(ctx context.Context, e port.Entry) ([]identity.UserID, error) {
	switch e.Kind {
	case port.ParticipantJoined, port.ParticipantLeft, port.ParticipantChanged:
		if e.Gone {
			return nil, nil
		}
		return []identity.UserID{e.Subject.ID}, nil
	case port.RoomCreated:
		return e.People, nil
	case port.RoomDeleted:
		return t.everybodyIn(ctx, e.Room)
	case port.Genesis, port.MessageCreated, port.MessageEdited, port.MessageDeleted,
		port.RoomChanged, port.SessionEnded, port.UpdatePublished:
		return nil, nil
	default:
		return nil, nil
	}
}

const peopleLimit = 1000

// everybodyIn returns who was in a room to its end, as far as that is still known.
func (t *turn) everybodyIn(ctx context.Context, in room.ID) (all []identity.UserID, err error) {
	err = t.Work.Look(ctx, func(ctx context.Context, v port.View) error {
		all = nil
		var after identity.UserID
		for {
			some, err := v.People.List(ctx, in, after, peopleLimit)
			if err != nil {
				return err
			}
			for _, one := range some {
				after = one.Person.ID
				all = append(all, after)
			}
			if len(some) < peopleLimit {
				return nil
			}
		}
	})
	return all, err
}
