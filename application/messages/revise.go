package messages

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/sequence"
)

// Applied is asked within a change. What it returns waits until this node hands out
// what was logged up to a position in the log as it was then, and what was edited or
// deleted there no more; for a moment at most. It is an error that ctx ends before:
// then nobody must be told yet that it is so.
type Applied func() (wait func(ctx context.Context, upto sequence.Position) error)

// revise keeps what decide makes of a message's case, and returns the message as
// it reads then. It waits until this node hands it out so, even where nothing
// changes: the change may have been made just now, by the request before.
func revise(ctx context.Context, work port.Work, applied Applied, who identity.Caller, id message.ID,
	decide func(message.Case) (message.Change, error),
) (message.Message, error) {
	var revised message.Message
	var upto sequence.Position
	var wait func(context.Context, sequence.Position) error
	err := work.Change(ctx, func(ctx context.Context, s port.Scope) error {
		if err := s.Admit(ctx, who); err != nil {
			return err
		}
		found, err := s.Revising.Case(ctx, id, who.User)
		if err != nil {
			return err
		}
		change, err := decide(found)
		if err != nil {
			return err
		}
		revised, upto, wait = found.Message, s.Head.Position, applied()
		if change == nil {
			return nil
		}
		if err := s.Revising.Revise(ctx, found.Message, who.User, change); err != nil {
			return err
		}
		upto = upto.Next() // the entry that tells of it
		revised, err = s.Messages.Get(ctx, id)
		return err
	})
	if err != nil {
		return message.Message{}, fmt.Errorf("message %s: %w", id, err)
	}
	if err := wait(ctx, upto); err != nil {
		return message.Message{}, fmt.Errorf("message %s: %w", id, err)
	}
	return revised, nil
}
