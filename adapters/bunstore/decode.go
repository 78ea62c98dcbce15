package bunstore

import (
	"fmt"
	"time"

	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/room"
	"parley/domain/sequence"
)

// Rows become what the domain knows. A row that cannot is damage, not anybody's
// fault: the domain's reason is told with %v, so that it does not become one.

func personOf(id int64, name string) (identity.Person, error) {
	user, err := identity.UserIDFrom(id)
	if err != nil {
		return identity.Person{}, fmt.Errorf("stored user %d: %v", id, err)
	}
	displayName, err := identity.ParseDisplayName(name)
	if err != nil {
		return identity.Person{}, fmt.Errorf("stored name of user %d: %v", id, err)
	}
	return identity.Person{ID: user, Name: displayName}, nil
}

func userOf(row userRow) (identity.User, error) {
	person, err := personOf(row.ID, row.DisplayName)
	if err != nil {
		return identity.User{}, err
	}
	user := identity.User{
		ID: person.ID, Name: person.Name,
		PresenceHidden: row.PresenceHidden, CreatedAt: fromMicros(row.CreatedAt),
	}
	if row.Email != "" {
		if user.Email, err = identity.ParseEmail(row.Email); err != nil {
			return identity.User{}, fmt.Errorf("stored address of user %d: %v", row.ID, err)
		}
	}
	return user, nil
}

func sessionOf(row sessionRow) (identity.Session, error) {
	id, err := identity.SessionIDFrom(row.ID)
	if err != nil {
		return identity.Session{}, fmt.Errorf("stored session %d: %v", row.ID, err)
	}
	user, err := identity.UserIDFrom(row.UserID)
	if err != nil {
		return identity.Session{}, fmt.Errorf("stored user of session %d: %v", row.ID, err)
	}
	s := identity.Session{
		ID: id, User: user, UserAgent: row.UserAgent, Turn: row.Turn,
		CreatedAt: fromMicros(row.CreatedAt), LastUsedAt: fromMicros(row.LastUsed), EndedAt: fromMicros(row.EndedAt),
	}
	if row.LastUsed == 0 { // it was begun by a program that did not write this down
		s.LastUsedAt = s.CreatedAt
	}
	copy(s.Seed[:], row.Seed)
	return s, nil
}

func roomOf(row roomRow, last int64) (room.Room, error) {
	id, err := room.IDFrom(row.ID)
	if err != nil {
		return room.Room{}, fmt.Errorf("stored room %d: %v", row.ID, err)
	}
	kind, err := kindOf(row.Type)
	if err != nil {
		return room.Room{}, fmt.Errorf("room %d: %w", row.ID, err)
	}
	r := room.Room{
		ID: id, Kind: kind,
		CreatedAt: fromMicros(row.CreatedAt), UpdatedAt: fromMicros(row.UpdatedAt),
		Version: row.Version, People: row.People, LastSequence: sequence.Number(last),
	}
	if row.Name != "" {
		if r.Name, err = room.ParseName(row.Name); err != nil {
			return room.Room{}, fmt.Errorf("stored name of room %d: %v", row.ID, err)
		}
	}
	return r, nil
}

// authored is a message with the name of its author as it reads now.
type authored struct {
	messageRow

	AuthorName string `bun:"author_name"`
}

func messageOf(row messageRow, authorName string) (message.Message, error) {
	m := message.Message{
		Sequence:  sequence.Number(row.Sequence),
		CreatedAt: fromMicros(row.CreatedAt), EditedAt: fromMicros(row.EditedAt), DeletedAt: fromMicros(row.DeletedAt),
		Version: row.Version,
	}
	var err error
	if m.ID, err = message.IDFrom(row.ID); err != nil {
		return message.Message{}, fmt.Errorf("stored message %d: %v", row.ID, err)
	}
	if m.Room, err = room.IDFrom(row.RoomID); err != nil {
		return message.Message{}, fmt.Errorf("stored room of message %d: %v", row.ID, err)
	}
	if m.Author, err = personOf(row.AuthorID, authorName); err != nil {
		return message.Message{}, fmt.Errorf("author of message %d: %w", row.ID, err)
	}
	if row.Content != "" {
		if m.Content, err = message.ParseContent(row.Content); err != nil {
			return message.Message{}, fmt.Errorf("stored content of message %d: %v", row.ID, err)
		}
	}
	if row.ClientKey != "" {
		if m.Key, err = message.ParseKey(row.ClientKey); err != nil {
			return message.Message{}, fmt.Errorf("stored key of message %d: %v", row.ID, err)
		}
	}
	if row.ReplyTo != 0 {
		if m.ReplyTo, err = message.IDFrom(row.ReplyTo); err != nil {
			return message.Message{}, fmt.Errorf("stored reply of message %d: %v", row.ID, err)
		}
	}
	return m, nil
}

func participantOf(row participantRow, name string) (room.Participant, error) {
	person, err := personOf(row.UserID, name)
	if err != nil {
		return room.Participant{}, err
	}
	role, err := roleOf(row.Role)
	if err != nil {
		return room.Participant{}, fmt.Errorf("user %d in room %d: %w", row.UserID, row.RoomID, err)
	}
	return room.Participant{Person: person, Role: role, JoinedAt: time.UnixMicro(row.JoinedAt).UTC()}, nil
}
