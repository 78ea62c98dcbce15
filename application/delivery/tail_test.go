package delivery_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/application/delivery"
	"parley/domain/sequence"
)

var resume = delivery.Closing{Reason: delivery.Drain, Advice: delivery.Resume}

func TestANodeThatCannotSeeTheLogHandsOutNothingAndThenEndsItsStreams(t *testing.T) {
	inBubble(t, func(n *node) {
		e := n.listen(ben, now, everything)
		n.log.said(hall, "before")
		n.settle()
		cut := time.Now()
		n.log.set(func() { n.log.frozen = make(chan struct{}) })
		time.Sleep(2 * time.Second)
		if err := n.tail.Ready(); err == nil {
			t.Error("it says that it is ready")
		}
		if _, err := n.ended(n.listen(ben, now, everything)); !errors.Is(err, delivery.ErrBusy) {
			t.Errorf("a new stream: got %v, want %v", err, delivery.ErrBusy)
		}
		if got, _ := n.ended(e); got != resume {
			t.Errorf("got %v, want %v", got, resume)
		}
		if lasted := time.Since(cut); lasted < 9*time.Second || lasted > 10*time.Second {
			t.Errorf("ended after %v, want 10s after the log was seen last", lasted)
		}
		n.expect(e, "before")
	})
}

// Somebody may have been removed by an entry that the node cannot see.
func TestWhatIsInMemoryWaitsWhileTheNodeCannotSeeTheLog(t *testing.T) {
	inBubble(t, func(n *node) {
		e := &ear{stuck: make(chan struct{})}
		n.listenTo(e, delivery.FollowQuery{Who: caller(ben)}, everything)
		n.log.said(hall, "first")
		n.settle()
		n.log.said(hall, "second") // is in memory, while the writer is held up
		n.settle()
		n.log.left(hall, ben)
		n.log.set(func() { n.log.frozen = make(chan struct{}) })
		time.Sleep(5 * time.Second)
		close(e.stuck)
		n.expect(e, "first")
		n.log.set(func() {
			close(n.log.frozen)
			n.log.frozen = nil
		})
		n.expect(e, "first second -2")
	})
}

func TestAnotherHistoryOfTheLogEndsTheStreamsAndResetsTheirCursors(t *testing.T) {
	inBubble(t, func(n *node) {
		e := n.listen(ben, now, everything)
		kept, lost := n.log.said(hall, "kept"), n.log.said(hall, "lost")
		n.settle()
		n.log.restored(3)
		n.log.said(hall, "other")
		if got, _ := n.ended(e); got != resume {
			t.Errorf("got %v, want %v", got, resume)
		}
		n.settle()
		back := n.listen(ben, delivery.FromPlace(lost), everything)
		if back.opened.Mode != delivery.Reset {
			t.Errorf("a place that is another one now: mode %v, want reset", back.opened.Mode)
		}
		n.expect(back, "")
		n.expect(n.listen(ben, delivery.FromPlace(kept), everything), "other")
	})
}

func TestALogThatIsShorterThanBeforeIsAnotherOne(t *testing.T) {
	inBubble(t, func(n *node) {
		e := n.listen(ben, now, everything)
		n.log.said(hall, "lost")
		n.settle()
		n.log.restored(2)
		if got, _ := n.ended(e); got != resume {
			t.Errorf("got %v, want %v", got, resume)
		}
		n.settle()
		if err := n.tail.Ready(); err != nil {
			t.Errorf("afterwards it is not ready: %v", err)
		}
	})
}

func TestAHoleInTheLogIsNeverSkipped(t *testing.T) {
	inBubble(t, func(n *node) {
		e := n.listen(ben, now, everything)
		n.log.set(func() { n.log.hide = 3 })
		n.log.said(hall, "seen")   // 2
		n.log.said(hall, "hidden") // 3
		n.log.said(hall, "behind") // 4
		n.settle()
		time.Sleep(2 * time.Second)
		n.expect(e, "seen")
		if err := n.tail.Ready(); err == nil {
			t.Error("it says that it is ready")
		}
		n.log.set(func() { n.log.hide = 0 })
		n.expect(e, "seen hidden behind")
	})
}

func TestACursorAheadOfTheNodeIsWaitedFor(t *testing.T) {
	inBubble(t, func(n *node) {
		place := n.log.said(hall, "read elsewhere")
		e := &ear{}
		q := delivery.FollowQuery{Who: caller(ben), From: delivery.FromPlace(place)}
		n.listenTo(e, q, everything)
		if e.opened.Mode != delivery.Replay {
			t.Errorf("mode %v, want replay", e.opened.Mode)
		}
		n.log.said(hall, "next")
		n.expect(e, "next")
	}, func(s *delivery.Settings) { s.Poll = 900 * time.Millisecond })
}

// Mercure: M6.
func TestAPlaceThatIsNotInTheLogIsReset(t *testing.T) {
	inBubble(t, func(n *node) {
		place := n.log.said(hall, "hello")
		n.settle()
		for name, from := range map[string]delivery.Start{
			"beyond the head":                 delivery.FromPlace(sequence.Place{Position: place.Position + 1000, Mark: 1}),
			"another mark":                    delivery.FromPlace(sequence.Place{Position: place.Position, Mark: place.Mark + 1}),
			"another mark, older than memory": delivery.FromPlace(sequence.Place{Position: 0, Mark: 7}),
			"unreadable":                      delivery.FromUnreadable(),
		} {
			e := n.listen(ben, from, everything)
			if e.opened.Mode != delivery.Reset || e.opened.Place != place {
				t.Errorf("%s: opened %v at %v, want reset at %v", name, e.opened.Mode, e.opened.Place, place)
			}
			n.expect(e, "")
		}
	})
}

func TestAReadingSaysHowItBegins(t *testing.T) {
	inBubble(t, func(n *node) {
		first, last := n.log.said(hall, "w1"), n.log.said(hall, "w2")
		n.settle()
		live, back := n.listen(ben, now, everything), n.listen(ben, delivery.FromPlace(first), everything)
		if got, want := live.opened, (delivery.Opened{Mode: delivery.Live, Place: last}); got != want {
			t.Errorf("live: got %+v, want %+v", got, want)
		}
		if got, want := back.opened, (delivery.Opened{Mode: delivery.Replay, Place: first}); got != want {
			t.Errorf("back: got %+v, want %+v", got, want)
		}
		n.expect(n.listen(ben, delivery.FromEarliest(), everything), "new w1 w2")
	})
}

func TestDrainingEndsTheStreamsAndOpensNone(t *testing.T) {
	inBubble(t, func(n *node) {
		e := n.listen(ben, now, everything)
		place := n.log.said(hall, "hello")
		n.settle()
		n.tail.Drain()
		if got, err := n.ended(e); got != resume || err != nil || e.passed != place {
			t.Errorf("got %v, %v at %v, want %v at %v", got, err, e.passed, resume, place)
		}
		if _, err := n.ended(n.listen(ben, now, everything)); !errors.Is(err, delivery.ErrBusy) {
			t.Errorf("a new stream: got %v, want %v", err, delivery.ErrBusy)
		}
		if n.tail.Ready() == nil {
			t.Error("it says that it is ready")
		}
	})
}

func TestAReaderThatIsHeldUpHoldsUpNobody(t *testing.T) {
	inBubble(t, func(n *node) {
		stuck := &ear{stuck: make(chan struct{})}
		n.listenTo(stuck, delivery.FollowQuery{Who: caller(ada)}, everything)
		e := n.listen(ben, now, everything)
		for range 5000 {
			n.log.said(hall, strings.Repeat("x", 100))
		}
		n.settle()
		if got := len(e.heard); got != 5000 {
			t.Errorf("the other one heard %d, want 5000", got)
		}
		close(stuck.stuck)
		n.settle()
		if got := len(stuck.heard); got != 5000 {
			t.Errorf("afterwards it heard %d, want 5000", got)
		}
	}, func(s *delivery.Settings) { s.Memory = 100 << 10 })
}

func TestRingsBringEntriesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newMemlog()
		tail := delivery.NewTail(delivery.Settings{
			Log: log, Now: time.Now, Poll: time.Hour, Quiet: time.Hour, Memory: 1 << 20, Pages: 1 << 20, Round: 1 << 20, InHand: 1 << 20,
			Jitter: func(d time.Duration) time.Duration { return d }, Trouble: func(err error) { t.Error(err) },
		})
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _ = tail.Run(ctx) }()
		synctest.Wait()
		before := log.reads
		tail.Ring(0) // which it knows
		synctest.Wait()
		if log.reads != before {
			t.Error("a ring of what is known already costs a read")
		}
		tail.Ring(log.opened(hall, ada).Position)
		synctest.Wait()
		if log.reads != before+1 {
			t.Errorf("a ring costs %d reads, want 1", log.reads-before)
		}
		cancel()
		synctest.Wait()
	})
}
