package messages

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/sequence"
)

// Delete takes the words of a message away. Its number stays.
type Delete struct {
	Work    port.Work
	Applied Applied
}

// DeleteCommand says who wants which message to be gone.
type DeleteCommand struct {
	Who      identity.Caller
	Message  message.ID
	Expected sequence.Expected
}

// Handle returns the tombstone. From then on this node hands the words to nobody.
func (uc Delete) Handle(ctx context.Context, cmd DeleteCommand) (message.Message, error) {
	tombstone, err := revise(ctx, uc.Work, uc.Applied, cmd.Who, cmd.Message, func(c message.Case) (message.Change, error) {
		return c.Delete(cmd.Expected)
	})
	if err != nil {
		return message.Message{}, fmt.Errorf("delete: %w", err)
	}
	return tombstone, nil
}
