package contract

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/room"
)

// revisionsAreEntries: each has one, and the log reads as what it names reads now.
func revisionsAreEntries(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	sent, err := s.say(ctx, h.ben, h.in, canary, "")
	if err != nil {
		return err
	}
	to, err := message.ParseContent("other " + canary)
	if err != nil {
		return err
	}
	if _, err := s.revise(ctx, h.ben, sent.Message.ID, message.Edited{To: to}); err != nil {
		return err
	}
	name, err := room.ParseName("Scullery")
	if err != nil {
		return err
	}
	if err := s.keep(ctx, h.in, h.ada, room.Renamed{To: name}); err != nil {
		return err
	}
	before, err := s.all(ctx)
	if err != nil {
		return err
	}
	tombstone, err := s.revise(ctx, h.ada, sent.Message.ID, message.Deleted{})
	if err != nil {
		return err
	}
	after, err := s.all(ctx)
	if err != nil {
		return err
	}
	page, err := s.Log.Room(ctx, h.in, port.Span{Upto: 1 << 40, Limit: 100})
	if err != nil {
		return err
	}
	if err := expect("how many entries there are", len(after), 6); err != nil {
		return err
	}
	if before[2].Message == nil || after[2].Message == nil || after[3].Message == nil || after[5].Message == nil || after[4].About == nil {
		return errors.New("an entry does not say what it is about")
	}
	return first(
		func() error {
			return expect("the kinds", []port.EntryKind{after[3].Kind, after[4].Kind, after[5].Kind},
				[]port.EntryKind{port.MessageEdited, port.RoomChanged, port.MessageDeleted})
		},
		func() error {
			return expect("who brought them about", []identity.UserID{after[3].Actor, after[4].Actor, after[5].Actor},
				[]identity.UserID{h.ben.User, h.ada.User, h.ada.User})
		},
		func() error { return expect("what was said, once it is edited", before[2].Message.Content, to) },
		func() error { return expect("the name", after[4].About.Name, name) },
		func() error { return expect("the time of the deletion", after[5].At, tombstone.DeletedAt) },
		func() error { return noWords(append(after, page...), tombstone) },
	)
}

// noWords returns an error if any entry has words of what was deleted.
func noWords(entries []port.Entry, tombstone message.Message) error {
	for _, e := range entries {
		if e.Message == nil {
			continue
		}
		if err := expect("what an entry says of what is deleted", *e.Message, tombstone); err != nil {
			return err
		}
		if strings.Contains(fmt.Sprintf("%+v", e), canary) {
			return fmt.Errorf("an entry has the words: %+v", e)
		}
	}
	return nil
}
