// Package messages has what people do with messages: sending and reading them.
package messages

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/room"
)

// Send adds a message to a room, once for each key.
type Send struct {
	Sends port.Sends

	// Print is a hash of the draft under a key that the store does not have.
	Print func(message.Draft) message.Print
}

// SendCommand says who wants to say what where.
type SendCommand struct {
	Who     identity.Caller
	Room    room.ID
	Content message.Content
	Key     message.Key // zero: none
	ReplyTo message.ID  // zero: to none
}

// Handle returns the message as it reads now.
func (uc Send) Handle(ctx context.Context, cmd SendCommand) (message.Sent, error) {
	draft := message.Draft{Author: cmd.Who, Room: cmd.Room, Content: cmd.Content, Key: cmd.Key, ReplyTo: cmd.ReplyTo}
	draft.Print = uc.Print(draft)
	sent, err := uc.Sends.Send(ctx, draft)
	if err != nil {
		return message.Sent{}, fmt.Errorf("send to room %s: %w", cmd.Room, err)
	}
	return sent, nil
}
