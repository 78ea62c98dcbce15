package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"parley/domain/room"
)

// httpLine is an event stream, as somebody hears it.
type httpLine struct {
	stream Stream
	afresh bool
	began  Place
}

// Listen opens a line.
func (c browser) Listen(ctx context.Context, ask Ask) (Line, error) {
	topics := url.Values{"topic": {"/chat/user/" + c.me.String()}}
	for _, in := range ask.Rooms {
		topics.Add("topic", "/chat/room/"+in.String())
	}
	if len(ask.Rooms) == 0 {
		topics = url.Values{"topic": {"/chat/room/{id}", "/chat/user/{id}"}}
	}
	for _, topic := range ask.Topics {
		topics.Add("topic", topic)
	}
	node := c.nextNode()
	stream, err := c.stage.Dial(ctx, node+"/.well-known/mercure?"+topics.Encode(), c.token, string(ask.After))
	if err != nil {
		return nil, err
	}
	c.stage.Visits.listens(c.name, node)
	l := &httpLine{stream: stream}
	if err := l.open(ctx); err != nil {
		_ = stream.Close()
		return nil, fmt.Errorf("open a line: %w", err)
	}
	return l, nil
}

// open reads what comes first.
func (l *httpLine) open(ctx context.Context) error {
	event, err := l.stream.Next(ctx)
	if err != nil {
		return err
	}
	var opened struct{ Type, Mode, Cursor string }
	if err := json.Unmarshal([]byte(event.Data), &opened); err != nil {
		return err
	}
	if opened.Type != "stream.opened" || opened.Cursor != event.ID || event.ID == "" {
		return fmt.Errorf("the first event is %+v", event)
	}
	l.afresh, l.began = opened.Mode == "reset", Place(opened.Cursor)
	return nil
}

func (l *httpLine) Afresh() bool { return l.afresh }

func (l *httpLine) Place() Place { return l.began }

func (l *httpLine) Close() error { return l.stream.Close() }

func (l *httpLine) Next(ctx context.Context) (Heard, error) {
	event, err := l.stream.Next(ctx)
	if err != nil {
		return Heard{}, err
	}
	if event.Name == updateType {
		return Heard{What: Updated, Message: Message{Text: event.Data}, Place: Place(event.ID)}, nil
	}
	var data told
	if err := json.Unmarshal([]byte(event.Data), &data); err != nil {
		return Heard{}, fmt.Errorf("%w: %q", err, event.Data)
	}
	if data.Type == "stream.closing" {
		return Heard{}, &Closed{Reason: data.Reason, Advice: data.Action}
	}
	h, err := data.heard()
	h.Place = Place(event.ID)
	if err == nil && (h.What == 0 || event.Name != named(data.Type)) {
		err = fmt.Errorf("nobody knows what this is: %s %s", event.Name, event.Data)
	}
	return h, err
}

// told is what an event tells.
type told struct {
	Type, Reason, Action, Role, DisplayName string
	Room                                    struct{ Name *string }
	shown
}

func (data told) heard() (Heard, error) {
	in, err := room.IDFrom(data.ChatRoomID)
	if err != nil {
		return Heard{}, fmt.Errorf("of no room: %+v", data)
	}
	h := Heard{Message: Message{Room: in, Who: data.DisplayName}, Role: rolesOf[data.Role]}
	switch data.Type {
	case "message.created":
		h.What = Said
		h.Message, err = data.message()
	case "message.edited":
		h.What = Corrected
		h.Message, err = data.message()
	case "message.deleted":
		h.What = Withdrawn
		h.Message, err = data.message()
	case "room.changed":
		h.What = RoomRenamed
		if data.Room.Name != nil {
			h.Name = *data.Room.Name
		}
	case "participant.joined":
		h.What = Came
	case "participant.left":
		h.What = map[string]What{"left": Left, "removed": Removed}[data.Reason]
	case "participant.changed":
		h.What = RoleChanged
	case "room.created":
		h.What = RoomOpened
	case "room.deleted":
		h.What = RoomGone
	}
	return h, err
}

// named: messages come without a name, so that the simplest of pages hears them.
func named(kind string) string {
	if kind == "message.created" {
		return "message"
	}
	return kind
}
