package delivery

import (
	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/room"
)

// guest is what a reader without a user asks for and may hear. None of it ever
// changes.
type guest struct {
	address string
	asked   asks
	granted asks
	reads   scope
}

// asks are matchers, such that many readers with the same ones share the answers.
type asks struct {
	in       *patterns
	all      bool
	names    map[string]bool
	patterns map[*pattern]bool
	newest   int64 // the highest number of the patterns
}

func newGuest(l *live, q FollowQuery) *guest {
	granted := q.Grant.Subscribe
	may := make([]hub.Matcher, 0, len(granted))
	for _, detail := range granted {
		may = append(may, detail.Topics...)
	}
	return &guest{
		address: q.Address, asked: newAsks(l.asked, q.What.matchers), granted: newAsks(l.granted, may),
		reads: scopeOf(q.What.matchers, may),
	}
}

func newAsks(in *patterns, matchers []hub.Matcher) asks {
	a := asks{in: in}
	for _, m := range matchers {
		name, only := m.Only()
		switch {
		case m.All():
			a.all = true
		case only:
			a.names = with(a.names, name)
		case m.Type != 0:
			a.hold(m)
		}
	}
	return a
}

func (a *asks) hold(m hub.Matcher) {
	one := a.in.hold(m)
	if a.patterns[one] {
		a.in.letGo(one) // once is enough
		return
	}
	a.patterns = with(a.patterns, one)
	a.newest = max(a.newest, one.number)
}

// letGo is the end of them.
func (a *asks) letGo() {
	for one := range a.patterns {
		a.in.letGo(one)
	}
}

// none reports whether they match nothing.
func (a *asks) none() bool { return !a.all && len(a.names) == 0 && len(a.patterns) == 0 }

// match reports whether one of them matches one of the topics.
func (a *asks) match(topics []string) bool {
	if a.all {
		return len(topics) > 0
	}
	for _, topic := range topics {
		if a.names[topic] || len(a.patterns) > 0 && a.in.any(a.patterns, a.newest, topic) {
			return true
		}
	}
	return false
}

// mayMatch is match as far as is remembered, without trying a pattern: false only
// if none of them matches.
func (a *asks) mayMatch(topics []string) bool {
	for _, topic := range topics {
		if a.all || a.names[topic] {
			return true
		}
		if len(a.patterns) == 0 {
			continue
		}
		if matches, unknown := a.in.recall(a.patterns, a.newest, topic); matches || len(unknown) > 0 {
			return true
		}
	}
	return false
}

// hears reports whether the guest is handed an event. What it may hear is what it
// may hear now, of old events too.
func (g *guest) hears(e *Event) bool {
	topics, private := e.topics()
	return (!private || g.granted.match(topics)) && g.asked.match(topics)
}

// hearsUpdate reports whether the reader is handed an update of a third party. A
// user is, if it is public and they ask for one of its topics by name.
func (r *reader) hearsUpdate(e *Event) bool {
	if r.guest != nil {
		return r.guest.hears(e)
	}
	topics, private := e.topics()
	if private {
		return false
	}
	for _, topic := range topics {
		if r.what.names[topic] {
			return true
		}
	}
	return false
}

// mayHear reports whether the reader may be handed an event, as far as that does
// not depend on who is in which room. It needs no lock.
func (r *reader) mayHear(e *Event) bool {
	if r.guest == nil && e.Entry.Kind != port.UpdatePublished {
		return true
	}
	return r.hearsUpdate(e)
}

// outside reports whether the reader may hear of topics that are not the chat's.
func (r *reader) outside() bool {
	if r.guest != nil {
		return r.guest.reads.updates
	}
	return len(r.what.names) > 0
}

// wantsRoom reports whether the reader's user asks for what happens in a room.
func (r *reader) wantsRoom(id room.ID) bool {
	return r.what.allRooms || r.what.rooms[id] || r.wants(RoomTopic(id))
}

// wantsUser reports whether the reader's user asks for what concerns a user.
func (r *reader) wantsUser(id identity.UserID) bool {
	return r.what.allUsers || r.what.users[id] || r.wants(UserTopic(id))
}

// mostAnswers is how many answers of its patterns a reader of a user remembers.
const mostAnswers = 1 << 14

// wants reports whether one of the patterns of the reader's user matches a topic
// of the chat. Once the reader is installed, the tail's lock is held.
func (r *reader) wants(topic Topic) bool {
	if len(r.what.patterns) == 0 {
		return false
	}
	answer, known := r.answers[topic]
	if known {
		return answer
	}
	name := topic.String()
	for _, m := range r.what.patterns {
		if answer = m.Matches(name); answer {
			break
		}
	}
	if r.answers == nil || len(r.answers) >= mostAnswers {
		r.answers = make(map[Topic]bool)
	}
	r.answers[topic] = answer
	return answer
}
