package wire

import (
	"fmt"

	"parley/application/port"
	"parley/domain/room"
)

// MessageCreated says that somebody has said something: its data is the message.
type MessageCreated struct {
	Type string `json:"type" enum:"message.created" example:"message.created"`
	At   string `json:"at" format:"date-time" example:"2026-11-23T09:30:00.123456Z"`
	Message
}

// MessageEdited says that a message has other words: its data is the message.
type MessageEdited struct {
	Type string `json:"type" enum:"message.edited" example:"message.edited"`
	At   string `json:"at" format:"date-time" example:"2026-11-23T09:31:00.123456Z"`
	Message
}

// MessageDeleted says that a message has no words any more. Its number stays.
type MessageDeleted struct {
	Type       string `json:"type" enum:"message.deleted" example:"message.deleted"`
	ChatRoomID int64  `json:"chatRoomId" minimum:"1" maximum:"9007199254740991" example:"3"`
	At         string `json:"at" format:"date-time" example:"2026-11-23T09:32:00.123456Z"`
	ID         int64  `json:"id" minimum:"1" maximum:"9007199254740991" example:"1042"`
	Sequence   int64  `json:"sequence" minimum:"1" maximum:"9007199254740991" example:"17"`
	DeletedAt  string `json:"deletedAt" format:"date-time" example:"2026-11-23T09:32:00.123456Z"`
	Version    int    `json:"version" minimum:"1" maximum:"9007199254740991" example:"2"`
}

// ParticipantJoined says that somebody is in the room from now on. Naming
// oneself, it means that the room's page is to be loaded.
type ParticipantJoined struct {
	Type string `json:"type" enum:"participant.joined" example:"participant.joined"`
	ParticipantFacts
}

// ParticipantChanged says that somebody has another role from now on.
type ParticipantChanged struct {
	Type string `json:"type" enum:"participant.changed" example:"participant.changed"`
	ParticipantFacts
}

// ParticipantLeft says that somebody is out of the room from now on.
type ParticipantLeft struct {
	Type string `json:"type" enum:"participant.left" example:"participant.left"`
	ParticipantFacts
	Reason string `json:"reason" enum:"left,removed" example:"left"`
}

// ParticipantFacts is what events about a participant have in common.
type ParticipantFacts struct {
	ChatRoomID  int64  `json:"chatRoomId" minimum:"1" maximum:"9007199254740991" example:"3"`
	At          string `json:"at" format:"date-time" example:"2026-11-23T09:30:00.123456Z"`
	UserID      int64  `json:"userId" minimum:"1" maximum:"9007199254740991" example:"8"`
	DisplayName string `json:"displayName" maxLength:"100" example:"Ben"`
	Role        string `json:"role" enum:"admin,member" example:"member" doc:"That they have now, or had until now."`
}

// RoomCreated says that there is a room, to everybody who is in it from the
// beginning.
type RoomCreated struct {
	Type       string    `json:"type" enum:"room.created" example:"room.created"`
	ChatRoomID int64     `json:"chatRoomId" minimum:"1" maximum:"9007199254740991" example:"3"`
	At         string    `json:"at" format:"date-time" example:"2026-11-23T09:00:00.000000Z"`
	Room       RoomFacts `json:"room" doc:"The room without what is the reader's own."`
}

// RoomChanged says that the room itself has changed, as by a new name.
type RoomChanged struct {
	Type       string    `json:"type" enum:"room.changed" example:"room.changed"`
	ChatRoomID int64     `json:"chatRoomId" minimum:"1" maximum:"9007199254740991" example:"3"`
	At         string    `json:"at" format:"date-time" example:"2026-11-23T09:40:00.000000Z"`
	Room       RoomFacts `json:"room" doc:"The room without what is the reader's own."`
}

// RoomDeleted says that a room is gone.
type RoomDeleted struct {
	Type       string `json:"type" enum:"room.deleted" example:"room.deleted"`
	ChatRoomID int64  `json:"chatRoomId" minimum:"1" maximum:"9007199254740991" example:"3"`
	At         string `json:"at" format:"date-time" example:"2026-11-23T10:00:00.000000Z"`
}

// DefaultEvent is the event that a client need not name to hear it.
const DefaultEvent = "message.created"

// EncodeEvent returns the name of an entry's event, which is its type, and its
// data as one line of JSON. Entries that nobody hears of are an error.
func EncodeEvent(e port.Entry) (name string, data []byte, err error) {
	if e.Gone {
		return "", nil, fmt.Errorf("entry %d is gone: nobody hears of it", e.Place.Position)
	}
	name, event, err := eventOf(e)
	if err != nil {
		return "", nil, fmt.Errorf("entry %d: %w", e.Place.Position, err)
	}
	data, err = Encode(event)
	return name, data, err
}

func eventOf(e port.Entry) (name string, event any, err error) {
	switch e.Kind {
	case port.MessageCreated, port.MessageEdited, port.MessageDeleted:
		return messageEvent(e)
	case port.ParticipantJoined:
		joined := ParticipantJoined{Type: "participant.joined", ParticipantFacts: participantFacts(e)}
		return joined.Type, joined, nil
	case port.ParticipantChanged:
		changed := ParticipantChanged{Type: "participant.changed", ParticipantFacts: participantFacts(e)}
		return changed.Type, changed, nil
	case port.ParticipantLeft:
		left := ParticipantLeft{Type: "participant.left", ParticipantFacts: participantFacts(e), Reason: reason(e.Reason)}
		return left.Type, left, nil
	case port.RoomCreated, port.RoomChanged:
		return roomEvent(e)
	case port.RoomDeleted:
		deleted := RoomDeleted{Type: "room.deleted", ChatRoomID: e.Room.Int64(), At: Time(e.At)}
		return deleted.Type, deleted, nil
	case port.Genesis, port.SessionEnded, port.UpdatePublished:
		return "", nil, fmt.Errorf("nobody hears of kind %d", e.Kind)
	default:
		return "", nil, fmt.Errorf("there is no kind %d", e.Kind)
	}
}

func messageEvent(e port.Entry) (name string, event any, err error) {
	if e.Message == nil {
		return "", nil, fmt.Errorf("there is no message with it")
	}
	m := MessageOf(*e.Message)
	switch e.Kind { //nolint:exhaustive // the other kinds are not about messages
	case port.MessageEdited:
		edited := MessageEdited{Type: "message.edited", At: Time(e.At), Message: m}
		return edited.Type, edited, nil
	case port.MessageDeleted:
		deleted := MessageDeleted{
			Type: "message.deleted", ChatRoomID: m.ChatRoomID, At: Time(e.At),
			ID: m.ID, Sequence: m.Sequence, DeletedAt: Time(e.Message.DeletedAt), Version: m.Version,
		}
		return deleted.Type, deleted, nil
	default:
		created := MessageCreated{Type: DefaultEvent, At: Time(e.At), Message: m}
		return created.Type, created, nil
	}
}

func roomEvent(e port.Entry) (name string, event any, err error) {
	if e.About == nil {
		return "", nil, fmt.Errorf("there is no room with it")
	}
	facts := RoomFactsOf(*e.About)
	if e.Kind == port.RoomChanged {
		changed := RoomChanged{Type: "room.changed", ChatRoomID: e.Room.Int64(), At: Time(e.At), Room: facts}
		return changed.Type, changed, nil
	}
	created := RoomCreated{Type: "room.created", ChatRoomID: e.Room.Int64(), At: Time(e.At), Room: facts}
	return created.Type, created, nil
}

func participantFacts(e port.Entry) ParticipantFacts {
	return ParticipantFacts{
		ChatRoomID:  e.Room.Int64(),
		At:          Time(e.At),
		UserID:      e.Subject.ID.Int64(),
		DisplayName: e.Subject.Name.String(),
		Role:        Role(e.Role),
	}
}

func reason(r room.Reason) string {
	switch r {
	case room.ByThemselves:
		return "left"
	case room.WasRemoved:
		return "removed"
	default:
		return ""
	}
}
