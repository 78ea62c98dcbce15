package stage

import (
	"context"
	"fmt"
	"net/http"

	"parley/domain/room"
	"parley/domain/sequence"
)

// Correct puts what one has said into other words.
func (c browser) Correct(ctx context.Context, m Message, text string, known int) (Message, error) {
	var answer shown
	err := c.do(ctx, http.MethodPatch, "/api/messages/"+m.ID.String(), map[string]any{"content": text}, &answer, ifMatch(known)...)
	if err != nil {
		return Message{}, err
	}
	return answer.message()
}

// Withdraw takes back what was said.
func (c browser) Withdraw(ctx context.Context, m Message) error {
	return c.do(ctx, http.MethodDelete, "/api/messages/"+m.ID.String(), nil, nil)
}

// Rename gives a room another name.
func (c browser) Rename(ctx context.Context, in room.ID, name string, known int) error {
	return c.do(ctx, http.MethodPatch, roomPath(in, ""), map[string]any{"name": name}, nil, ifMatch(known)...)
}

// End deletes a room.
func (c browser) End(ctx context.Context, in room.ID) error {
	return c.do(ctx, http.MethodDelete, roomPath(in, ""), nil, nil)
}

// HasRead says up to where one has read.
func (c browser) HasRead(ctx context.Context, in room.ID, upto sequence.Number) error {
	return c.do(ctx, http.MethodPut, roomPath(in, "/read"), map[string]any{"sequence": upto}, nil)
}

// Unread counts what one has not read.
func (c browser) Unread(ctx context.Context, in room.ID) (int, error) {
	var shown struct{ UnreadCount int }
	err := c.do(ctx, http.MethodGet, roomPath(in, ""), nil, &shown)
	return shown.UnreadCount, err
}

func ifMatch(known int) []string {
	if known == 0 {
		return nil
	}
	return []string{"If-Match", fmt.Sprintf("%q", fmt.Sprint(known))}
}
