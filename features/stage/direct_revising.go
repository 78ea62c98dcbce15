package stage

import (
	"context"

	"parley/application/messages"
	"parley/application/rooms"
	"parley/domain/message"
	"parley/domain/room"
	"parley/domain/sequence"
)

// Correct puts what one has said into other words.
func (c direct) Correct(ctx context.Context, m Message, text string, known int) (Message, error) {
	content, err := message.ParseContent(text)
	if err != nil {
		return Message{}, refused(err)
	}
	edited, err := c.app.EditMessage.Handle(ctx, messages.EditCommand{
		Who: c.who, Message: m.ID, Content: content, Expected: expected(known),
	})
	return said(edited), refused(err)
}

// Withdraw takes back what was said.
func (c direct) Withdraw(ctx context.Context, m Message) error {
	_, err := c.app.DeleteMessage.Handle(ctx, messages.DeleteCommand{Who: c.who, Message: m.ID})
	return refused(err)
}

// Rename gives a room another name.
func (c direct) Rename(ctx context.Context, in room.ID, name string, known int) error {
	parsed, err := room.ParseName(name)
	if err != nil {
		return refused(err)
	}
	_, err = c.app.RenameRoom.Handle(ctx, rooms.RenameCommand{Who: c.who, Room: in, Name: parsed, Expected: expected(known)})
	return refused(err)
}

// End deletes a room.
func (c direct) End(ctx context.Context, in room.ID) error {
	return refused(c.app.DeleteRoom.Handle(ctx, rooms.DeleteCommand{Who: c.who, Room: in}))
}

// HasRead says up to where one has read.
func (c direct) HasRead(ctx context.Context, in room.ID, upto sequence.Number) error {
	return refused(c.app.ReadRoom.Handle(ctx, rooms.ReadCommand{Who: c.who, Room: in, Upto: upto}))
}

// Unread counts what one has not read.
func (c direct) Unread(ctx context.Context, in room.ID) (int, error) {
	seen, err := c.app.ShowRoom.Handle(ctx, rooms.ShowQuery{Who: c.who, Room: in})
	return int(seen.Room.LastSequence - seen.ReadSequence), refused(err)
}

func expected(known int) sequence.Expected {
	if known == 0 {
		return sequence.Expected{}
	}
	return sequence.Expect(known)
}
