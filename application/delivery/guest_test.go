package delivery_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/hub"
)

// begins is a pattern that matches what begins like it, and counts how often it
// was asked.
type begins struct {
	with  string
	asked *atomic.Int64
}

func (b begins) Match(topic string) bool {
	if b.asked != nil {
		b.asked.Add(1)
	}
	return strings.HasPrefix(topic, b.with)
}

// matcher makes a matcher of words: "*", what ends with "*" as a pattern, the two
// templates, or a topic's name.
func matcher(text string) hub.Matcher {
	with, pattern := strings.CutSuffix(text, "*")
	switch {
	case pattern && with != "":
		return hub.Matching(hub.URLPattern, text, begins{with: with})
	case strings.HasSuffix(text, "{id}"):
		return hub.Matching(hub.Topic, text, begins{with: strings.TrimSuffix(text, "{id}")})
	default:
		return hub.MatchExact(text)
	}
}

func matchers(texts string) []hub.Matcher {
	var all []hub.Matcher
	for _, text := range strings.Fields(texts) {
		all = append(all, matcher(text))
	}
	return all
}

// asking is a query for what the matchers match, by whoever is granted others.
func asking(asked, granted string, from delivery.Start) delivery.FollowQuery {
	q := delivery.FollowQuery{From: from, Grant: hub.Grant{Subscribe: []hub.Detail{{Topics: matchers(granted)}}}}
	for _, m := range matchers(asked) {
		q.What.Match(m)
	}
	return q
}

// guests are what readers without a user ask for, are granted, and hear of what
// happens, told by everythingHappens.
var guests = []struct{ asked, granted, hear string }{
	{"*", "", "p r"},
	{"*", "*", "+3 m *3 p s1 s2 r new up gone"},
	{"https://e/1", "", "p"},
	{"https://e/alt", "", "p"},
	{"https://e/2", "https://e/2", "s1 s2"},
	{"https://e/2", "https://e/two", "s2"}, // granted by another of its topics
	{"https://e/2", "https://e/3", ""},
	{"https://e/*", "", "p r"},
	{"https://e/*", "https://e/*", "p s1 s2 r"},
	{"https://e/{id} *", "https://e/{id}", "p s1 s2 r"}, // by both, and once
	{"/chat/room/1", "", ""},
	{"/chat/room/1", "/chat/room/1", "+3 m *3 gone"},
	{"/chat/room/1", "/chat/room/{id}", "+3 m *3 gone"},
	{"/chat/room/{id}", "/chat/room/2", "new up"},
	{"/chat/user/3", "/chat/user/3", "+3 *3"},
	{"/chat/user/2", "/chat/user/{id}", "new"},
	{"/chat/user/{id}", "/chat/user/{id}", "+3 *3 new"},
	{"/chat/room/1", "/chat/user/3", "+3 *3"}, // granted by the topic of whom it is about
	{"*", "/chat/user/3", "+3 *3 p r"},
	{"/chat/room/2 /chat/user/3", "*", "+3 *3 new up"},
	{"/chat/*", "https://e/*", ""},
	{"/chat/r*", "*", "+3 m *3 new up gone"},
}

// everythingHappens has something happen of each kind.
func (n *node) everythingHappens() {
	n.log.joined(hall, cleo)
	n.log.said(hall, "m")
	n.log.append(port.Entry{Kind: port.ParticipantChanged, Room: hall, Subject: n.log.entries[len(n.log.entries)-2].Subject})
	n.log.public("p", "https://e/1", "https://e/alt")
	n.log.secretly("s1", "https://e/2")
	n.log.secretly("s2", "https://e/two", "https://e/2")
	n.log.public("r", "https://e/3")
	n.log.append(port.Entry{Kind: port.SessionEnded, Session: caller(ben).Session})
	n.log.opened(attic, ben)
	n.log.said(attic, "up")
	n.log.append(port.Entry{Kind: port.RoomDeleted, Room: hall})
	n.settle()
}

// A grant decides, whoever is in the rooms; on what is live, on what is in memory
// and on what is read in pages alike.
//
// Mercure: B11, B12, F1, F2, F3, F4, M2.
func TestWhoIsNoUserHearsWhatTheyAskForAndAreGranted(t *testing.T) {
	for name, change := range map[string]func(*delivery.Settings){"memory": func(*delivery.Settings) {}, "pages": small} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(n *node) {
				begin := n.log.said(hall, "begin")
				n.settle()
				live := make([]*ear, len(guests))
				for i, g := range guests {
					live[i] = n.listenTo(&ear{}, asking(g.asked, g.granted, now))
				}
				n.everythingHappens()
				for i, g := range guests {
					back := n.listenTo(&ear{}, asking(g.asked, g.granted, delivery.FromPlace(begin)))
					n.expectAsked(back, fmt.Sprintf("%q granted %q, back", g.asked, g.granted), g.hear)
					n.expectAsked(live[i], fmt.Sprintf("%q granted %q, live", g.asked, g.granted), g.hear)
				}
			}, change)
		})
	}
}

func (n *node) expectAsked(e *ear, about, want string) {
	n.t.Helper()
	n.settle()
	if got := e.all(); got != want {
		n.t.Errorf("%s: heard %q, want %q", about, got, want)
	}
}

// What is deleted or edited reads so for whoever is no user, too.
func TestWhatIsEditedAndDeletedReadsSoForWhoeverIsNoUser(t *testing.T) {
	inBubble(t, func(n *node) {
		live := n.listenTo(&ear{}, asking("*", "*", now))
		edited, deleted := n.log.said(hall, "one"), n.log.said(hall, "two")
		n.settle()
		n.log.edited(edited, "uno")
		n.log.withdrawn(deleted)
		n.expect(live, "one two ~uno ~")
		n.expect(n.listenTo(&ear{}, asking("/chat/room/1", "*", delivery.FromEarliest())), "new uno _ ~uno ~")
	}, small)
}

// A reading may end before its limit, where updates are large.
func TestUpdatesOfManyBytesAreAllHeard(t *testing.T) {
	inBubble(t, func(n *node) {
		const many = 3 * port.Plenty / hub.MaxData
		place, rest := n.log.said(hall, "w0"), strings.Repeat(".", hub.MaxData-4)
		for i := range many {
			n.log.public(fmt.Sprint("w", i+1, rest), "https://e/1")
		}
		n.settle()
		for who, q := range map[string]delivery.FollowQuery{
			"who names the topic": asking("https://e/1", "", delivery.FromPlace(place)),
			"who hears all":       asking("*", "/chat/*", delivery.FromPlace(place)),
			"a user":              userAsking(delivery.FollowQuery{Who: caller(ben), From: delivery.FromPlace(place)}, "https://e/1"),
		} {
			e := n.listenTo(&ear{}, q)
			n.settle()
			if got := strings.ReplaceAll(e.all(), rest, ""); got != words(1, many) {
				t.Errorf("%s heard %.500q", who, got)
			}
		}
	}, small, func(s *delivery.Settings) { s.Round, s.InHand = 20*port.Plenty, 20*port.Plenty })
}

// Who is not woken moves on all the same, so that retention does not overtake
// them.
func TestWhoIsNotWokenMovesOn(t *testing.T) {
	inBubble(t, func(n *node) {
		e := n.listenTo(&ear{}, asking("https://e/* /chat/room/9", "*", now))
		n.log.said(hall, "elsewhere")
		place := n.log.public("elsewhere", "https://f/1")
		time.Sleep(11 * time.Minute)
		n.settle()
		if e.passed != place {
			t.Errorf("was told %v, want %v", e.passed, place)
		}
	})
}

func TestAnUpdateIsNamedByItsCanonicalTopic(t *testing.T) {
	inBubble(t, func(n *node) {
		sink := &named{}
		q := asking("https://e/alt", "", now)
		go func() { _ = delivery.Follow{Tail: n.tail}.Handle(n.t.Context(), q, sink) }()
		n.settle()
		n.log.public("p", "https://e/1", "https://e/alt")
		n.settle()
		if got := sink.name.Load(); got == nil || *got != "https://e/1" {
			t.Errorf("the update is on %v, want the canonical topic", got)
		}
	})
}

// named is a sink that notes the topic.
type named struct {
	ear

	name atomic.Pointer[string]
}

func (s *named) Hand(batch []delivery.Delivered) error {
	name := batch[0].Topic.String()
	s.name.Store(&name)
	return nil
}
