package delivery_test

import (
	"errors"
	"fmt"
	"testing"

	"parley/application/delivery"
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
