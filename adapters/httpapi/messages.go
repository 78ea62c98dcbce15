package httpapi

import (
	"context"
	"net/http"

	"parley/adapters/wire"
	"parley/application/messages"
	"parley/domain/fault"
	"parley/domain/message"
	"parley/domain/room"
)

// What is refused, and why.
var (
	errTwoKeys    = fault.Of("clientMessageId", fault.Invalid, "invalid-request", "The clientMessageId and the Idempotency-Key are the same, or only one of them is there.")
	errTwoWindows = fault.New(fault.Invalid, "invalid-request", "At most one of before, after and around says which messages are wanted.")
)

// MessageRequest is what somebody wants to say where.
type MessageRequest struct {
	ChatRoomID      int64   `json:"chatRoomId" minimum:"1" maximum:"9007199254740991" example:"3"`
	Content         string  `json:"content" minLength:"1" maxLength:"4000" example:"Good morning!" doc:"At least one character that is not white space, no control characters but newline and tab. It comes back exactly as it was sent."`
	ClientMessageID *string `json:"clientMessageId,omitempty" nullable:"true" minLength:"1" maxLength:"128" pattern:"^[!-~]+$" example:"c0ffee-1" doc:"Names the message: sent again with the same name it is the same message. The Idempotency-Key header does the same."`
	ReplyTo         *int64  `json:"replyTo,omitempty" nullable:"true" minimum:"1" maximum:"9007199254740991" example:"1041" doc:"A message of the same room."`
}

// MessagePage is a part of a room's messages with the place in the log that it
// shows.
type MessagePage struct {
	Items          []wire.Message `json:"items" doc:"By ascending sequence."`
	FirstSequence  int64          `json:"firstSequence" minimum:"0" maximum:"9007199254740991" example:"17" doc:"Of the items; 0 if there are none."`
	LastSequence   int64          `json:"lastSequence" minimum:"0" maximum:"9007199254740991" example:"17" doc:"Of the items; 0 if there are none."`
	FirstAvailable int64          `json:"firstAvailable" minimum:"1" maximum:"9007199254740991" example:"1" doc:"The first sequence of the room that can still be read."`
	HasBefore      bool           `json:"hasBefore" example:"true" doc:"Whether there are older messages."`
	HasAfter       bool           `json:"hasAfter" example:"false" doc:"Whether there are newer messages."`
	Cursor         string         `json:"cursor" example:"parley:8KcTzWnUyAq0cXn6mJmVdQ" doc:"A stream from here tells of everything that this page does not show."`
}

type (
	sendInput struct {
		Key  string `header:"Idempotency-Key" maxLength:"128" example:"c0ffee-1" doc:"The same as clientMessageId: 1 to 128 visible ASCII characters, taken as sent."`
		Body MessageRequest
	}
	sendOutput struct {
		Status   int
		Location string `header:"Location" example:"/api/messages/1042"`
		ETag     string `header:"ETag" example:"\"1\"" doc:"The message's version."`
		Replayed string `header:"Idempotency-Replayed" enum:"true" doc:"The message was sent before, with the same key."`
		Body     wire.Message
	}
	messageInput struct {
		MessageID string `path:"messageId" example:"1042"`
	}
	messageOutput struct {
		ETag string `header:"ETag" example:"\"1\"" doc:"The message's version."`
		Body wire.Message
	}
	shownMessageOutput struct {
		ETag string   `header:"ETag" example:"\"1\"" doc:"The message's version."`
		Link []string `header:"Link" doc:"rel=\"mercure\": the stream, with its last-event-id. rel=\"self\": the topic of the message's room there."`
		Body wire.Message
	}
	pageInput struct {
		ChatRoom    int64    `query:"chatRoom" required:"true" minimum:"1" maximum:"9007199254740991" example:"3" doc:"The room."`
		Limit       int      `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many at most."`
		Before      sequence `query:"before" minimum:"0" maximum:"9007199254740991" doc:"Those just before this sequence."`
		After       sequence `query:"after" minimum:"0" maximum:"9007199254740991" doc:"Those just after this sequence; 0 begins with the first."`
		Around      sequence `query:"around" minimum:"0" maximum:"9007199254740991" doc:"This sequence and those next to it, half of them before it."`
		IfNoneMatch string   `header:"If-None-Match" doc:"The ETags that the client has."`
	}
	pageOutput struct {
		Status int
		ETag   string   `header:"ETag" example:"\"2Jmj7l5rSw0yVb_vlWAYkA\"" doc:"Of all but the cursor."`
		Link   []string `header:"Link" doc:"rel=\"prev\" and rel=\"next\": the messages before and after these. rel=\"mercure\": the stream, with its last-event-id. rel=\"self\": the room's topic there."`
		Body   MessagePage
	}
)

func (a *api) messages() {
	register(a, operation{
		method: http.MethodPost, path: "/api/messages", id: "sendMessage", tag: messagesTag,
		summary:     "Say something",
		description: "With a key, the same message can be sent again at any time, on any node, and is there once. Without one it is another message each time.",
		answers: map[int]string{
			http.StatusCreated: "The new message.",
			http.StatusOK:      "The message that was sent with this key before, as it reads now.",
		},
		refusals: []string{"room-not-found", "not-allowed", "idempotency-key-reused", "rate-limited"},
	}, a.send)
	register(a, operation{
		method: http.MethodGet, path: "/api/messages", id: "listMessages", tag: messagesTag,
		summary:     "The messages of a room",
		description: "The last ones, or those before, after or around a sequence. Load a page, stream from its cursor, and nothing falls between.",
		answers: map[int]string{
			http.StatusOK:          "A part of the room's messages.",
			http.StatusNotModified: "The client has it already; Link has the fresh cursor.",
		},
		refusals: []string{"room-not-found"},
	}, a.listMessages)
	register(a, operation{
		method: http.MethodGet, path: "/api/messages/{messageId}", id: "getMessage", tag: messagesTag,
		summary:  "A message",
		answers:  map[int]string{http.StatusOK: "The message, or its tombstone."},
		refusals: []string{"message-not-found"},
	}, a.showMessage)
}

func (a *api) send(ctx context.Context, in *sendInput) (*sendOutput, error) {
	content, err := message.ParseContent(in.Body.Content)
	if err != nil {
		return nil, err
	}
	key, err := keyOf(in)
	if err != nil {
		return nil, err
	}
	send := messages.SendCommand{
		Who: caller(ctx), Room: numbered(in.Body.ChatRoomID, room.IDFrom), Content: content, Key: key,
	}
	if in.Body.ReplyTo != nil {
		send.ReplyTo = numbered(*in.Body.ReplyTo, message.IDFrom)
	}
	sent, err := a.App.Send.Handle(ctx, send)
	if err != nil {
		return nil, err
	}
	out := &sendOutput{
		Status:   http.StatusCreated,
		Location: "/api/messages/" + sent.Message.ID.String(),
		ETag:     versionTag(sent.Message.Version),
		Body:     wire.MessageOf(sent.Message),
	}
	if sent.Replayed {
		out.Status, out.Replayed = http.StatusOK, "true"
	}
	return out, nil
}

// keyOf is the key of a message, which stands in the header, in the body or in
// both.
func keyOf(in *sendInput) (message.Key, error) {
	if in.Body.ClientMessageID == nil && in.Key == "" {
		return message.Key{}, nil
	}
	if in.Body.ClientMessageID == nil {
		key, err := message.ParseKey(in.Key)
		if err != nil {
			return message.Key{}, &located{Fault: message.ErrKey, location: "header.Idempotency-Key"}
		}
		return key, nil
	}
	if in.Key != "" && in.Key != *in.Body.ClientMessageID {
		return message.Key{}, errTwoKeys
	}
	return message.ParseKey(*in.Body.ClientMessageID)
}

func (a *api) listMessages(ctx context.Context, in *pageInput) (*pageOutput, error) {
	which, err := in.which()
	if err != nil {
		return nil, err
	}
	found, err := a.App.MessagesPage.Handle(ctx, messages.PageQuery{
		Who: caller(ctx), Room: numbered(in.ChatRoom, room.IDFrom), Which: which, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	page := pageOf(found)
	tag, err := contentTag(page)
	if err != nil {
		return nil, err
	}
	page.Cursor = a.Cursors.Seal(found.Place)
	out := &pageOutput{
		Status: http.StatusOK,
		ETag:   tag,
		Link:   append(neighbours(in, page), a.topicLinks(found.Place, numbered(in.ChatRoom, room.IDFrom))...),
		Body:   page,
	}
	if has(in.IfNoneMatch, tag) {
		out.Status = http.StatusNotModified
	}
	return out, nil
}

// pageOf is m on the wire, without its cursor.
func pageOf(m messages.Messages) MessagePage {
	page := MessagePage{
		Items:          make([]wire.Message, len(m.Items)),
		FirstSequence:  int64(m.First()),
		LastSequence:   int64(m.Last()),
		FirstAvailable: int64(m.FirstAvailable),
		HasBefore:      m.HasBefore,
		HasAfter:       m.HasAfter,
	}
	for i, item := range m.Items {
		page.Items[i] = wire.MessageOf(item)
	}
	return page
}

func (a *api) showMessage(ctx context.Context, in *messageInput) (*shownMessageOutput, error) {
	found, err := a.App.ShowMessage.Handle(ctx, messages.ShowQuery{Who: caller(ctx), Message: messageID(in.MessageID)})
	if err != nil {
		return nil, err
	}
	return &shownMessageOutput{
		ETag: versionTag(found.Version),
		Link: a.topicLinks(found.Place, found.Room),
		Body: wire.MessageOf(found.Message),
	}, nil
}
