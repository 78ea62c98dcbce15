package delivery_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/message"
	"parley/domain/room"
	"parley/domain/sequence"
)

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
