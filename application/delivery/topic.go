package delivery

import (
	"strings"

	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/room"
)

// Topic is where something is heard: a room, or what concerns one user.
type Topic struct {
	room room.ID
	user identity.UserID
}

const (
	roomTopics = "/chat/room/"
	userTopics = "/chat/user/"
	anyID      = "{id}"
)

// RoomTopic is the topic of a room.
func RoomTopic(id room.ID) Topic { return Topic{room: id} }

// UserTopic is the topic of what concerns a user.
func UserTopic(id identity.UserID) Topic { return Topic{user: id} }

// String is the topic as clients name it.
func (t Topic) String() string {
	if !t.room.IsZero() {
		return roomTopics + t.room.String()
	}
	return userTopics + t.user.String()
}

// Selection is what a reader asks to hear. Asking for what one may not hear, or
// for what does not exist, is no error: one hears nothing of it.
type Selection struct {
	rooms    map[room.ID]bool
	users    map[identity.UserID]bool
	allRooms bool
	allUsers bool
	matchers []hub.Matcher
}

// Match adds the topics that a matcher matches: rooms and users by the names of
// their topics, and third parties' topics by theirs. A user hears updates of third
// parties only on topics that a matcher names exactly.
func (s *Selection) Match(m hub.Matcher) { s.matchers = append(s.matchers, m) }

// Topic adds the topic of this name.
func (s *Selection) Topic(name string) {
	if text, ok := strings.CutPrefix(name, roomTopics); ok {
		if id, err := room.ParseID(text); err == nil {
			s.rooms = with(s.rooms, id)
		}
	}
	if text, ok := strings.CutPrefix(name, userTopics); ok {
		if id, err := identity.ParseUserID(text); err == nil {
			s.users = with(s.users, id)
		}
	}
}

// Pattern adds the topics that a pattern names: "*", one of the two templates
// "/chat/room/{id}" and "/chat/user/{id}", or a topic's own name.
func (s *Selection) Pattern(pattern string) {
	switch pattern {
	case "*":
		s.allRooms, s.allUsers = true, true
	case roomTopics + anyID:
		s.allRooms = true
	case userTopics + anyID:
		s.allUsers = true
	default:
		s.Topic(pattern)
	}
}

func (s *Selection) hasRoom(id room.ID) bool { return s.allRooms || s.rooms[id] }

func (s *Selection) hasUser(id identity.UserID) bool { return s.allUsers || s.users[id] }

func with[K comparable](set map[K]bool, key K) map[K]bool {
	if set == nil {
		set = make(map[K]bool)
	}
	set[key] = true
	return set
}
