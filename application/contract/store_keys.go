package contract

import (
	"context"
	"errors"
	"fmt"

	"parley/domain/message"
	"parley/domain/room"
	"parley/domain/sequence"
)

func sameKeyIsOneMessage(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	original, err := s.say(ctx, h.ada, h.in, "once", "key")
	if err != nil {
		return err
	}
	if original.Replayed {
		return errors.New("a new message is said to have been sent before")
	}
	before, err := s.Log.Head(ctx)
	if err != nil {
		return err
	}
	again, err := s.say(ctx, h.ada, h.in, "once", "key")
	if err != nil {
		return err
	}
	after, err := s.Log.Head(ctx)
	if err != nil {
		return err
	}
	others, err := s.say(ctx, h.ben, h.in, "once", "key")
	if err != nil {
		return fmt.Errorf("another person's message with the same key: %w", err)
	}
	return first(
		func() error { return expect("the message sent again", again.Message, original.Message) },
		func() error { return expect("whether it was sent before", again.Replayed, true) },
		func() error { return expect("the head of the log after it", after, before) },
		func() error { return expect("whether another person's was", others.Replayed, false) },
		func() error { return whole2(ctx, s, h.in, 2) },
	)
}

// whole2 is [whole] where the same may be said by two people.
func whole2(ctx context.Context, s StoreSubject, in room.ID, count int) error {
	history, err := s.history(ctx, in)
	if err != nil {
		return err
	}
	for n, m := range history {
		if err := expect("the number of a message", m.Sequence, sequence.Number(n+1)); err != nil {
			return err
		}
	}
	return expect("how many messages there are", len(history), count)
}

func sameKeyAtOnce(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	results := atOnce(50, func(int) outcome {
		sent, err := s.say(ctx, h.ada, h.in, "all at once", "key")
		return outcome{sent, err}
	})
	fresh := 0
	for _, r := range results {
		if r.err != nil {
			return fmt.Errorf("one of fifty was refused: %w", r.err)
		}
		if !r.sent.Replayed {
			fresh++
		}
		if err := expect("the message of one of fifty", r.sent.Message, results[0].sent.Message); err != nil {
			return err
		}
	}
	if _, err := s.say(ctx, h.ada, h.in, "and another", ""); err != nil {
		return err
	}
	return first(
		func() error { return expect("how many of fifty were new", fresh, 1) },
		func() error { return whole(ctx, s, h.in, 2) },
	)
}

func keyStandsForTheFirst(ctx context.Context, s StoreSubject) error {
	h, err := openHall(ctx, s)
	if err != nil {
		return err
	}
	if _, err := s.say(ctx, h.ada, h.in, "this", "key"); err != nil {
		return err
	}
	_, changed := s.say(ctx, h.ada, h.in, "that", "key")
	if err := refused("other words with a used key", changed, message.ErrKeyUsed); err != nil {
		return err
	}
	results := atOnce(2, func(n int) outcome {
		sent, err := s.say(ctx, h.ben, h.in, fmt.Sprintf("word %d", n), "key")
		return outcome{sent, err}
	})
	if results[0].err == nil {
		results[0], results[1] = results[1], results[0]
	}
	if results[1].err != nil {
		return fmt.Errorf("one of two with the same key: %w", results[1].err)
	}
	return first(
		func() error { return refused("the other of two", results[0].err, message.ErrKeyUsed) },
		func() error { return whole(ctx, s, h.in, 2) },
	)
}
