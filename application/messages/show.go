package messages

import (
	"context"
	"errors"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/sequence"
)

// Show shows a message to somebody who is in its room.
type Show struct{ Work port.Work }

// ShowQuery says which message is wanted, and by whom.
type ShowQuery struct {
	Who     identity.Caller
	Message message.ID
}

// Shown is a message with the place in the log that it shows: a stream from there
// on tells of every later change.
type Shown struct {
	message.Message
	Place sequence.Place
}

// Handle returns the message. Where the room is not there for the caller, the
// message is not there either.
func (uc Show) Handle(ctx context.Context, q ShowQuery) (Shown, error) {
	var found Shown
	err := uc.Work.Look(ctx, func(ctx context.Context, v port.View) (err error) {
		found.Place = v.Head
		if found.Message, err = v.Messages.Get(ctx, q.Message); err != nil {
			return err
		}
		err = v.May(ctx, q.Who.User, policy.Read, found.Room)
		if errors.Is(err, policy.ErrNotThere) {
			return message.ErrNotThere.Hiding()
		}
		return err
	})
	if err != nil {
		return Shown{}, fmt.Errorf("show message %s: %w", q.Message, err)
	}
	return found, nil
}
