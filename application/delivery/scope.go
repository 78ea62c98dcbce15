package delivery

import (
	"strings"

	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/room"
)

// scope is what of the log a reader without a user is to read to catch up: no more
// than what has anything for it, where that is known by name.
type scope struct {
	updates bool // topics that are not the chat's
	whole   bool // topics of the chat that are not known by name
	rooms   []room.ID
	users   []identity.UserID
}

// mostUsers is of how many users what is about them is read; for more the whole
// log is, for that is not more work then.
const mostUsers = 16

// scopeOf returns what may have something for who asks for some topics and is
// granted others. All that happens in the chat is private: it is heard on a topic
// that is asked for, and on one that is granted, so the narrower of both will do.
func scopeOf(asked, granted []hub.Matcher) scope {
	s := chatScope(asked)
	if may := chatScope(granted); s.whole || may.isNothing() {
		s = may
	}
	if len(s.users) > mostUsers {
		s = scope{whole: true}
	}
	for _, m := range asked {
		s.updates = s.updates || canLeave(m)
	}
	return s
}

// chatScope is what matchers can match in the chat.
func chatScope(matchers []hub.Matcher) scope {
	var s scope
	for _, m := range matchers {
		name, only := m.Only()
		topic, chat := chatTopic(name)
		switch {
		case !only:
			s.whole = s.whole || canEnter(m)
		case !chat:
		case topic.room.IsZero():
			s.users = append(s.users, topic.user)
		default:
			s.rooms = append(s.rooms, topic.room)
		}
	}
	return s
}

func (s scope) isNothing() bool { return !s.whole && len(s.rooms) == 0 && len(s.users) == 0 }

// canEnter reports whether a matcher of many topics can match one of the chat's.
// What begins otherwise cannot, if it is a template: of a URL pattern its text
// does not tell.
func canEnter(m hub.Matcher) bool {
	const chat = "/chat/"
	prefix := literal(m)
	return m.Type != 0 && (strings.HasPrefix(chat, prefix) || strings.HasPrefix(prefix, chat))
}

// canLeave reports whether a matcher can match topics that are not the chat's.
func canLeave(m hub.Matcher) bool {
	name, only := m.Only()
	return m.Type != 0 && !isTemplate(m) && !(only && isChats(name))
}

// literal is what all topics begin with that a matcher of many matches.
func literal(m hub.Matcher) string {
	if m.Type != hub.Topic || m.All() {
		return ""
	}
	end := strings.IndexFunc(m.Text, func(r rune) bool {
		return r == '{' || r == '%' || r <= ' ' || r >= 0x7f || strings.ContainsRune("\"'<>\\^`|}", r)
	})
	if end < 0 {
		return m.Text
	}
	return m.Text[:end]
}
