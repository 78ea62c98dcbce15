package delivery_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"parley/application/delivery"
	"parley/domain/hub"
)

// However long patterns take, those of tokens too, nobody waits for them.
func TestPatternsAreAskedWithoutTheLock(t *testing.T) {
	inBubble(t, func(n *node) {
		for name, asks := range map[string]string{"patterns of streams": "https://e/", "patterns of tokens": "*"} {
			held := new(atomic.Int64)
			pattern := hub.Matching(hub.URLPattern, name, slow(func() {
				if n.tail.IsHeld() {
					held.Add(1)
				}
			}))
			q := delivery.FollowQuery{Grant: hub.Grant{Subscribe: []hub.Detail{{Topics: []hub.Matcher{pattern}}}}}
			if q.What.Match(hub.MatchExact(asks)); asks != hub.Everything {
				q.What.Match(pattern)
			}
			heard := n.listenTo(&ear{}, q)
			n.settle()
			n.log.secretly("w1", "https://e/"+name)
			n.expect(heard, "w1")
			if held.Load() > 0 {
				t.Errorf("%s are asked while all wait", name)
			}
		}
	})
}

// slow is a pattern that matches everything, after it has done something.
type slow func()

func (s slow) Match(string) bool {
	s()
	return true
}

// However many have a pattern, whether it matches a topic is found out once; and
// not again for what is published on the topic later, or heard by who comes back.
func TestAPatternIsAskedOnceForEachTopic(t *testing.T) {
	inBubble(t, func(n *node) {
		count := new(atomic.Int64)
		pattern := hub.Matching(hub.URLPattern, "https://e/*", begins{"https://e/", count})
		query := func(from delivery.Start) delivery.FollowQuery {
			q := delivery.FollowQuery{From: from, Grant: hub.Grant{Subscribe: []hub.Detail{{Topics: []hub.Matcher{pattern}}}}}
			q.What.Match(pattern)
			return q
		}
		var all []*ear
		for range 100 {
			all = append(all, n.listenTo(&ear{}, query(now)))
		}
		place := n.log.public("1", "https://e/1")
		for i := 2; i <= 20; i++ {
			n.log.public(fmt.Sprint(i), "https://e/1", "https://f/1")
			n.settle()
		}
		n.log.secretly("21", "https://e/1", "https://f/1")
		n.settle()
		all = append(all, n.listenTo(&ear{}, query(delivery.FromPlace(place))))
		n.settle()
		for _, e := range all {
			if got := len(e.heard); got < 20 {
				t.Errorf("one of them heard %d, want 20 or more", got)
			}
		}
		if got := count.Load(); got > 4 {
			t.Errorf("the pattern was asked %d times about two topics as one that is asked for, and as one that is granted; want 4 times at most", got)
		}
	})
}

func TestWhoComesBackByTheHundredAsksAPatternOnce(t *testing.T) {
	inBubble(t, func(n *node) {
		place := n.log.said(hall, "w0")
		for i := 1; i <= 50; i++ {
			n.log.public(fmt.Sprint("w", i), fmt.Sprint("https://e/", i))
		}
		n.settle()
		count := new(atomic.Int64)
		pattern := hub.Matching(hub.URLPattern, "https://e/*", begins{"https://e/", count})
		for range 100 {
			q := delivery.FollowQuery{From: delivery.FromPlace(place)}
			q.What.Match(pattern)
			n.expect(n.listenTo(&ear{}, q), words(1, 50))
		}
		if got := count.Load(); got != 50 {
			t.Errorf("the pattern was asked %d times about 50 topics", got)
		}
	}, small)
}
