package delivery

import (
	"strings"

	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/room"
)

// Topic is where something is heard: a room, what concerns one user, or what a
// third party calls as it likes.
type Topic struct {
	room room.ID
	user identity.UserID
	name string // of a third party's topic
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

// UpdateTopic is a topic of third parties.
func UpdateTopic(name string) Topic { return Topic{name: name} }

// String is the topic as clients name it.
func (t Topic) String() string {
	switch {
	case t.name != "":
		return t.name
	case !t.room.IsZero():
		return roomTopics + t.room.String()
	default:
		return userTopics + t.user.String()
	}
}

// chatTopic reads the name of a room's or a user's topic; false if it is neither.
func chatTopic(name string) (Topic, bool) {
	if text, ok := strings.CutPrefix(name, roomTopics); ok {
		id, err := room.ParseID(text)
		return RoomTopic(id), err == nil
	}
	if text, ok := strings.CutPrefix(name, userTopics); ok {
		id, err := identity.ParseUserID(text)
		return UserTopic(id), err == nil
	}
	return Topic{}, false
}

// isChats reports whether a name is one of the chat's, which are nobody else's: it
// begins so, and nothing in it leads anywhere else.
func isChats(name string) bool {
	rest, chat := strings.CutPrefix(name, "/chat/")
	return chat && !strings.ContainsAny(rest, `.%\`)
}

// Topics are the names under which an entry is heard by whoever is no user, the
// canonical one first, and whether it is private; none if it is for nobody.
//
// What happens in a room is private. It is heard on the room's topic, and on those
// of the users whom the entry names: of participant entries their subject, of
// room.created its people. Who was in a room to its end no entry says, so
// room.deleted is heard on the room's topic alone.
func Topics(e port.Entry) (names []string, private bool) {
	if e.Gone {
		return nil, true
	}
	switch e.Kind {
	case port.UpdatePublished:
		if e.Update == nil {
			return nil, true
		}
		return e.Update.Topics, e.Update.Private
	case port.ParticipantJoined, port.ParticipantLeft, port.ParticipantChanged:
		return []string{RoomTopic(e.Room).String(), UserTopic(e.Subject.ID).String()}, true
	case port.RoomCreated:
		names = append(make([]string, 0, 1+len(e.People)), RoomTopic(e.Room).String())
		for _, who := range e.People {
			names = append(names, UserTopic(who).String())
		}
		return names, true
	case port.MessageCreated, port.MessageEdited, port.MessageDeleted, port.RoomChanged, port.RoomDeleted:
		return []string{RoomTopic(e.Room).String()}, true
	case port.Genesis, port.SessionEnded:
		return nil, true
	default:
		return nil, true
	}
}

// canonical is the topic that an event is named by where one has to be.
func canonical(e port.Entry) Topic {
	if e.Kind == port.UpdatePublished {
		return UpdateTopic(e.Update.Topics[0])
	}
	return RoomTopic(e.Room)
}

// Selection is what a reader asks to hear. Asking for what one may not hear, or
// for what does not exist, is no error: one hears nothing of it.
type Selection struct {
	matchers []hub.Matcher // all of it

	// The same, as it is of use for a user.
	rooms    map[room.ID]bool
	users    map[identity.UserID]bool
	names    map[string]bool // of topics of third parties, exactly
	allRooms bool
	allUsers bool
	patterns []hub.Matcher // that are none of these
}

// Match adds the topics that a matcher matches: rooms and users by the names of
// their topics, and third parties' topics by theirs. A user hears updates of third
// parties only on topics that a matcher names exactly.
func (s *Selection) Match(m hub.Matcher) {
	s.matchers = append(s.matchers, m)
	name, only := m.Only()
	switch {
	case m.All():
		s.allRooms, s.allUsers = true, true
	case isTemplate(m) && m.Text == roomTopics+anyID:
		s.allRooms = true
	case isTemplate(m):
		s.allUsers = true
	case only:
		s.name(name)
	case m.Type != 0:
		s.patterns = append(s.patterns, m)
	}
}

func (s *Selection) name(name string) {
	switch topic, chat := chatTopic(name); {
	case !chat && isChats(name):
	case !chat:
		s.names = with(s.names, name)
	case topic.room.IsZero():
		s.users = with(s.users, topic.user)
	default:
		s.rooms = with(s.rooms, topic.room)
	}
}

// Topic adds the topic of this name.
func (s *Selection) Topic(name string) {
	if name != hub.Everything {
		s.Match(hub.MatchExact(name))
	}
}

// Pattern adds the topics that a pattern names: "*", one of the two templates
// "/chat/room/{id}" and "/chat/user/{id}", or a topic's own name.
func (s *Selection) Pattern(pattern string) {
	switch pattern {
	case hub.Everything:
		s.Match(hub.MatchExact(pattern))
	case roomTopics + anyID, userTopics + anyID:
		s.Match(hub.Matching(hub.Topic, pattern, numbered(strings.TrimSuffix(pattern, anyID))))
	default:
		s.Topic(pattern)
	}
}

// numbered is the pattern of the topics of all rooms, or of all users.
type numbered string

// Match reports whether a topic is of one of them.
func (n numbered) Match(topic string) bool {
	_, chat := chatTopic(topic)
	return chat && strings.HasPrefix(topic, string(n))
}

// isTemplate reports whether a matcher is one of the two templates.
func isTemplate(m hub.Matcher) bool {
	return m.Type == hub.Topic && (m.Text == roomTopics+anyID || m.Text == userTopics+anyID)
}

func with[K comparable](set map[K]bool, key K) map[K]bool {
	if set == nil {
		set = make(map[K]bool)
	}
	set[key] = true
	return set
}
