package contract

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/message"
	"parley/domain/room"
)

// revised lets Ada revise what she said, by its number in the hall.
func (s *scene) revised(ctx context.Context, number int, change message.Change) error {
	return s.Work.Change(ctx, func(ctx context.Context, sc port.Scope) error {
		seen, err := sc.Rooms.Get(ctx, s.hall, s.ada.User)
		if err != nil {
			return err
		}
		all, err := sc.Messages.Range(ctx, s.hall, port.Range{From: 1, To: seen.Room.LastSequence, Limit: number})
		if err != nil {
			return err
		}
		if len(all) < number {
			return fmt.Errorf("message %d is not there", number)
		}
		return sc.Revising.Revise(ctx, all[number-1], s.ada.User, change)
	})
}

func revisionsAreHeard(ctx context.Context, s *scene) error {
	l, err := s.listens(ctx, s.ben, "")
	if err != nil {
		return err
	}
	defer l.hangUp()
	began := l.cursor
	for _, text := range []string{"first words", "second words"} {
		if err := s.says(ctx, s.ada, text); err != nil {
			return err
		}
	}
	if err := l.expect(ctx, `"content":"first words"`, `"content":"second words"`); err != nil {
		return err
	}
	to, err := message.ParseContent("better words")
	if err != nil {
		return err
	}
	name, err := room.ParseName("Scullery")
	if err != nil {
		return err
	}
	for _, revise := range []func() error{
		func() error { return s.revised(ctx, 1, message.Edited{To: to}) },
		func() error { return s.revised(ctx, 2, message.Deleted{}) },
		func() error { return s.changes(ctx, room.Renamed{To: name}) },
	} {
		if err := revise(); err != nil {
			return err
		}
	}
	if err := l.expect(ctx, "message.edited", "message.deleted", `"name":"Scullery"`); err != nil {
		return err
	}
	back, err := s.listens(ctx, s.ben, began)
	if err != nil {
		return err
	}
	defer back.hangUp()
	return back.expect(ctx, `"content":"better words"`, `"content":null`, "message.edited", "message.deleted", "room.changed")
}
