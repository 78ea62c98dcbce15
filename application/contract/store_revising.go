package contract

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// revise makes a change of a message, as its author.
func (s StoreSubject) revise(ctx context.Context, by identity.Caller, id message.ID, change message.Change) (message.Message, error) {
	var revised message.Message
	err := s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) error {
		c, err := scope.Revising.Case(ctx, id, by.User)
		if err != nil {
			return err
		}
		if err := scope.Revising.Revise(ctx, c.Message, by.User, change); err != nil {
			return err
		}
		revised, err = scope.Messages.Get(ctx, id)
		return err
	})
	if err != nil {
		return message.Message{}, fmt.Errorf("revise message %s: %w", id, err)
	}
	return revised, nil
}

func (s StoreSubject) theCase(ctx context.Context, id message.ID, by identity.Caller) (c message.Case, err error) {
	err = s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) (err error) {
		c, err = scope.Revising.Case(ctx, id, by.User)
		return err
	})
	return c, err
}

func editsStay(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	sent, err := s.say(ctx, h.ada, h.in, "wrong", "key")
	if err != nil {
		return err
	}
	to, err := message.ParseContent(awkward)
	if err != nil {
		return err
	}
	edited, err := s.revise(ctx, h.ada, sent.Message.ID, message.Edited{To: to})
	if err != nil {
		return err
	}
	want := sent.Message
	want.Content, want.EditedAt, want.Version = to, edited.EditedAt, 2
	again, err := s.say(ctx, h.ada, h.in, "wrong", "key")
	if err != nil {
		return err
	}
	all, err := s.history(ctx, h.in)
	if err != nil {
		return err
	}
	return first(
		func() error { return expect("the message, edited", edited, want) },
		func() error {
			return expect("when it was edited, after it was said", edited.EditedAt.After(want.CreatedAt), true)
		},
		func() error { return expect("its key, sent again as it was first", again.Message, want) },
		func() error { return expect("all that was said", all, []message.Message{want}) },
	)
}

// canary is what must be nowhere once it is deleted.
const canary = "canary words"

func deletedWordsAreGone(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	sent, err := s.say(ctx, h.ada, h.in, canary, "key")
	if err != nil {
		return err
	}
	tombstone, err := s.revise(ctx, h.ada, sent.Message.ID, message.Deleted{})
	if err != nil {
		return err
	}
	want := sent.Message
	want.Content, want.DeletedAt, want.Version = message.Content{}, tombstone.DeletedAt, 2
	again, err := s.say(ctx, h.ada, h.in, "whatever else", "key")
	if err != nil {
		return err
	}
	all, err := s.history(ctx, h.in)
	if err != nil {
		return err
	}
	seen, err := s.seen(ctx, h.in, h.ben)
	if err != nil {
		return err
	}
	if seen.LastMessage == nil {
		return errors.New("the room has no last message any more")
	}
	return first(
		func() error { return expect("the tombstone", tombstone, want) },
		func() error {
			return expect("when it was deleted, after it was said", tombstone.DeletedAt.After(want.CreatedAt), true)
		},
		func() error {
			return expect("its key, sent again with other words", again, message.Sent{Message: want, Replayed: true})
		},
		func() error { return expect("all that was said", all, []message.Message{want}) },
		func() error { return expect("the room's last message", *seen.LastMessage, want) },
	)
}

func casesSayWhatThereIs(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	sent, err := s.say(ctx, h.ben, h.in, "hello", "")
	if err != nil {
		return err
	}
	mine, err := s.theCase(ctx, sent.Message.ID, h.ben)
	if err != nil {
		return err
	}
	admins, err := s.theCase(ctx, sent.Message.ID, h.ada)
	if err != nil {
		return err
	}
	strangers, err := s.theCase(ctx, sent.Message.ID, h.cleo)
	if err != nil {
		return err
	}
	paced := mine.At.Add(time.Duration(Pace.Burst) * time.Second)
	if _, err := s.revise(ctx, h.ben, sent.Message.ID, message.Edited{To: sent.Message.Content, Paced: paced}); err != nil {
		return err
	}
	_, tooFast := s.say(ctx, h.ben, h.in, "and on", "")
	if err := s.keep(ctx, h.in, h.ada, room.Deleted{}); err != nil {
		return err
	}
	_, gone := s.theCase(ctx, sent.Message.ID, h.ben)
	none, _ := message.IDFrom(4711)
	_, unknown := s.theCase(ctx, none, h.ben)
	return first(
		func() error { return expect("the message", mine.Message, sent.Message) },
		func() error { return expect("the author's standing", mine.Asks, policy.Member) },
		func() error { return expect("the room's kind", mine.Kind, policy.Group) },
		func() error { return expect("the pace", mine.Pace, Pace) },
		func() error { return expect("whether the author has used any of it", mine.Paced.After(mine.At), true) },
		func() error { return expect("an admin's standing", admins.Asks, policy.Admin) },
		func() error { return expect("a stranger's standing", strangers.Asks, policy.Outsider) },
		func() error {
			return refused("a message after an edit that used up the pace", tooFast, message.ErrTooFast)
		},
		func() error { return refused("a message of a deleted room", gone, message.ErrNotThere) },
		func() error { return refused("an unknown message", unknown, message.ErrNotThere) },
	)
}

func renamedRoomIsFound(ctx context.Context, s StoreSubject) error {
	people, err := s.settleAll(ctx, ada)
	if err != nil {
		return err
	}
	in, err := s.open(ctx, policy.Public, "Fleeting Hall", people...)
	if err != nil {
		return err
	}
	name, err := room.ParseName("Lasting Place")
	if err != nil {
		return err
	}
	if err := s.keep(ctx, in, people[0], room.Renamed{To: name}); err != nil {
		return err
	}
	seen, err := s.seen(ctx, in, people[0])
	if err != nil {
		return err
	}
	found := func(by string) ([]port.Listed, error) {
		query, err := identity.ParseQuery(by)
		if err != nil {
			return nil, err
		}
		return view(ctx, s, func(ctx context.Context, v port.View) ([]port.Listed, error) {
			return v.Rooms.Directory(ctx, people[0].User, query, room.ID{}, 10)
		})
	}
	former, err := found("fleet")
	if err != nil {
		return err
	}
	now, err := found("place")
	if err != nil {
		return err
	}
	return first(
		func() error { return expect("the name", seen.Room.Name, name) },
		func() error { return expect("the version", seen.Room.Version, 2) },
		func() error {
			return expect("when it was changed, after it was made", seen.Room.UpdatedAt.After(seen.Room.CreatedAt), true)
		},
		func() error { return expect("those found by the former name", len(former), 0) },
		func() error { return expect("those found by the name", len(now), 1) },
	)
}

func readMarksAreKept(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	for range 3 {
		if _, err := s.say(ctx, h.ada, h.in, "hello", ""); err != nil {
			return err
		}
	}
	err = s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) error {
		return scope.Revising.MarkRead(ctx, h.in, h.ben.User, 2)
	})
	if err != nil {
		return err
	}
	bens, err := s.seen(ctx, h.in, h.ben)
	if err != nil {
		return err
	}
	adas, err := s.seen(ctx, h.in, h.ada)
	if err != nil {
		return err
	}
	head, err := s.Log.Head(ctx)
	if err != nil {
		return err
	}
	return first(
		func() error { return expect("the mark of who has read", bens.ReadSequence, sequence.Number(2)) },
		func() error { return expect("the mark of another", adas.ReadSequence, sequence.Number(3)) },
		func() error { return expect("the head of the log", head.Position, sequence.Position(4)) },
	)
}

func deletedRoomsAreSwept(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	other, err := s.open(ctx, policy.Group, "Other", h.ada)
	if err != nil {
		return err
	}
	for n := range 5 {
		if _, err := s.say(ctx, h.ada, h.in, fmt.Sprintf("%s %d", canary, n), ""); err != nil {
			return err
		}
	}
	kept, err := s.say(ctx, h.ada, other, "kept", "")
	if err != nil {
		return err
	}
	if err := s.keep(ctx, h.in, h.ada, room.Deleted{}); err != nil {
		return err
	}
	slices := 0
	for more := true; more; slices++ {
		err := s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) (err error) {
			more, err = scope.Revising.Sweep(ctx, 2)
			return err
		})
		if err != nil || slices > 10 {
			return fmt.Errorf("after %d slices: more %t, %w", slices, more, err)
		}
	}
	left, err := s.history(ctx, h.in)
	if err != nil {
		return err
	}
	others, err := s.history(ctx, other)
	if err != nil {
		return err
	}
	entries, err := s.Log.About(ctx, h.ben.User, port.Span{Upto: 1 << 40, Limit: 10})
	if err != nil {
		return err
	}
	return first(
		func() error { return expect("what is left of the room", len(left), 0) },
		func() error { return expect("what is left of another", others, []message.Message{kept.Message}) },
		func() error { return expect("how many slices it took, at least three", slices >= 3, true) },
		func() error { return expect("what somebody who was in it hears", len(entries), 2) },
	)
}

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
