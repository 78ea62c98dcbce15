package contract

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/domain/fault"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
)

func refusalsInOrder(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	if _, err := s.say(ctx, h.ben, h.in, "this", "key"); err != nil {
		return err
	}
	for err == nil { // until Ben is too fast
		_, err = s.say(ctx, h.ben, h.in, "and on", "")
	}
	if err := refused("one message too many", err, message.ErrTooFast); err != nil {
		return err
	}
	// Each has every later reason to be refused, too.
	_, keyed := s.say(ctx, h.ben, h.in, "that", "key")
	replay, replayed := s.say(ctx, h.ben, h.in, "this", "key")
	if err := s.keep(ctx, h.in, h.ada, room.Left{Who: h.ben.User, Role: room.Member}); err != nil {
		return err
	}
	_, out := s.say(ctx, h.ben, h.in, "that", "key")
	_, outAgain := s.say(ctx, h.ben, h.in, "this", "key")
	stranger := identity.Caller{User: h.ben.User, Session: h.cleo.Session}
	_, signedOut := s.say(ctx, stranger, h.in, "that", "key")
	return first(
		func() error { return refused("too fast, with a used key", keyed, message.ErrKeyUsed) },
		func() error { return replayed },
		func() error { return expect("a repeated key, which costs nothing", replay.Replayed, true) },
		func() error { return refused("out, with a used key", out, policy.ErrNotThere) },
		func() error { return refused("out, repeating a message", outAgain, policy.ErrNotThere) },
		func() error { return refused("out, in another's session", signedOut, identity.ErrSessionEnded) },
	)
}

func nobodyTalksFaster(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	begun := time.Now()
	results := atOnce(3*Pace.Burst, func(n int) error {
		_, err := s.say(ctx, h.ada, h.in, fmt.Sprintf("word %d", n), "")
		return err
	})
	elapsed := time.Since(begun)
	taken := 0
	for _, err := range results {
		if err == nil {
			taken++
			continue
		}
		if err := refused("one message too many", err, message.ErrTooFast); err != nil {
			return err
		}
		var f *fault.Fault
		if !errors.As(err, &f) || f.Wait() <= 0 || f.Wait() > time.Minute {
			return fmt.Errorf("one message too many: no time after which to try again: %v", err)
		}
	}
	if most := Pace.Burst + 1 + int(elapsed/(time.Minute/time.Duration(Pace.PerMinute))); taken < Pace.Burst || taken > most {
		return fmt.Errorf("messages that were taken: got %d, want %d to %d", taken, Pace.Burst, most)
	}
	if _, err := s.say(ctx, h.ben, h.in, "I have not said a word", ""); err != nil {
		return fmt.Errorf("somebody else: %w", err)
	}
	return whole(ctx, s, h.in, taken+1)
}

func refusedTouchesNoOther(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	const count = 15
	results := atOnce(4*count, func(n int) error {
		who, words, to := h.ada, fmt.Sprintf("word %d", n), message.ID{}
		switch n % 4 {
		case 1:
			who = h.cleo
		case 2:
			to, _ = message.IDFrom(4711)
		case 3:
			who.Session = h.ben.Session
		}
		d, err := draft(who, h.in, words, "")
		if err != nil {
			return err
		}
		d.ReplyTo = to
		_, err = s.Sends.Send(ctx, d)
		return err
	})
	reasons := []error{nil, policy.ErrNotThere, message.ErrReplyTo, identity.ErrSessionEnded}
	for n, err := range results {
		want := reasons[n%4]
		if want == nil && err != nil {
			return fmt.Errorf("a good message among bad ones: %w", err)
		}
		if want != nil {
			if err := refused("a bad message among good ones", err, want); err != nil {
				return err
			}
		}
	}
	return whole(ctx, s, h.in, count)
}

func replyStaysInTheRoom(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	elsewhere, err := s.open(ctx, policy.Group, "Elsewhere", h.ada)
	if err != nil {
		return err
	}
	here, err := s.say(ctx, h.ada, h.in, "here", "")
	if err != nil {
		return err
	}
	there, err := s.say(ctx, h.ada, elsewhere, "there", "")
	if err != nil {
		return err
	}
	reply := func(to message.ID) (message.Sent, error) {
		d, err := draft(h.ben, h.in, "indeed", "")
		if err != nil {
			return message.Sent{}, err
		}
		d.ReplyTo = to
		return s.Sends.Send(ctx, d)
	}
	nothing, _ := message.IDFrom(4711)
	sent, err := reply(here.Message.ID)
	if err != nil {
		return err
	}
	_, foreign := reply(there.Message.ID)
	_, missing := reply(nothing)
	return first(
		func() error { return expect("what it replies to", sent.Message.ReplyTo, here.Message.ID) },
		func() error { return refused("a reply to a message of another room", foreign, message.ErrReplyTo) },
		func() error { return refused("a reply to no message", missing, message.ErrReplyTo) },
	)
}
