package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"parley/adapters/wire"
	"parley/application/messages"
	"parley/application/rooms"
	"parley/domain/message"
	"parley/domain/room"
	domain "parley/domain/sequence"
)

// MessagePatch is what changes of a message.
type MessagePatch struct {
	Content string `json:"content" minLength:"1" maxLength:"4000" example:"Good evening!" doc:"As for a new message."`
}

// RoomPatch is what changes of a room.
type RoomPatch struct {
	Name string `json:"name" minLength:"1" maxLength:"255" example:"Boiler room"`
}

// ReadMark is up to where somebody has read.
type ReadMark struct {
	Sequence int64 `json:"sequence" minimum:"0" maximum:"9007199254740991" example:"17" doc:"Of the last message that was read. What is beyond the end is taken as the end; a mark never goes back."`
}

// IfMatch makes a call depend on what the caller knows.
type IfMatch struct {
	IfMatch string `header:"If-Match" example:"\"1\"" doc:"The ETags of which one must be the present one; without it, whatever it is."`
}

type (
	editInput struct {
		MessagePath
		IfMatch
		Body MessagePatch
	}
	deleteMessageInput struct {
		MessagePath
		IfMatch
	}
	renameInput struct {
		RoomPath
		IfMatch
		Body RoomPatch
	}
	deleteRoomInput struct {
		RoomPath
		IfMatch
	}
	readInput struct {
		RoomPath
		Body ReadMark
	}
)

// MessagePath names a message in a path.
type MessagePath struct {
	MessageID string `path:"messageId" example:"1042"`
}

func (a *api) revising() {
	register(a, operation{
		method: http.MethodPatch, path: "/api/messages/{messageId}", id: "editMessage", tag: messagesTag,
		summary:     "Put a message into other words",
		description: "For its author. The number stays; to the limits an edit is a message like any other. The same words change nothing.",
		answers:     map[int]string{http.StatusOK: "The message as it reads now."},
		refusals:    []string{"message-not-found", "not-allowed", "changed-meanwhile", "rate-limited"},
	}, a.edit)
	register(a, operation{
		method: http.MethodDelete, path: "/api/messages/{messageId}", id: "deleteMessage", tag: messagesTag,
		summary:     "Take back a message",
		description: "For its author and the room's admins. Its number stays, with a tombstone; its words are gone, from every answer, event and replay. What is deleted already stays so.",
		answers:     map[int]string{http.StatusNoContent: "It is gone."},
		refusals:    []string{"message-not-found", "not-allowed", "changed-meanwhile"},
	}, a.deleteMessage)
	register(a, operation{
		method: http.MethodPatch, path: "/api/rooms/{roomId}", id: "renameRoom", tag: roomsTag,
		summary:     "Give a room another name",
		description: "For admins. The same name changes nothing.",
		answers:     map[int]string{http.StatusOK: "The room as it is now."},
		refusals:    []string{"room-not-found", "not-allowed", "direct-room-is-fixed", "changed-meanwhile"},
	}, a.renameRoom)
	register(a, operation{
		method: http.MethodDelete, path: "/api/rooms/{roomId}", id: "deleteRoom", tag: roomsTag,
		summary:     "Delete a room",
		description: "For admins. From then on it is there for nobody.",
		answers:     map[int]string{http.StatusNoContent: "It is gone."},
		refusals:    []string{"room-not-found", "not-allowed", "direct-room-is-fixed", "changed-meanwhile"},
	}, a.deleteRoom)
	register(a, operation{
		method: http.MethodPut, path: "/api/rooms/{roomId}/read", id: "markRead", tag: roomsTag,
		summary:  "Say up to where one has read",
		answers:  map[int]string{http.StatusNoContent: "It is noted."},
		refusals: []string{"room-not-found"},
	}, a.markRead)
}

func (a *api) edit(ctx context.Context, in *editInput) (*messageOutput, error) {
	content, err := message.ParseContent(in.Body.Content)
	if err != nil {
		return nil, err
	}
	edited, err := a.App.EditMessage.Handle(ctx, messages.EditCommand{
		Who: caller(ctx), Message: messageID(in.MessageID), Content: content, Expected: in.expected(),
	})
	if err != nil {
		return nil, err
	}
	return &messageOutput{ETag: versionTag(edited.Version), Body: wire.MessageOf(edited)}, nil
}

func (a *api) deleteMessage(ctx context.Context, in *deleteMessageInput) (*nothing, error) {
	_, err := a.App.DeleteMessage.Handle(ctx, messages.DeleteCommand{
		Who: caller(ctx), Message: messageID(in.MessageID), Expected: in.expected(),
	})
	if err != nil {
		return nil, err
	}
	return &nothing{}, nil
}

func (a *api) renameRoom(ctx context.Context, in *renameInput) (*roomOutput, error) {
	name, err := room.ParseName(in.Body.Name)
	if err != nil {
		return nil, err
	}
	renamed, err := a.App.RenameRoom.Handle(ctx, rooms.RenameCommand{
		Who: caller(ctx), Room: roomID(in.RoomID), Name: name, Expected: in.expected(),
	})
	if err != nil {
		return nil, err
	}
	return &roomOutput{ETag: versionTag(renamed.Room.Version), Body: wire.RoomOf(renamed)}, nil
}

func (a *api) deleteRoom(ctx context.Context, in *deleteRoomInput) (*nothing, error) {
	err := a.App.DeleteRoom.Handle(ctx, rooms.DeleteCommand{Who: caller(ctx), Room: roomID(in.RoomID), Expected: in.expected()})
	if err != nil {
		return nil, err
	}
	return &nothing{}, nil
}

func (a *api) markRead(ctx context.Context, in *readInput) (*nothing, error) {
	err := a.App.ReadRoom.Handle(ctx, rooms.ReadCommand{
		Who: caller(ctx), Room: roomID(in.RoomID), Upto: domain.Number(in.Body.Sequence),
	})
	if err != nil {
		return nil, err
	}
	return &nothing{}, nil
}

// expected is what an If-Match header names (RFC 9110, section 13.1.1). It
// compares strongly: a weak tag, and what is none of ours, fits no version.
func (h IfMatch) expected() domain.Expected {
	if strings.TrimSpace(h.IfMatch) == "" {
		return domain.Expected{}
	}
	var versions []int
	for tag := range strings.SplitSeq(h.IfMatch, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" {
			return domain.Expected{}
		}
		if version, err := strconv.Atoi(strings.Trim(tag, `"`)); err == nil && versionTag(version) == tag {
			versions = append(versions, version)
		}
	}
	return domain.Expect(versions...)
}
