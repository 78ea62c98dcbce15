package messages

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/sequence"
)

// Edit puts a message into other words.
type Edit struct {
	Work    port.Work
	Applied Applied
}

// EditCommand says who wants which message to say what.
type EditCommand struct {
	Who      identity.Caller
	Message  message.ID
	Content  message.Content
	Expected sequence.Expected
}

// Handle returns the message as it reads then.
func (uc Edit) Handle(ctx context.Context, cmd EditCommand) (message.Message, error) {
	edited, err := revise(ctx, uc.Work, uc.Applied, cmd.Who, cmd.Message, func(c message.Case) (message.Change, error) {
		return c.Edit(cmd.Content, cmd.Expected)
	})
	if err != nil {
		return message.Message{}, fmt.Errorf("edit: %w", err)
	}
	return edited, nil
}
