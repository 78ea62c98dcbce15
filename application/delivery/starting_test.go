package delivery_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"parley/application/delivery"
	"parley/domain/hub"
	"parley/domain/sequence"
)

// The id that a publisher gave resumes, for whoever may hear that update now:
// after the earliest that has it, and so with the later ones.
//
// Mercure: M2, M4, M5.
func TestAPublishersIDIsAPlaceForWhoeverMayHearItsUpdate(t *testing.T) {
	inBubble(t, func(n *node) {
		n.log.said(hall, "m1")
		n.log.published(hub.Update{ID: "a", Data: "1", Topics: []string{"https://e/1", "https://e/alt"}})
		n.log.published(hub.Update{ID: "s", Data: "2", Topics: []string{"https://e/1"}, Private: true})
		n.log.published(hub.Update{ID: "a", Data: "3", Topics: []string{"https://e/1"}})
		n.log.said(hall, "m2")
		n.log.published(hub.Update{ID: "b", Data: "4", Topics: []string{"https://else/1"}, Private: true})
		n.log.published(hub.Update{ID: "b", Data: "5", Topics: []string{"https://else/2"}})
		n.log.published(hub.Update{ID: "b", Data: "6", Topics: []string{"https://e/2"}})
		n.log.published(hub.Update{ID: "c", Data: "7", Topics: []string{"https://e/2"}})
		n.settle()
		for _, c := range []struct {
			id, asked, granted string
			user               bool
			mode               delivery.Mode
			hear               string
		}{
			{"a", "https://e/1", "", false, delivery.Replay, "3"},
			{"a", "https://e/alt", "", false, delivery.Replay, ""},
			{"a", "https://e/*", "https://e/1", false, delivery.Replay, "2 3 6 7"},
			{"a", "*", "*", false, delivery.Replay, "2 3 m2 4 5 6 7"},
			{"a", "https://e/2", "*", false, delivery.Reset, ""},
			{"b", "https://e/2", "", false, delivery.Replay, "7"},
			{"b", "https://e/2", "", true, delivery.Replay, "7"},
			{"b", "https://else/2 https://e/2", "", false, delivery.Replay, "6 7"},
			{"b", "https://else/1", "", false, delivery.Reset, ""},
			{"s", "https://e/1", "https://e/1", false, delivery.Replay, "3"},
			{"s", "https://e/1", "https://e/2", false, delivery.Reset, ""},
			{"s", "https://e/1", "", false, delivery.Reset, ""},
			{"unknown", "*", "*", false, delivery.Reset, ""},
			{"a", "* https://e/1", "", true, delivery.Replay, "3 m2"},
			{"a", "*", "", true, delivery.Reset, ""},
			{"a", "https://e/*", "", true, delivery.Reset, ""},
			{"s", "* https://e/1", "", true, delivery.Reset, ""},
		} {
			q := asking(c.asked, c.granted, delivery.FromNamed(c.id))
			if c.user {
				q.Who = caller(ben)
			}
			e := n.listenTo(&ear{}, q)
			about := fmt.Sprintf("from %q, asking for %q, granted %q, user: %v", c.id, c.asked, c.granted, c.user)
			if e.opened.Mode != c.mode {
				t.Errorf("%s: mode %v, want %v", about, e.opened.Mode, c.mode)
			}
			n.expectAsked(e, about, c.hear)
		}
	})
}

// What third parties published may go earlier than what is said. Who may hear of
// their topics is told; for who hears of the chat alone nothing is missing.
func TestWhereTheUpdatesBeginCountsForWhoMayHearThem(t *testing.T) {
	inBubble(t, func(n *node) {
		var places []sequence.Place
		for i := range 10 {
			n.log.public(fmt.Sprint("p", i), "https://e/1")
			places = append(places, n.log.said(hall, fmt.Sprint("m", i)))
		}
		n.settle()
		pruned := places[4].Position - 1 // an update, between m3 and m4
		n.log.prunedUpdates(pruned)
		fromThere, rest := "m4 p5 m5 p6 m6 p7 m7 p8 m8 p9 m9", "p5 p6 p7 p8 p9"
		chat := "m2 m3 m4 m5 m6 m7 m8 m9"
		for _, c := range []struct {
			asked, granted string
			user           bool
			begins         bool // may it begin at m1?
			old, earliest  string
		}{
			{"*", "*", false, false, "", fromThere},
			{"https://e/1", "", false, false, "", rest},
			{"https://e/*", "*", false, false, "", rest},
			{"/chat/* x", "*", false, false, "", "m4 m5 m6 m7 m8 m9"},
			{"/chat/room/1", "*", false, true, chat, "new m0 m1 " + chat},
			{"/chat/room/1 /chat/nothing", "*", false, true, chat, "new m0 m1 " + chat},
			{"/chat/room/1 /chat/nothing", "", true, true, chat, "new m0 m1 " + chat},
			{"/chat/room/{id} /chat/user/7", "*", false, true, chat, "new m0 m1 " + chat},
			{"/chat/* https://e/1", "", true, false, "", fromThere},
			{"*", "", true, true, chat, "new m0 m1 " + chat},
			{"/chat/*", "", true, true, chat, "new m0 m1 " + chat},
		} {
			about := fmt.Sprintf("asking for %q, granted %q, user: %v", c.asked, c.granted, c.user)
			open := func(from delivery.Start) *ear {
				q := asking(c.asked, c.granted, from)
				if c.user {
					q.Who = caller(ben)
				}
				return n.listenTo(&ear{}, q)
			}
			old := open(delivery.FromPlace(places[1]))
			if old.opened.Mode == delivery.Replay != c.begins {
				t.Errorf("%s: mode %v", about, old.opened.Mode)
			}
			n.expectAsked(old, about+", from before the updates' start", c.old)
			first := open(delivery.FromEarliest())
			if first.opened.Mode != delivery.Replay {
				t.Errorf("%s, earliest: mode %v, want replay", about, first.opened.Mode)
			}
			n.expectAsked(first, about+", earliest", c.earliest)
			last := open(delivery.FromPlace(sequence.Place{Position: pruned, Mark: 1000 + sequence.Mark(pruned)}))
			if last.opened.Mode != delivery.Replay {
				t.Errorf("%s, from the last one that was pruned: mode %v, want replay", about, last.opened.Mode)
			}
		}
	}, small)
}

// The two beginnings are asked for in the log, wherever it begins by now.
func TestTheLogsStartIsTheUpdatesStartIfThatIsEarlier(t *testing.T) {
	inBubble(t, func(n *node) {
		old := n.log.public("p0", "https://e/1")
		start := n.log.public("p1", "https://e/1")
		n.log.public("p2", "https://e/1")
		n.settle()
		n.log.prunedUpdates(old.Position)
		n.log.pruned(start.Position)
		n.expect(n.listenTo(&ear{}, asking("https://e/1", "", delivery.FromEarliest())), "p2")
		if e := n.listenTo(&ear{}, asking("https://e/1", "", delivery.FromPlace(old))); e.opened.Mode != delivery.Reset {
			t.Errorf("from before the log's start: mode %v, want reset", e.opened.Mode)
		}
	}, small)
}

// Updates go while somebody reads: they are sent away, and told when they are back.
func TestAReaderThatRetentionOfUpdatesOvertakesIsClosed(t *testing.T) {
	for _, c := range []struct {
		asked string
		user  bool
	}{{"https://e/1", false}, {"*", false}, {"* https://e/1", true}} {
		inBubble(t, func(n *node) {
			var places []sequence.Place
			for i := range 301 {
				places = append(places, n.log.public(fmt.Sprint("w", i), "https://e/1"))
			}
			n.settle()
			e := &ear{stuck: make(chan struct{})}
			q := asking(c.asked, "*", delivery.FromPlace(places[0]))
			if c.user {
				q.Who = caller(ben)
			}
			n.listenTo(e, q)
			n.log.prunedUpdates(places[250].Position)
			close(e.stuck)
			if got, err := n.ended(e); got != overtaken || err != nil {
				t.Errorf("%s: got %v, %v, want %v", c.asked, got, err, overtaken)
			}
			heard := len(e.heard)
			if heard == 0 || heard >= 250 || e.passed != places[heard] {
				t.Fatalf("%s: heard %d, and closed at %v", c.asked, heard, e.passed)
			}
			n.expect(e, words(1, heard))
			q.From = delivery.FromPlace(e.passed)
			if back := n.listenTo(&ear{}, q); back.opened.Mode != delivery.Reset {
				t.Errorf("%s, back: mode %v, want reset", c.asked, back.opened.Mode)
			}
		}, small)
	}
}

// Updates are pruned between two readings of one and the same round.
func TestAPageOfUpdatesThatIsReadWhileTheyArePrunedIsNotShorterInSilence(t *testing.T) {
	inBubble(t, func(n *node) {
		place := n.log.public("w0", "https://e/1")
		var last sequence.Place
		for range 10 {
			last = n.log.public("w", "https://e/1")
		}
		n.settle()
		n.log.set(func() { n.log.onPage = func() { n.log.prunedUpdates(last.Position) } })
		e := n.listenTo(&ear{}, asking("https://e/1", "", delivery.FromPlace(place)))
		if got, err := n.ended(e); got != overtaken || err != nil {
			t.Errorf("got %v, %v, want %v", got, err, overtaken)
		}
		n.expect(e, "")
	}, small)
}

// Who is no user is not counted as one, nor as somebody of another address.
//
// Mercure: B9.
func TestThereIsALimitOfStreamsForEachAddress(t *testing.T) {
	inBubble(t, func(n *node) {
		from := func(address string) *ear {
			q := asking("*", "", now)
			q.Address = address
			return n.listenTo(&ear{}, q)
		}
		first, second := from("192.0.2.1"), from("192.0.2.1")
		if _, err := n.ended(from("192.0.2.1")); !errors.Is(err, delivery.ErrTooMany) {
			t.Errorf("the address's third: got %v, want %v", err, delivery.ErrTooMany)
		}
		q := delivery.FollowQuery{Who: caller(ben), Address: "192.0.2.1"}
		users := n.listenTo(&ear{}, q, everything)
		others := from("192.0.2.2")
		n.log.said(hall, "m")
		n.log.public("p", "https://e/1")
		for e, want := range map[*ear]string{first: "p", second: "p", others: "p", users: "m"} {
			n.expect(e, want)
		}
		if _, err := n.ended(from("192.0.2.3")); !errors.Is(err, delivery.ErrTooMany) {
			t.Errorf("the node's fifth: got %v, want %v", err, delivery.ErrTooMany)
		}
	}, func(s *delivery.Settings) { s.StreamsPerUser, s.StreamsPerAddress, s.StreamsTotal = 1, 2, 4 })
}

// A place is free again when its stream has ended, and nothing of it is left.
func TestAStreamThatEndsLeavesNothingBehind(t *testing.T) {
	inBubble(t, func(n *node) {
		for range 5 {
			q := asking("* https://e/1 https://e/* /chat/{id}", "https://e/* /chat/*", now)
			q.Until = time.Now().Add(time.Second)
			e := n.listenTo(&ear{}, q)
			if got, err := n.ended(e); got.Advice != delivery.Reauthenticate || err != nil {
				t.Fatalf("got %v, %v", got, err)
			}
			q = userAsking(delivery.FollowQuery{Who: caller(ben), Until: time.Now().Add(time.Second)}, "* https://e/1 /chat/*")
			if _, err := n.ended(n.listenTo(&ear{}, q)); err != nil {
				t.Fatal(err)
			}
		}
		n.settle()
		if left := delivery.Indexed(n.tail); left != 0 {
			t.Errorf("%d are still in the index", left)
		}
	}, func(s *delivery.Settings) { s.StreamsPerAddress = 1 })
}
