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

// never is a time before which everything is.
var never = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)

// prune takes away what is of before a time, and counts the slices that it took.
func (s StoreSubject) prune(ctx context.Context, before time.Time, limit int) (slices int, err error) {
	for more := true; more; slices++ {
		if more, err = s.pruneOne(ctx, before, limit); err != nil || slices > 200 {
			return slices, fmt.Errorf("after %d slices, more %t: %w", slices, more, err)
		}
	}
	return slices, nil
}

// pruneOne takes away one slice.
func (s StoreSubject) pruneOne(ctx context.Context, before time.Time, limit int) (more bool, err error) {
	err = s.Work.Change(ctx, func(ctx context.Context, scope port.Scope) (err error) {
		more, err = scope.Revising.Prune(ctx, before, limit)
		return err
	})
	return more, err
}

// sayAll says things in a room, one after another.
func (s StoreSubject) sayAll(ctx context.Context, who identity.Caller, in room.ID, count int) (last message.Message, err error) {
	for n := range count {
		sent, err := s.say(ctx, who, in, fmt.Sprintf("thing %d", n), "")
		if err != nil {
			return last, err
		}
		last = sent.Message
	}
	return last, nil
}

// bounds are the first number of a room that can be read, and the last one.
func (s StoreSubject) bounds(ctx context.Context, in room.ID) ([2]sequence.Number, error) {
	return view(ctx, s, func(ctx context.Context, v port.View) (both [2]sequence.Number, err error) {
		both[0], both[1], err = v.Messages.Bounds(ctx, in)
		return both, err
	})
}

func oldestGoesFirst(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s) // at 1
	if err != nil {
		return err
	}
	other, err := s.open(ctx, policy.Group, "Other", h.ada) // at 2
	if err != nil {
		return err
	}
	old, err := s.sayAll(ctx, h.ada, h.in, 5) // at 3 to 7
	if err != nil {
		return err
	}
	if _, err := s.sayAll(ctx, h.ada, other, 3); err != nil { // at 8 to 10
		return err
	}
	young, err := s.say(ctx, h.ben, h.in, "young", "") // at 11
	if err != nil {
		return err
	}
	if _, err := s.pruneOne(ctx, young.Message.CreatedAt, 4); err != nil {
		return err
	}
	some, err := s.all(ctx)
	if err != nil {
		return err
	}
	slices, err := s.prune(ctx, young.Message.CreatedAt, 4)
	if err != nil {
		return err
	}
	return first(
		func() error { return expect("where the log begins after one slice", some[0].Place.Position, 4) },
		func() error { return expect("how many slices it took, at least two", slices >= 2, true) },
		func() error { return onlyYoungIsLeft(ctx, h, other, old, young.Message) },
		func() error { return notThere(ctx, h, old) },
	)
}

// onlyYoungIsLeft: of one room the young message is there, and of the other one
// nothing but its number.
func onlyYoungIsLeft(ctx context.Context, h hall, other room.ID, old, young message.Message) error {
	kept, err := h.history(ctx, h.in)
	if err != nil {
		return err
	}
	bounds, err := h.bounds(ctx, h.in)
	if err != nil {
		return err
	}
	entries, err := h.all(ctx)
	if err != nil {
		return err
	}
	none, err := h.history(ctx, other)
	if err != nil {
		return err
	}
	seen, err := h.seen(ctx, h.in, h.ben)
	if err != nil {
		return err
	}
	return first(
		func() error { return expect("what is left to read", kept, []message.Message{young}) },
		func() error {
			return expect("the bounds", bounds, [2]sequence.Number{old.Sequence + 1, young.Sequence})
		},
		func() error { return expect("what is left to read elsewhere", len(none), 0) },
		func() error { return expect("the log", positions(entries), []sequence.Position{10, 11}) },
		func() error { return expect("the room's last message", seen.LastMessage, &young) },
	)
}

// notThere: a message that was pruned is nowhere, neither to read, to change nor
// to reply to.
func notThere(ctx context.Context, h hall, pruned message.Message) error {
	_, noMessage := view(ctx, h.StoreSubject, func(ctx context.Context, v port.View) (message.Message, error) {
		return v.Messages.Get(ctx, pruned.ID)
	})
	_, noCase := h.theCase(ctx, pruned.ID, h.ada)
	reply, err := draft(h.ada, h.in, "a reply", "")
	if err != nil {
		return err
	}
	reply.ReplyTo = pruned.ID
	_, noReply := h.Sends.Send(ctx, reply)
	return first(
		func() error { return refused("a pruned message", noMessage, message.ErrNotThere) },
		func() error { return refused("the case of a pruned message", noCase, message.ErrNotThere) },
		func() error { return refused("a reply to a pruned message", noReply, message.ErrReplyTo) },
	)
}

func youngOutlastsPruning(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	if _, err := s.sayAll(ctx, h.ada, h.in, 15); err != nil {
		return err
	}
	mark, err := s.say(ctx, h.ben, h.in, "young", "")
	if err != nil {
		return err
	}
	results := atOnce(12, func(n int) error {
		if n%3 == 0 {
			_, err := s.prune(ctx, mark.Message.CreatedAt, 2)
			return err
		}
		_, err := s.say(ctx, []identity.Caller{h.ada, h.ben}[n%2], h.in, "young", "")
		return err
	})
	if err := errors.Join(results...); err != nil {
		return err
	}
	left, err := s.history(ctx, h.in)
	if err != nil {
		return err
	}
	entries, err := s.all(ctx)
	if err != nil {
		return err
	}
	var want []sequence.Number
	for n := range sequence.Number(1 + 8) {
		want = append(want, 16+n)
	}
	return first(
		func() error { return expect("the numbers that are left", numbers(left), want) },
		func() error { return expect("how many entries are left", len(entries), 1+len(left)) },
		func() error { return contiguous(entries) },
	)
}
