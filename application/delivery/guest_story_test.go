package delivery_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/sequence"
)

// Whatever happens in whatever order, whoever comes and goes: who is no user hears
// just what their grant and what they ask for say, once and in order, or is told
// that it is not kept any more. A seed that fails is printed.
func TestWhateverHappensAGrantDecides(t *testing.T) {
	for seed := range uint64(150) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			inBubble(t, func(n *node) {
				s := &visits{node: n, random: rand.New(rand.NewPCG(seed, 2))}
				for range 4 {
					s.come()
				}
				s.tell(40)
			}, func(s *delivery.Settings) { s.Memory = []int{3000, 20_000, 1 << 20}[seed%3] })
		})
	}
}

// visits is a random sequence of events with some listeners who are no users.
type visits struct {
	*node
	random *rand.Rand
	visits []*visit
}

// visit is one of them, from when they first came.
type visit struct {
	asked, granted []hub.Matcher
	about          string
	outside        bool // may hear of topics that are not the chat's
	ear            *ear
	from           sequence.Place // that the line was opened from
}

var asked = []string{
	"*", "https://e/1", "https://e/2", "https://e/*", "https:*", "/chat/*", "/chat/room/1", "/chat/room/2", "/chat/user/2", "/chat/user/3",
	"/chat/room/{id}", "/chat/user/{id}", "https://e/{id}", "nothing",
}

func (s *visits) some() string {
	var all []string
	for range 1 + s.random.IntN(3) {
		all = append(all, asked[s.random.IntN(len(asked))])
	}
	return strings.Join(all, " ")
}

func (s *visits) come() {
	what, granted := s.some(), s.some()
	v := &visit{asked: matchers(what), granted: matchers(granted), about: fmt.Sprintf("%q granted %q", what, granted)}
	for _, text := range strings.Fields(what) {
		_, isChat := strings.CutPrefix(text, "/chat/")
		v.outside = v.outside || !isChat || text == "/chat/*"
	}
	head := s.log.entries[len(s.log.entries)-1].Place
	s.open(v, head)
	s.visits = append(s.visits, v)
}

// open opens a line, and opens it again where the place is gone.
func (s *visits) open(v *visit, from sequence.Place) {
	q := delivery.FollowQuery{From: delivery.FromPlace(from), Grant: hub.Grant{Subscribe: []hub.Detail{{Topics: v.granted}}}}
	for _, m := range v.asked {
		q.What.Match(m)
	}
	v.ear, v.from = &ear{}, from
	s.listenTo(v.ear, q)
	start := s.log.start
	if v.outside {
		start = max(start, s.log.updates)
	}
	if resumed := v.ear.opened.Mode == delivery.Replay; resumed != (from.Position >= start) {
		s.t.Errorf("%s: opened from %d with %v, and what they may hear begins at %d", v.about, from.Position, v.ear.opened.Mode, start)
	}
	if v.ear.opened.Mode == delivery.Reset {
		v.from = v.ear.opened.Place
	}
}

func (s *visits) tell(steps int) {
	people := []identity.UserID{ada, ben, cleo}
	for range steps {
		in, who := []int64{1, 2}[s.random.IntN(2)], people[s.random.IntN(3)]
		topics := []string{fmt.Sprint("https://e/", s.random.IntN(4)), fmt.Sprint("https://f/", s.random.IntN(4))}[:1+s.random.IntN(2)]
		switch s.random.IntN(12) {
		case 0:
			s.log.opened(roomID(in), who)
		case 1:
			s.log.append(port.Entry{Kind: port.ParticipantChanged, Room: roomID(in), Subject: identity.Person{ID: who}})
		case 2:
			s.comeAgain()
		case 3:
			s.node.settle()
		case 4:
			s.prune()
		case 5, 6, 7:
			for range 1 + s.random.IntN(30) {
				s.log.said(roomID(in), "something")
			}
		default:
			for range 1 + s.random.IntN(30) {
				s.log.published(hub.Update{Data: "p", Topics: topics, Private: s.random.IntN(2) == 0})
			}
		}
	}
	s.settle()
	for _, v := range s.visits {
		s.judge(v, v.ear.places, sequence.Position(len(s.log.entries)-1))
	}
}

// prune prunes updates, or all, and lets everybody come as far before or not.
func (s *visits) prune() {
	if s.random.IntN(2) == 0 {
		s.settle()
	}
	upto := sequence.Position(s.random.IntN(len(s.log.entries)))
	if s.random.IntN(3) == 0 {
		s.log.pruned(upto)
	} else {
		s.log.prunedUpdates(upto)
	}
	s.settle()
}

// settle lets everything happen. Whose line has ended comes again.
func (s *visits) settle() {
	s.node.settle()
	for _, v := range s.visits {
		select {
		case <-v.ear.done:
			if v.ear.err != nil {
				s.t.Errorf("%s: ended with %v", v.about, v.ear.err)
			}
			s.judge(v, v.ear.places, v.ear.passed.Position)
			s.open(v, v.ear.passed)
		default:
		}
	}
}

// comeAgain lets one of them go on from somewhere earlier on a line of its own.
func (s *visits) comeAgain() {
	s.settle()
	v := s.visits[s.random.IntN(len(s.visits))]
	s.judge(v, v.ear.places, sequence.Position(len(s.log.entries)-1))
	s.open(v, s.log.entries[s.random.IntN(len(s.log.entries))].Place)
}

// judge compares what a line had with the log, up to a position. What was pruned
// since may have been heard before or not.
func (s *visits) judge(v *visit, places []sequence.Place, upto sequence.Position) {
	heard := 0
	for _, e := range s.log.entries[v.from.Position+1 : upto+1] {
		got := heard < len(places) && places[heard] == e.Place
		if got {
			heard++
		}
		gone := e.Message != nil && s.log.isPruned(e.Message.ID) || e.Update != nil && e.Place.Position <= s.log.updates
		if want := v.hears(e); got && !want || want && !got && !gone {
			s.t.Errorf("%s: from %d to %d, heard %d: %v, want %v (%+v)", v.about, v.from.Position, upto, e.Place.Position, got, want, e)
			return
		}
	}
	if heard != len(places) {
		s.t.Errorf("%s: from %d to %d, heard %v, of which %d are in order", v.about, v.from.Position, upto, places, heard)
	}
}

// hears is the rule.
func (v *visit) hears(e port.Entry) bool {
	topics, private := []string{"/chat/room/" + e.Room.String()}, true
	switch {
	case e.Kind == port.Genesis:
		return false
	case e.Update != nil:
		topics, private = e.Update.Topics, e.Update.Private
	case e.Kind == port.RoomCreated:
		for _, who := range e.People {
			topics = append(topics, "/chat/user/"+who.String())
		}
	case e.Kind == port.ParticipantChanged:
		topics = append(topics, "/chat/user/"+e.Subject.ID.String())
	}
	grant := hub.Grant{Subscribe: []hub.Detail{{Topics: v.granted}}}
	for _, m := range v.asked {
		if m.MatchesAny(topics) {
			return grant.MayHear(topics, private)
		}
	}
	return false
}

// What was damaged in the store is nobody's, and ends nothing.
func TestAnUpdateWithoutTopicsIsPassed(t *testing.T) {
	for name, damaged := range map[string]port.Entry{
		"no topics": {Kind: port.UpdatePublished, Update: &hub.Update{Data: "damaged", Topics: []string{}}},
		"nothing":   {Kind: port.UpdatePublished},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(n *node) {
				first := n.log.public("first", "x")
				all := n.listenTo(&ear{}, asking("*", "*", delivery.Start{}))
				user := n.listen(ben, now, "x")
				n.log.append(damaged)
				n.log.public("next", "x")
				n.settle()
				again := n.listenTo(&ear{}, asking("*", "*", delivery.FromPlace(first)))
				n.settle()
				for _, e := range []*ear{all, user, again} {
					n.expect(e, "next")
				}
			})
		})
	}
}
