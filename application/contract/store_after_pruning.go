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
	"parley/domain/sequence"
)

func numbersGoOn(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	greatest := int64(0)
	for round := range sequence.Number(3) {
		last, err := s.sayAll(ctx, h.ada, h.in, 2)
		if err != nil {
			return err
		}
		reply, err := draft(h.ben, h.in, "a reply", "")
		if err != nil {
			return err
		}
		reply.ReplyTo = last.ID
		sent, err := s.Sends.Send(ctx, reply)
		if err != nil {
			return err
		}
		if err := first(
			func() error { return expect("the number of a message", sent.Message.Sequence, 3*round+3) },
			func() error { return expect("whether its ID is a new one", last.ID.Int64() > greatest, true) },
		); err != nil {
			return err
		}
		greatest = sent.Message.ID.Int64()
		if _, err := s.prune(ctx, sent.Message.CreatedAt, 100); err != nil {
			return err
		}
		if err := keepsReply(ctx, h, sent.Message); err != nil {
			return err
		}
		if _, err := s.prune(ctx, never, 100); err != nil {
			return err
		}
		if err := emptied(ctx, h, sent.Message); err != nil {
			return err
		}
	}
	return nil
}

// keepsReply: a reply keeps the ID of what it replies to, which was pruned.
func keepsReply(ctx context.Context, h hall, reply message.Message) error {
	kept, err := h.history(ctx, h.in)
	if err != nil {
		return err
	}
	return expect("what is left to read", kept, []message.Message{reply})
}

// emptied: everything of the room was pruned. Its last number is known, and
// nothing else; the next message is yet another one.
func emptied(ctx context.Context, h hall, last message.Message) error {
	left, err := h.history(ctx, h.in)
	if err != nil {
		return err
	}
	bounds, err := h.bounds(ctx, h.in)
	if err != nil {
		return err
	}
	seen, err := h.seen(ctx, h.in, h.ben)
	if err != nil {
		return err
	}
	mine, err := view(ctx, h.StoreSubject, func(ctx context.Context, v port.View) ([]port.Seen, error) {
		return v.Rooms.Mine(ctx, h.ben.User, port.Active{}, 10)
	})
	if err != nil {
		return err
	}
	return first(
		func() error { return expect("what is left to read", len(left), 0) },
		func() error {
			return expect("the bounds", bounds, [2]sequence.Number{last.Sequence + 1, last.Sequence})
		},
		func() error { return expect("the last message", seen.LastMessage, nil) },
		func() error { return expect("the last number", seen.Room.LastSequence, last.Sequence) },
		func() error { return expect("up to where Ben has read", seen.ReadSequence, last.Sequence) },
		func() error { return expect("the room in Ben's list", mine, []port.Seen{seen}) },
		func() error { return notThere(ctx, h, last) },
	)
}

func keysGoWithTheirMessages(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	var sent [3]message.Sent
	for n := range sent {
		if sent[n], err = s.say(ctx, h.ada, h.in, fmt.Sprintf("word %d", n), fmt.Sprintf("key-%d", n)); err != nil {
			return err
		}
	}
	again := func(n int, stays bool) error {
		once, err := s.say(ctx, h.ada, h.in, fmt.Sprintf("word %d", n), fmt.Sprintf("key-%d", n))
		if err != nil {
			return err
		}
		if err := expect(fmt.Sprintf("whether message %d was sent before", n), once.Replayed, stays); err != nil || !stays {
			sent[n] = once
			return err
		}
		return expect(fmt.Sprintf("message %d, sent again", n), once.Message, sent[n].Message)
	}
	prune := func(before time.Time) error {
		_, err := s.prune(ctx, before, 100)
		return err
	}
	return first(
		func() error { return prune(sent[1].Message.CreatedAt) },
		func() error { return again(1, true) },
		func() error { return again(0, false) }, // its message is no more
		func() error { return again(0, true) },
		func() error { return prune(never) }, // the room's last one, too
		func() error { return again(0, false) },
		func() error { return again(0, true) },
		func() error { return again(2, false) },
	)
}

func barsOutlastWhatWasPruned(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	square, err := s.open(ctx, policy.Public, "Square", h.ada, h.ben, h.cleo)
	if err != nil {
		return err
	}
	if err := s.keep(ctx, square, h.ada,
		room.Left{Who: h.ben.User, Role: room.Member, Reason: room.WasRemoved},
		room.Left{Who: h.cleo.User, Role: room.Member, Reason: room.ByThemselves}); err != nil {
		return err
	}
	if err := s.keep(ctx, h.in, h.ada, room.Left{Who: h.ben.User, Role: room.Member, Reason: room.WasRemoved}); err != nil {
		return err
	}
	if _, err := s.prune(ctx, never, 100); err != nil {
		return err
	}
	standing := func(in room.ID, who identity.Caller, want policy.Standing) func() error {
		return func() error {
			got, err := view(ctx, s, func(ctx context.Context, v port.View) (policy.Standing, error) {
				standing, _, err := v.People.Standing(ctx, in, who.User)
				return standing, err
			})
			return errors.Join(err, expect(fmt.Sprintf("what user %s is to room %s", who.User, in), got, want))
		}
	}
	return first(
		standing(square, h.ben, policy.Barred),
		standing(square, h.cleo, policy.Outsider),
		standing(h.in, h.ben, policy.Outsider),
		standing(h.in, h.ada, policy.Admin),
		func() error { return s.keep(ctx, h.in, h.ada, room.Joined{Who: h.ben.User, Role: room.Member}) },
		func() error { return s.keep(ctx, square, h.ada, room.Joined{Who: h.ben.User, Role: room.Member}) },
		func() error { _, err := s.prune(ctx, never, 100); return err },
		standing(h.in, h.ben, policy.Member),
		standing(square, h.ben, policy.Member),
	)
}
