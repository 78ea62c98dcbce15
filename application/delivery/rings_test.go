package delivery_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/sequence"
)

// Whoever can ring could otherwise keep the database busy.
func TestAFloodOfFalseRingsCostsAFewReads(t *testing.T) {
	inBubble(t, func(n *node) {
		before := n.log.reads
		for range 1000 {
			n.tail.Ring(math.MaxInt64 / 2)
			time.Sleep(time.Millisecond)
		}
		synctest.Wait()
		if got := n.log.reads - before; got < 2 || got > 22 {
			t.Errorf("a second of false rings costs %d reads, want about 20", got)
		}
	}, func(s *delivery.Settings) { s.Poll = time.Hour })
}

func TestWhatHappensAmongFalseRingsIsHeardAlmostAtOnce(t *testing.T) {
	inBubble(t, func(n *node) {
		var heard time.Time
		n.listenTo(&ear{onHand: func(port.Entry) { heard = time.Now() }}, delivery.FollowQuery{Who: caller(ben)}, everything)
		n.tail.Ring(math.MaxInt64 / 2)
		synctest.Wait() // the log has been read in vain just now
		said := time.Now()
		n.tail.Ring(n.log.said(hall, "true").Position)
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		if took := heard.Sub(said); heard.IsZero() || took > 100*time.Millisecond {
			t.Errorf("it took %v, want 100ms at most", took)
		}
	}, func(s *delivery.Settings) { s.Poll = time.Second })
}

// A transport that answers once must know when it has all, and where that ends;
// else it waits in vain, or leaves something out.
func TestAReadingIsToldWhenEverythingHasBeenHandedOut(t *testing.T) {
	for name, memory := range map[string]int{"from memory": 1 << 20, "from pages": 1} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(n *node) {
				first := n.log.said(hall, "w1")
				n.log.said(hall, "w2")
				n.log.opened(attic, cleo) // of which Ben hears nothing
				last := n.log.said(attic, "secret")
				n.settle()
				enough := errors.New("enough")
				var reached []sequence.Place
				e := &ear{}
				n.listenTo(e, delivery.FollowQuery{
					Who: caller(ben), From: delivery.FromPlace(first),
					Reached: func(p sequence.Place) error {
						reached = append(reached, p)
						return enough
					},
				}, everything)
				n.expect(e, "w2")
				if !slices.Equal(reached, []sequence.Place{last}) {
					t.Errorf("reached %v, want %v", reached, last)
				}
				if _, err := n.ended(e); !errors.Is(err, enough) || n.tail.Readings() != 0 {
					t.Errorf("got %v, and %d readings are left", err, n.tail.Readings())
				}
			}, func(s *delivery.Settings) { s.Memory = memory })
		})
	}
}

// Nobody knows what has happened since: it would be a lie that there is nothing.
func TestAReadingIsNotToldSoWhileTheNodeCannotSeeTheLog(t *testing.T) {
	inBubble(t, func(n *node) {
		told := 0
		e := &ear{}
		n.listenTo(e, delivery.FollowQuery{Who: caller(ben), Reached: func(sequence.Place) error { told++; return nil }}, everything)
		if told == 0 {
			t.Error("it is not told while the log is seen")
		}
		n.log.said(hall, "unseen")
		n.log.set(func() { n.log.frozen = make(chan struct{}) })
		time.Sleep(2 * time.Second)
		before := told
		_, _ = n.ended(e) // it has been woken by then
		if told != before {
			t.Errorf("it is told %d times more while the log is not seen", told-before)
		}
	})
}
