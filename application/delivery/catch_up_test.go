package delivery_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/message"
	"parley/domain/room"
	"parley/domain/sequence"
)

// small makes memory so short that almost everything is read in pages.
func small(s *delivery.Settings) { s.Memory = 4000 }

// Mercure: M2, M9.
func TestEverythingSinceAPlaceComesOnceAndInOrderHoweverLongAgo(t *testing.T) {
	for name, change := range map[string]func(*delivery.Settings){
		"from memory": func(*delivery.Settings) {}, "from pages": small,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(n *node) {
				places := []sequence.Place{n.log.said(hall, "w1")}
				n.log.opened(attic, ada, ben)
				for i := 2; i <= 1000; i++ {
					in := hall
					if i%7 == 0 {
						in = attic
					}
					places = append(places, n.log.said(in, fmt.Sprintf("w%d", i)))
				}
				n.settle()
				for _, from := range []int{999, 998, 700, 257, 256, 255, 2} {
					e := n.listen(ben, delivery.FromPlace(places[from-1]), everything)
					n.expect(e, words(from+1, 1000))
				}
				e := n.listen(ben, delivery.FromPlace(places[500]), "/chat/room/2")
				n.log.said(hall, "no")
				n.log.said(attic, "yes")
				n.settle()
				if got := len(e.heard); got != 72 || e.heard[71] != "yes" {
					t.Errorf("heard %d events of the one room, the last %q; want 72, the last yes", got, e.heard[got-1])
				}
			}, change)
		})
	}
}

// What is about rooms that one is out of by now is in no page of a room. So
// memory, which goes by rooms, does not do for what was before the opening.
func TestARemovalDeepInWhatWasMissedIsHeard(t *testing.T) {
	inBubble(t, func(n *node) {
		n.log.opened(attic, ada, ben)
		place := n.log.said(hall, "w0")
		for i := 1; i <= 400; i++ {
			n.log.said(hall, fmt.Sprintf("w%d", i))
		}
		n.log.left(attic, ben)
		for i := 401; i <= 600; i++ {
			n.log.said(hall, fmt.Sprintf("w%d", i))
		}
		n.settle()
		n.expect(n.listen(ben, delivery.FromPlace(place), everything), words(1, 400)+" -2 "+words(401, 600))
	})
}

func TestPagesThatCannotBeReadAreTriedAgain(t *testing.T) {
	inBubble(t, func(n *node) {
		place := n.log.said(hall, "w0")
		for i := 1; i <= 600; i++ {
			n.log.said(hall, fmt.Sprintf("w%d", i))
		}
		n.settle()
		e := &ear{stuck: make(chan struct{})}
		n.listenTo(e, delivery.FollowQuery{Who: caller(ben), From: delivery.FromPlace(place)}, everything)
		n.log.set(func() { n.log.failing = errors.New("the database is away") })
		close(e.stuck)
		n.settle()
		n.log.set(func() { n.log.failing = nil })
		n.expect(e, words(1, 600))
	}, small)
}

// Whatever happens in whatever order, whoever comes and goes: nobody misses,
// hears twice or hears out of order what they may hear, unless they were told that
// it is not kept any more; and nobody hears what was logged after they were
// removed. A seed that fails is printed.
func TestWhateverHappensTheRulesHold(t *testing.T) {
	for seed := range uint64(200) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			inBubble(t, func(n *node) { newStory(n, seed).tell(60) }, func(s *delivery.Settings) {
				s.Memory = []int{3000, 20_000, 1 << 20}[seed%3]
				s.Round, s.InHand = []int{2000, 50_000, 1 << 20}[seed/3%3], []int{0, 10_000, 1 << 20}[seed/9%3]
			})
		})
	}
}

// story is a random sequence of events with one listener, Ben, who comes and
// goes, and what he must have heard.
type story struct {
	*node
	random *rand.Rand
	in     map[room.ID]bool // where Ben is
	names  bool             // he asks for a topic of third parties, too
	ear    *ear
	last   sequence.Place // that he goes on from
	heard  []sequence.Position
	heads  map[sequence.Position]sequence.Position // where the log ended when he heard a position

	told map[sequence.Position]bool // what he was told that he has missed

	said  []sequence.Place    // all messages
	gone  map[message.ID]bool // deleted, and applied since
	knows map[message.ID]int  // the version that he has heard of last
}

func newStory(n *node, seed uint64) *story {
	s := &story{node: n, names: seed%2 == 0, random: rand.New(rand.NewPCG(seed, 1)), in: map[room.ID]bool{hall: true}, heads: make(map[sequence.Position]sequence.Position),
		told: make(map[sequence.Position]bool), gone: make(map[message.ID]bool), knows: make(map[message.ID]int)}
	s.log.opened(attic, ada)
	s.last = s.log.said(hall, "begin")
	s.settle()
	s.come()
	return s
}

func (s *story) come() {
	var e *ear
	gone := make(map[message.ID]bool) // when the writing began
	e = &ear{
		onBegin: func() { s.log.set(func() { maps.Copy(gone, s.gone) }) },
		onHand: func(entry port.Entry) {
			s.log.set(func() {
				s.heads[entry.Place.Position] = sequence.Position(len(s.log.entries) - 1)
				s.hears(e, entry.Message, gone)
			})
		},
	}
	s.log.set(func() { s.ear = e })
	topics := []string{everything, mine}
	if s.names {
		topics = append(topics, "https://e/1")
	}
	s.listenTo(s.ear, delivery.FollowQuery{Who: caller(ben), From: delivery.FromPlace(s.last)}, topics...)
	s.isTold(e.opened)
}

// isTold: what he comes back to is said, and right. Who has to begin afresh reads
// in the pages of the rooms what there is by then.
func (s *story) isTold(o delivery.Opened) {
	want, start := delivery.Replay, s.log.start
	if s.names {
		start = max(start, s.log.updates)
	}
	if s.last.Position < start {
		want = delivery.Reset
	}
	if o.Mode != want {
		s.t.Errorf("came back from %d to a log that begins at %d: mode %v, want %v", s.last.Position, s.log.start, o.Mode, want)
	}
	if o.Mode != delivery.Reset {
		return
	}
	for p := s.last.Position + 1; p <= o.Place.Position; p++ {
		s.told[p] = true
	}
	s.log.set(func() {
		for id, m := range s.log.now {
			s.knows[id] = m.Version
		}
	})
	s.last = o.Place
}

// prune prunes the log up to somewhere.
func (s *story) prune() {
	upto := sequence.Position(s.random.IntN(len(s.log.entries)))
	if s.random.IntN(2) == 0 {
		s.log.prunedUpdates(upto)
	} else {
		s.log.pruned(upto)
	}
	s.settle()
}

// publish has third parties publish something.
func (s *story) publish() {
	for range 1 + s.random.IntN(20) {
		s.log.published(hub.Update{Data: "p", Topics: []string{fmt.Sprint("https://e/", s.random.IntN(2))}, Private: s.random.IntN(2) == 0})
	}
}

// settle lets everything happen. A node, and a reader, that has yet to come as far
// as the log was pruned ends the line, and Ben comes back.
func (s *story) settle() {
	s.node.settle()
	if s.ear == nil {
		return
	}
	select {
	case <-s.ear.done:
		s.goAway(len(s.ear.places))
		s.come()
	default:
	}
}

// hears notes which version of a message he has heard of. What is gone is gone.
// The log's lock is held.
func (s *story) hears(e *ear, m *message.Message, gone map[message.ID]bool) {
	if m == nil {
		return
	}
	if gone[m.ID] && !m.Content.IsZero() {
		s.t.Errorf("heard %q of message %s, which was deleted", m.Content, m.ID)
	}
	if e == s.ear { // and not one that he has left behind
		s.knows[m.ID] = m.Version
	}
}

// revise edits or deletes what was said a while ago, or just now.
func (s *story) revise() {
	at := s.said[max(0, len(s.said)-1-s.random.IntN(40))]
	id := s.log.entries[at.Position].Message.ID
	if s.gone[id] || s.log.isPruned(id) {
		return
	}
	if s.random.IntN(2) == 0 {
		s.log.edited(at, "something else")
		return
	}
	place := s.log.withdrawn(at)
	if err := s.tail.Applied()(s.t.Context(), place.Position); err != nil {
		s.t.Error(err)
	}
	s.log.set(func() { s.gone[id] = true })
}

// cut is how much of what Ben has heard reached him before his line was cut.
func (s *story) cut() (keep int) {
	s.ear.note(func() {
		keep = len(s.ear.places)
		if keep > 0 && s.random.IntN(2) == 0 {
			keep = 1 + s.random.IntN(keep)
		}
	})
	return keep
}

// goAway ends Ben's line, as if it had been cut after so much.
func (s *story) goAway(keep int) {
	s.ear.note(func() {
		for _, place := range s.ear.places[:keep] {
			s.heard = append(s.heard, place.Position)
			s.last = place
		}
		s.ear.places = nil
		s.log.set(func() { s.ear = nil })
	})
}

func (s *story) tell(steps int) {
	for range steps {
		in := []room.ID{hall, attic}[s.random.IntN(2)]
		switch what := s.random.IntN(15); {
		case what == 0 && s.in[in]:
			s.log.left(in, ben)
			s.in[in] = false
		case what == 1 && !s.in[in]:
			s.log.joined(in, ben)
			s.in[in] = true
		case what == 2 && s.ear != nil:
			s.goAway(s.cut())
		case what == 14:
			s.publish()
		case what == 8 && s.random.IntN(3) == 0:
			s.prune()
		case what <= 4 && s.ear == nil:
			s.come()
		case what == 5:
			s.settle()
		case what <= 7 && len(s.said) > 0:
			s.revise()
		default:
			for range 1 + s.random.IntN(20) {
				s.said = append(s.said, s.log.said(in, "something"))
			}
		}
	}
	if s.ear == nil {
		s.come()
	}
	s.settle()
	for _, place := range s.ear.places {
		s.heard = append(s.heard, place.Position)
	}
	s.judge()
}

// judge compares what Ben heard with the log.
func (s *story) judge() {
	heard := make(map[sequence.Position]bool)
	for i, p := range s.heard {
		if i > 0 && p <= s.heard[i-1] {
			s.t.Errorf("heard position %d after %d", p, s.heard[i-1])
		}
		heard[p] = true
	}
	stays := s.stays()
	for _, e := range s.log.entries[4:] {
		p := e.Place.Position
		switch {
		case s.told[p]:
			if heard[p] {
				s.t.Errorf("heard %d, and was told that it is missed", p)
			}
		case e.Update != nil:
			if want := s.names && !e.Update.Private && e.Update.Topics[0] == "https://e/1"; heard[p] != want {
				s.t.Errorf("heard the update at %d: %v, want %v", p, heard[p], want)
			}
		case e.Message != nil && s.log.isPruned(e.Message.ID) && (e.Kind != port.MessageCreated || heard[p]):
			// whether he has heard that it was edited depends on when it was pruned
		case e.Kind == port.ParticipantLeft:
			if !heard[p] {
				s.t.Errorf("did not hear at %d that he is out of room %s", p, e.Room)
			}
		case heard[p] && !stays.during(e.Room, p, s.heads[p]):
			s.t.Errorf("heard %d of room %s when the log ended at %d, and was not in it since", p, e.Room, s.heads[p])
		case !heard[p] && stays.from(e.Room, p):
			s.t.Errorf("did not hear %d of room %s, which he has never left since", p, e.Room)
		case e.Message != nil && stays.from(e.Room, p) && s.knows[e.Message.ID] != s.log.now[e.Message.ID].Version:
			s.t.Errorf("knows version %d of message %s, which reads %+v", s.knows[e.Message.ID], e.Message.ID, s.log.now[e.Message.ID])
		}
	}
}

// stays says for each room at which positions Ben was in it.
type stays map[room.ID][]bool

func (s *story) stays() stays {
	all := stays{hall: nil, attic: nil}
	in := map[room.ID]bool{hall: true}
	for _, e := range s.log.entries {
		if e.Kind == port.ParticipantJoined || e.Kind == port.ParticipantLeft {
			in[e.Room] = e.Kind == port.ParticipantJoined
		}
		for room := range all {
			all[room] = append(all[room], in[room])
		}
	}
	return all
}

// during reports whether he was in the room at any position from first to last.
func (s stays) during(in room.ID, first, last sequence.Position) bool {
	return slices.Contains(s[in][first:last+1], true)
}

// from reports whether he was in the room at every position from first on.
func (s stays) from(in room.ID, first sequence.Position) bool {
	return !slices.Contains(s[in][first:], false)
}
