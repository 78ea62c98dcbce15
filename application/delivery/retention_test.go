package delivery_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"parley/application/delivery"
	"parley/domain/sequence"
)

// overtaken is the end of a reader that is to hear what is not kept any more.
var overtaken = delivery.Closing{Reason: delivery.Slow, Advice: delivery.Resume}

// sayMany says w0 to wn in the hall, and returns their places.
func (n *node) sayMany(last int) []sequence.Place {
	n.t.Helper()
	var places []sequence.Place
	for i := range last + 1 {
		places = append(places, n.log.said(hall, fmt.Sprintf("w%d", i)))
	}
	n.settle()
	return places
}

// Whatever memory has: how far the log was pruned, the log itself says.
func TestAPlaceThatWasPrunedIsResetAndTheLastOneIsNot(t *testing.T) {
	for name, change := range map[string]func(*delivery.Settings){
		"in memory": func(*delivery.Settings) {}, "older than memory": small,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(n *node) {
				places := n.sayMany(300)
				n.log.pruned(places[100].Position)
				for _, gone := range []sequence.Place{places[0], places[99], {Position: 0, Mark: 1000}} {
					e := n.listen(ben, delivery.FromPlace(gone), everything)
					if e.opened.Mode != delivery.Reset || e.opened.Place != places[300] {
						t.Errorf("from %d: opened %v at %v, want reset at %v", gone.Position, e.opened.Mode, e.opened.Place, places[300])
					}
					n.expect(e, "")
				}
				last := n.listen(ben, delivery.FromPlace(places[100]), everything)
				if want := (delivery.Opened{Mode: delivery.Replay, Place: places[100]}); last.opened != want {
					t.Errorf("from the last one that was pruned: got %+v, want %+v", last.opened, want)
				}
				n.expect(last, words(101, 300))
				n.expect(n.listen(ben, delivery.FromEarliest(), everything), words(101, 300))
			}, change)
		})
	}
}

// A reader that is still reading when what it is to read goes hears no shorter
// history: it is sent away, and told when it comes back.
func TestAReaderThatRetentionOvertakesIsClosed(t *testing.T) {
	inBubble(t, func(n *node) {
		places := n.sayMany(600)
		e := &ear{stuck: make(chan struct{})}
		n.listenTo(e, delivery.FollowQuery{Who: caller(ben), From: delivery.FromPlace(places[0])}, everything)
		n.log.pruned(places[500].Position)
		close(e.stuck)
		if got, err := n.ended(e); got != overtaken || err != nil {
			t.Errorf("got %v, %v, want %v", got, err, overtaken)
		}
		heard := len(e.heard)
		if heard == 0 || heard >= 500 || e.passed != places[heard] {
			t.Fatalf("heard %d, and closed at %v", heard, e.passed)
		}
		n.expect(e, words(1, heard))
		if back := n.listen(ben, delivery.FromPlace(e.passed), everything); back.opened.Mode != delivery.Reset {
			t.Errorf("back: mode %v, want reset", back.opened.Mode)
		}
	}, small)
}

// The log is pruned between two readings of one and the same round.
func TestAPageThatIsReadWhileTheLogIsPrunedIsNotShorterInSilence(t *testing.T) {
	inBubble(t, func(n *node) {
		n.log.opened(attic, ada, ben)
		places := n.sayMany(100)
		n.log.said(attic, "upstairs")
		n.settle()
		n.log.set(func() {
			n.log.onPage = func() { n.log.pruned(places[50].Position) }
		})
		e := n.listen(ben, delivery.FromPlace(places[0]), everything)
		if got, err := n.ended(e); got != overtaken || err != nil {
			t.Errorf("got %v, %v, want %v", got, err, overtaken)
		}
		n.expect(e, "")
	}, small)
}

func TestWhereTheLogBeginsIsAskedAgainIfThatCannotBeRead(t *testing.T) {
	inBubble(t, func(n *node) {
		places := n.sayMany(100)
		n.log.set(func() {
			n.log.onPage = func() { n.log.set(func() { n.log.failing = errors.New("the database is away") }) }
		})
		e := n.listen(ben, delivery.FromPlace(places[0]), everything)
		n.log.set(func() { n.log.failing = nil })
		n.expect(e, words(1, 100))
	}, small)
}

// The last entry that a node holds was pruned while it slept: what came between
// is not to be had, so nothing that it knows of rights holds any more.
func TestANodeThatRetentionOvertakesStartsOver(t *testing.T) {
	inBubble(t, func(n *node) {
		e := n.listen(ben, now, everything)
		last := n.log.said(hall, "heard")
		n.settle()
		n.log.set(func() { n.log.frozen = make(chan struct{}) })
		n.log.left(hall, ben)
		head := n.log.said(hall, "unheard")
		n.log.pruned(head.Position)
		n.log.set(func() {
			close(n.log.frozen)
			n.log.frozen = nil
		})
		if got, err := n.ended(e); got != resume || err != nil || e.passed != last {
			t.Errorf("got %v, %v at %v, want %v at %v", got, err, e.passed, resume, last)
		}
		n.expect(e, "heard")
		back := n.listen(ben, delivery.FromPlace(last), everything)
		if back.opened.Mode != delivery.Reset || back.opened.Place != head {
			t.Errorf("back: opened %v at %v, want reset at %v", back.opened.Mode, back.opened.Place, head)
		}
		n.log.said(hall, "not for Ben")
		n.expect(back, "")
		if err := n.tail.Ready(); err != nil {
			t.Errorf("it is not ready: %v", err)
		}
	})
}

// Nothing is logged for long, and so everything is pruned. Who listens goes on,
// and so does who comes back with the place that they were told meanwhile.
func TestRetentionDoesNotOvertakeAQuietStream(t *testing.T) {
	inBubble(t, func(n *node) {
		n.log.opened(attic, ada)
		e := n.listen(ben, now, everything)
		n.log.said(hall, "hello")
		head := n.log.said(attic, "not for Ben")
		time.Sleep(11 * time.Minute)
		n.log.pruned(head.Position)
		n.settle()
		if e.passed != head {
			t.Errorf("was told of %v, want %v", e.passed, head)
		}
		back := n.listen(ben, delivery.FromPlace(e.passed), everything)
		n.log.said(hall, "again")
		n.expect(e, "hello again")
		n.expect(back, "again")
	})
}

func TestWhatIsLoggedOfAPrunedMessageIsForNobody(t *testing.T) {
	inBubble(t, func(n *node) {
		old := n.log.said(hall, "old")
		place := n.log.said(hall, "place")
		n.log.edited(old, "new")
		n.log.said(hall, "young")
		n.settle()
		n.log.pruned(place.Position)
		n.expect(n.listen(ben, delivery.FromPlace(place), everything), "young")
	}, func(s *delivery.Settings) { s.Memory = 1 })
}
