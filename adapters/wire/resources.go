package wire

import (
	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/room"
)

// Person is a user as others see them.
type Person struct {
	ID          int64  `json:"id" minimum:"1" maximum:"9007199254740991" example:"7"`
	DisplayName string `json:"displayName" maxLength:"100" example:"Ada"`
}

// PersonOf is p on the wire.
func PersonOf(p identity.Person) Person {
	return Person{ID: p.ID.Int64(), DisplayName: p.Name.String()}
}

// User is an account as its owner sees it.
type User struct {
	ID             int64   `json:"id" minimum:"1" maximum:"9007199254740991" example:"7"`
	Email          *string `json:"email" nullable:"true" format:"email" example:"ada@example.org" doc:"Null where another issuer gave none."`
	DisplayName    string  `json:"displayName" maxLength:"100" example:"Ada"`
	PresenceHidden bool    `json:"presenceHidden" example:"false" doc:"Whether others are not shown when this user is online."`
	CreatedAt      string  `json:"createdAt" format:"date-time" example:"2026-11-23T09:30:00.000000Z"`
}

// UserOf is u on the wire.
func UserOf(u identity.User) User {
	return User{
		ID:             u.ID.Int64(),
		Email:          textOrNull(u.Email.String()),
		DisplayName:    u.Name.String(),
		PresenceHidden: u.PresenceHidden,
		CreatedAt:      Time(u.CreatedAt),
	}
}

// Message is what somebody said, as it reads now. A deleted message is a
// tombstone: it keeps its number and has no content.
type Message struct {
	ID              int64   `json:"id" minimum:"1" maximum:"9007199254740991" example:"1042"`
	ChatRoomID      int64   `json:"chatRoomId" minimum:"1" maximum:"9007199254740991" example:"3"`
	Sequence        int64   `json:"sequence" minimum:"1" maximum:"9007199254740991" example:"17" doc:"The message's number in its room: 1, 2, 3 … without gaps, in the order of the commits."`
	Author          Person  `json:"author"`
	Content         *string `json:"content" nullable:"true" maxLength:"4000" example:"Good morning!" doc:"Exactly as it was sent; null once deleted."`
	ClientMessageID *string `json:"clientMessageId" nullable:"true" maxLength:"128" example:"c0ffee-1" doc:"The key that it was sent with; null if none."`
	ReplyTo         *int64  `json:"replyTo" nullable:"true" minimum:"1" maximum:"9007199254740991" example:"1041" doc:"The message of the same room that it replies to; null if none."`
	CreatedAt       string  `json:"createdAt" format:"date-time" example:"2026-11-23T09:30:00.123456Z" doc:"Strictly increasing with the sequence."`
	EditedAt        *string `json:"editedAt" nullable:"true" format:"date-time" doc:"Null if never edited."`
	DeletedAt       *string `json:"deletedAt" nullable:"true" format:"date-time" doc:"Null while it stands."`
	Version         int     `json:"version" minimum:"1" maximum:"9007199254740991" example:"1" doc:"Counts the changes of the message from 1; its ETag."`
}

// MessageOf is m on the wire.
func MessageOf(m message.Message) Message {
	on := Message{
		ID:              m.ID.Int64(),
		ChatRoomID:      m.Room.Int64(),
		Sequence:        int64(m.Sequence),
		Author:          PersonOf(m.Author),
		Content:         textOrNull(m.Content.String()),
		ClientMessageID: textOrNull(m.Key.String()),
		CreatedAt:       Time(m.CreatedAt),
		EditedAt:        timeOrNull(m.EditedAt),
		DeletedAt:       timeOrNull(m.DeletedAt),
		Version:         m.Version,
	}
	if !m.ReplyTo.IsZero() {
		id := m.ReplyTo.Int64()
		on.ReplyTo = &id
	}
	return on
}

// RoomFacts is what a room is to everybody who is in it.
type RoomFacts struct {
	ID               int64   `json:"id" minimum:"1" maximum:"9007199254740991" example:"3"`
	Type             string  `json:"type" enum:"direct,group,public" example:"group"`
	Name             *string `json:"name" nullable:"true" maxLength:"255" example:"Engine room" doc:"Null in a direct room."`
	CreatedAt        string  `json:"createdAt" format:"date-time" example:"2026-11-23T09:00:00.000000Z"`
	UpdatedAt        string  `json:"updatedAt" format:"date-time" example:"2026-11-23T09:00:00.000000Z" doc:"When the room itself was changed, as by a new name; moves with its version."`
	Version          int     `json:"version" minimum:"1" maximum:"9007199254740991" example:"1" doc:"Counts the changes of the room itself from 1; its ETag."`
	ParticipantCount int     `json:"participantCount" minimum:"0" maximum:"9007199254740991" example:"2"`
	LastSequence     int64   `json:"lastSequence" minimum:"0" maximum:"9007199254740991" example:"17" doc:"The number of its last message; 0 if there is none."`
}

// RoomFactsOf is r on the wire.
func RoomFactsOf(r room.Room) RoomFacts {
	return RoomFacts{
		ID:               r.ID.Int64(),
		Type:             Kind(r.Kind),
		Name:             textOrNull(r.Name.String()),
		CreatedAt:        Time(r.CreatedAt),
		UpdatedAt:        Time(r.UpdatedAt),
		Version:          r.Version,
		ParticipantCount: r.People,
		LastSequence:     int64(r.LastSequence),
	}
}

// Room is a room as one participant sees it.
type Room struct {
	RoomFacts
	Peer         *Person  `json:"peer" doc:"The other one of a direct room, else null."`
	LastMessage  *Message `json:"lastMessage" doc:"Null if there is none."`
	Role         string   `json:"role" enum:"admin,member" example:"admin" doc:"The reader's own."`
	ReadSequence int64    `json:"readSequence" minimum:"0" maximum:"9007199254740991" example:"15" doc:"Up to where the reader has read."`
	UnreadCount  int64    `json:"unreadCount" minimum:"0" maximum:"9007199254740991" example:"2" doc:"lastSequence - readSequence, the same on every device."`
}

// RoomOf is what its viewer sees of a room, on the wire.
func RoomOf(seen port.Seen) Room {
	on := Room{
		RoomFacts:    RoomFactsOf(seen.Room),
		Role:         standing(seen.Standing),
		ReadSequence: int64(seen.ReadSequence),
		UnreadCount:  max(0, int64(seen.Room.LastSequence-seen.ReadSequence)),
	}
	if !seen.Peer.ID.IsZero() {
		peer := PersonOf(seen.Peer)
		on.Peer = &peer
	}
	if seen.LastMessage != nil {
		last := MessageOf(*seen.LastMessage)
		on.LastMessage = &last
	}
	return on
}

// ListedRoom is a public room as the directory shows it.
type ListedRoom struct {
	ID               int64  `json:"id" minimum:"1" maximum:"9007199254740991" example:"5"`
	Name             string `json:"name" maxLength:"255" example:"Town square"`
	ParticipantCount int    `json:"participantCount" minimum:"0" maximum:"9007199254740991" example:"12"`
	Joined           bool   `json:"joined" example:"false" doc:"Whether the reader is in it."`
}

// ListedRoomOf is l on the wire.
func ListedRoomOf(l port.Listed) ListedRoom {
	return ListedRoom{ID: l.ID.Int64(), Name: l.Name.String(), ParticipantCount: l.People, Joined: l.Joined}
}

// Participant is a user in a room.
type Participant struct {
	UserID      int64  `json:"userId" minimum:"1" maximum:"9007199254740991" example:"7"`
	DisplayName string `json:"displayName" maxLength:"100" example:"Ada"`
	Role        string `json:"role" enum:"admin,member" example:"member"`
	JoinedAt    string `json:"joinedAt" format:"date-time" example:"2026-11-23T09:00:00.000000Z"`
}

// ParticipantOf is p on the wire.
func ParticipantOf(p room.Participant) Participant {
	return Participant{
		UserID:      p.Person.ID.Int64(),
		DisplayName: p.Person.Name.String(),
		Role:        Role(p.Role),
		JoinedAt:    Time(p.JoinedAt),
	}
}
