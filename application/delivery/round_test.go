package delivery_test

import (
	"fmt"
	"strings"
	"testing"

	"parley/application/delivery"
	"parley/domain/room"
	"parley/domain/sequence"
)

// talk is what Ben is told in turns in many rooms. It returns the place before
// that, and everything that was said.
func talk(n *node, rooms, each int) (before sequence.Place, all string) {
	ids := make([]room.ID, rooms)
	for i := range ids {
		ids[i] = roomID(100 + int64(i))
		before = n.log.opened(ids[i], ada, ben)
	}
	said := make([]string, rooms*each)
	for i := range said {
		said[i] = fmt.Sprint("w", i)
		n.log.said(ids[i%rooms], said[i])
	}
	n.settle()
	return before, strings.Join(said, " ")
}

// stuck is somebody who listens and takes nothing, until they are freed.
func stuck(n *node, from sequence.Place) *ear {
	e := &ear{stuck: make(chan struct{})}
	n.listenTo(e, delivery.FollowQuery{Who: caller(ben), From: delivery.FromPlace(from)}, everything)
	n.settle()
	return e
}

func (n *node) expectInHand(least, most int) {
	n.t.Helper()
	if got := delivery.InHand(n.tail); got < least || got > most {
		n.t.Errorf("%d bytes are in hand, want %d to %d", got, least, most)
	}
}

// A page of each room would be seventy times as much.
func TestWhoIsFarBehindInManyRoomsHasOneRoundInHand(t *testing.T) {
	const limit = 100_000
	inBubble(t, func(n *node) {
		before, said := talk(n, 40, 100)
		e := stuck(n, before)
		n.expectInHand(1, 2*limit)
		close(e.stuck)
		n.expect(e, said)
		n.expectInHand(0, 0)
	}, small, func(s *delivery.Settings) { s.Round = limit })
}

// There is room for two of the ten. The others get what there is, too, a batch at a
// time.
func TestAllThatAreSlowHaveNoMoreInHandThanThereIsRoomFor(t *testing.T) {
	const most = 1_700_000
	inBubble(t, func(n *node) {
		before, said := talk(n, 2, 200)
		ears := make([]*ear, 10)
		for i := range ears {
			ears[i] = stuck(n, before)
		}
		n.expectInHand(most/2, most)
		for _, e := range ears {
			close(e.stuck)
			n.expect(e, said)
		}
		n.expectInHand(0, 0)
	}, small, func(s *delivery.Settings) { s.Round, s.InHand = 1<<20, most })
}

// Whatever a round has for a reader, the next one looks as far as it takes.
func TestFarBehindIsNotFarWhereOthersTalked(t *testing.T) {
	inBubble(t, func(n *node) {
		n.log.opened(attic, ada)
		before := n.log.said(hall, "w0")
		for range 3000 {
			n.log.said(attic, "of others")
		}
		n.log.said(hall, "w1")
		n.settle()
		reads := n.log.reads
		n.expect(n.listen(ben, delivery.FromPlace(before), everything), "w1")
		if got := n.log.reads - reads; got > 60 {
			t.Errorf("one message behind 3,000 of others' took %d readings", got)
		}
	}, small, func(s *delivery.Settings) { s.Round = 10_000 })
}
