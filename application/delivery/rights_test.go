package delivery_test

import (
	"errors"
	"testing"
	"time"

	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/sequence"
)

var now delivery.Start

func TestParticipantsHearARoomAndOthersDoNot(t *testing.T) {
	inBubble(t, func(n *node) {
		inside, outside := n.listen(ben, now, everything, mine), n.listen(cleo, now, everything, mine)
		n.log.said(hall, "hello")
		n.expect(inside, "hello")
		n.expect(outside, "")
	})
}

func TestTopicsNarrowWhatIsHeard(t *testing.T) {
	inBubble(t, func(n *node) {
		n.log.opened(attic, ada, ben)
		one, own, none := n.listen(ben, now, "/chat/room/2"), n.listen(ben, now, mine), n.listen(ben, now, "/chat/user/1", "x")
		n.log.said(hall, "below")
		n.log.said(attic, "above")
		n.log.left(attic, ben)
		n.expect(one, "above -2")
		n.expect(own, "-2@user")
		n.expect(none, "")
	})
}

func TestWhoIsRemovedHearsOfItAndNothingAfter(t *testing.T) {
	inBubble(t, func(n *node) {
		removed, stays := n.listen(ben, now, everything, mine), n.listen(ada, now, everything)
		n.log.said(hall, "before")
		n.log.left(hall, ben)
		n.log.said(hall, "after")
		n.expect(removed, "before -2")
		n.expect(stays, "before -2 after")
	})
}

func TestWhoIsAddedHearsTheRoomOnTheOpenLine(t *testing.T) {
	inBubble(t, func(n *node) {
		added := n.listen(cleo, now, everything, mine)
		n.log.said(hall, "before")
		n.log.joined(hall, cleo)
		n.log.said(hall, "after")
		n.expect(added, "+3 after")
	})
}

func TestWhoComesBackAfterARemovalHearsOfItAlone(t *testing.T) {
	inBubble(t, func(n *node) {
		place := n.log.said(hall, "before")
		n.log.said(hall, "unheard")
		n.log.left(hall, ben)
		n.log.said(hall, "after")
		n.expect(n.listen(ben, delivery.FromPlace(place), everything, mine), "-2")
		n.expect(n.listen(ben, delivery.FromPlace(place), mine), "-2@user")
		n.log.joined(hall, ben)
		n.settle()
		n.expect(n.listen(ben, delivery.FromPlace(place), everything), "unheard -2 after +2")
	})
}

func TestARoomThatEndsTellsThoseWhoWereInIt(t *testing.T) {
	inBubble(t, func(n *node) {
		place := n.log.said(hall, "before")
		n.settle()
		open := n.listen(ben, now, mine)
		n.log.append(port.Entry{Kind: port.RoomDeleted, Room: hall})
		n.expect(open, "gone@user")
		n.expect(n.listen(ben, delivery.FromPlace(place), everything, mine), "gone")
		n.expect(n.listen(cleo, delivery.FromPlace(place), everything, mine), "")
	})
}

func TestANewRoomIsHeardByItsFirstPeople(t *testing.T) {
	inBubble(t, func(n *node) {
		rooms, own, other := n.listen(ben, now, everything, mine), n.listen(ben, now, mine), n.listen(cleo, now, everything, mine)
		n.log.opened(attic, ada, ben)
		n.log.said(attic, "hello")
		n.expect(rooms, "new hello")
		n.expect(own, "new@user")
		n.expect(other, "")
	})
}

// Without the fold, a removal between the reading of the rights and the opening
// would be missed for ever.
func TestRightsAreBroughtUpToThePlaceThatIsReached(t *testing.T) {
	inBubble(t, func(n *node) {
		n.log.onRead = func() { // no reading is under way
			n.log.left(hall, ben)
			n.log.opened(attic, ada, ben)
			time.Sleep(time.Second) // the tail takes it in
		}
		e := n.listen(ben, now, everything)
		n.log.said(hall, "secret")
		n.log.said(attic, "hello")
		n.expect(e, "hello")
	})
}

func TestASessionThatEndsWhileItsStreamOpensIsRefused(t *testing.T) {
	inBubble(t, func(n *node) {
		n.log.onRead = func() {
			n.log.append(port.Entry{Kind: port.SessionEnded, Session: caller(ben).Session})
			time.Sleep(time.Second) // the tail takes it in
		}
		if _, err := n.ended(n.listen(ben, now, everything)); !errors.Is(err, identity.ErrSessionEnded) {
			t.Errorf("got %v, want %v", err, identity.ErrSessionEnded)
		}
		if _, err := n.ended(n.listen(ben, now, everything)); !errors.Is(err, identity.ErrSessionEnded) {
			t.Errorf("afterwards got %v, want %v", err, identity.ErrSessionEnded)
		}
	})
}

func TestAnEndedSessionEndsItsStreamsAndNoOthers(t *testing.T) {
	inBubble(t, func(n *node) {
		e, other := n.listen(ben, now, everything), n.listen(ada, now, everything)
		n.log.said(hall, "before")
		n.log.append(port.Entry{Kind: port.SessionEnded, Session: caller(ben).Session})
		n.log.said(hall, "after")
		want := delivery.Closing{Reason: delivery.Revoked, Advice: delivery.Reauthenticate}
		if got, err := n.ended(e); got != want || err != nil {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
		n.expect(other, "before after")
	})
}

// What was logged before the removal while the line was open still arrives, what
// is older does not, however late the writer is.
func TestALateWriterStopsOlderHistoryAtTheRemovalAndKeepsWhatWasLive(t *testing.T) {
	inBubble(t, func(n *node) {
		place := n.log.said(hall, "first")
		for range 300 { // more than one hand-out
			n.log.said(hall, "old")
		}
		n.settle()
		e := &ear{stuck: make(chan struct{})}
		n.listenTo(e, delivery.FollowQuery{Who: caller(ben), From: delivery.FromPlace(place)}, everything)
		n.log.said(hall, "live")
		n.log.left(hall, ben)
		n.log.said(hall, "after")
		n.settle()
		close(e.stuck)
		n.settle()
		olds := len(e.heard) - 2
		if olds < 1 || olds > 299 {
			t.Errorf("heard %d of the older ones, want those of the first hand-out alone", olds)
		}
		if got := e.heard[olds] + " " + e.heard[olds+1]; got != "live -2" {
			t.Errorf("then heard %q, want %q", got, "live -2")
		}
	})
}

func TestAReaderWithTooManyEndedStaysIsClosedAndResumes(t *testing.T) {
	inBubble(t, func(n *node) {
		e := &ear{stuck: make(chan struct{})}
		n.listenTo(e, delivery.FollowQuery{Who: caller(ben)}, everything)
		n.log.said(hall, "stuck with this")
		n.settle()
		for range 101 {
			n.log.left(hall, ben)
			n.log.joined(hall, ben)
		}
		n.settle()
		close(e.stuck)
		want := delivery.Closing{Reason: delivery.Slow, Advice: delivery.Resume}
		if got, _ := n.ended(e); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// Mercure: H11.
func TestAReadingEndsWhenItsTokenDoes(t *testing.T) {
	inBubble(t, func(n *node) {
		until := time.Now().Add(5 * time.Minute)
		e := n.listenTo(&ear{}, delivery.FollowQuery{Who: caller(ben), Until: until}, everything)
		got, _ := n.ended(e)
		if want := (delivery.Closing{Reason: delivery.Expired, Advice: delivery.Reauthenticate}); got != want || !time.Now().Equal(until) {
			t.Errorf("got %v at %v, want %v at %v", got, time.Now(), want, until)
		}
		if e.quiets < 15 {
			t.Errorf("it was told that it is quiet %d times in 5 minutes, want at least 15", e.quiets)
		}
	})
}

// Mercure: H12.
func TestAReadingEndsAtItsGreatestAge(t *testing.T) {
	inBubble(t, func(n *node) {
		e := n.listen(ben, now, everything)
		place := n.log.said(hall, "hello")
		got, _ := n.ended(e)
		if want := (delivery.Closing{Reason: delivery.Expired, Advice: delivery.Resume}); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
		if e.passed != place {
			t.Errorf("before that it was told the place %v, want %v", e.passed, place)
		}
	}, func(s *delivery.Settings) { s.MaxAge = time.Minute })
}

func TestThereIsALimitOfStreams(t *testing.T) {
	inBubble(t, func(n *node) {
		n.listen(ben, now, everything)
		n.listen(ben, now, everything)
		if _, err := n.ended(n.listen(ben, now, everything)); !errors.Is(err, delivery.ErrTooMany) {
			t.Errorf("the user's third: got %v, want %v", err, delivery.ErrTooMany)
		}
		n.listen(ada, now, everything)
		if _, err := n.ended(n.listen(cleo, now, everything)); !errors.Is(err, delivery.ErrTooMany) {
			t.Errorf("the node's fourth: got %v, want %v", err, delivery.ErrTooMany)
		}
	}, func(s *delivery.Settings) { s.StreamsPerUser, s.StreamsTotal = 2, 3 })
}

func TestAStreamThatHearsNothingLearnsItsPlace(t *testing.T) {
	inBubble(t, func(n *node) {
		e := n.listen(ben, now, "/chat/room/2")
		var place sequence.Place
		for range 3 {
			place = n.log.said(hall, "elsewhere")
		}
		time.Sleep(11 * time.Minute)
		n.settle()
		if e.passed != place {
			t.Errorf("was told %v, want %v", e.passed, place)
		}
	})
}
