package contract

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
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
