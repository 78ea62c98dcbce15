package delivery_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/application/delivery"
	"parley/domain/hub"
)

// slowly matches all subscriptions, and takes a while to say so.
type slowly time.Duration

func (s slowly) Match(topic string) bool {
	of := strings.HasPrefix(topic, root)
	if of {
		time.Sleep(time.Duration(s))
	}
	return of
}

// Whoever asks with patterns that take long to try, or is granted what does, waits
// for that alone: others hear of subscriptions and of the chat meanwhile, and
// whoever tells of a subscription goes on.
func TestASlowPatternHoldsUpNobodyElse(t *testing.T) {
	for name, how := range map[string]struct{ asked, granted hub.Matcher }{
		"asked":   {hub.Matching(hub.URLPattern, root+"*", slowly(time.Hour)), match(root)},
		"granted": {match(root), hub.Matching(hub.URLPattern, root+"*", slowly(time.Hour))},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(n *node) {
				slow := n.watch(grant(how.granted), how.asked)
				quick := n.watch(grant(match(root), match("/chat/")), match(root), match("/chat/"))
				began := time.Now()
				n.change("a", "s1", true)
				if took := time.Since(began); took > 0 {
					t.Errorf("to tell of it took %v", took)
				}
				n.expectTold(quick, "+exact/a/s1")
				n.log.said(hall, "hello")
				n.settle()
				n.expectTold(slow)
				if time.Since(began) > time.Minute || n.tail.IsHeld() {
					t.Error("the others have waited")
				}
				time.Sleep(2 * time.Hour)
				n.expectTold(slow, "+exact/a/s1")
			})
		})
	}
}

// Mercure: H11.
func TestAStreamEndsWithItsTokenWhateverItsPatternsTake(t *testing.T) {
	inBubble(t, func(n *node) {
		e := &ear{}
		q := delivery.FollowQuery{Grant: grant(match(root)), Until: time.Now().Add(2500 * time.Millisecond)}
		q.What.Match(hub.Matching(hub.URLPattern, root+"*", slowly(time.Second)))
		n.listenTo(e, q)
		for range 200 {
			n.change("a", "s1", true)
		}
		time.Sleep(3100 * time.Millisecond)
		synctest.Wait()
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.closing != (delivery.Closing{Reason: delivery.Expired, Advice: delivery.Reauthenticate}) {
			t.Errorf("it goes on: %v", e.closing)
		}
	})
}

// Nobody waits for the patterns of somebody who was held up until all answers were
// forgotten.
func TestPatternsAreAskedWithoutTheLockOfWhoIsLate(t *testing.T) {
	inBubble(t, func(n *node) {
		var held, asked atomic.Int64
		pattern := hub.Matching(hub.URLPattern, "https://e/*", slow(func() {
			asked.Add(1)
			if n.tail.IsHeld() {
				held.Add(1)
			}
		}))
		var q delivery.FollowQuery
		q.What.Match(pattern)
		late := n.listenTo(&ear{stuck: make(chan struct{})}, q)
		n.log.public("first", "https://e/first")
		n.settle()
		for i := range 80 {
			topics := make([]string, 1000)
			for j := range topics {
				topics[j] = fmt.Sprintf("https://e/%d/%d/%s", i, j, strings.Repeat("x", 60))
			}
			n.log.public("more", topics...)
			n.settle()
		}
		before := asked.Load()
		close(late.stuck)
		n.expect(late, "first"+strings.Repeat(" more", 80))
		if asked.Load() == before || held.Load() > 0 {
			t.Errorf("the pattern was asked %d times, and %d times while all wait", asked.Load()-before, held.Load())
		}
	}, func(s *delivery.Settings) { s.Memory = 64 << 20 })
}

// An update may have a thousand topics, and each stream a hundred patterns: that
// all of them are compared holds up whoever asks with these, and not the chat.
func TestTheChatGoesOnHoweverMuchThereIsToCompare(t *testing.T) {
	takes := hub.Matching(hub.URLPattern, "https://e/*", theLast("/9"))
	with := func(others int) delivery.FollowQuery {
		q := asking("nothing", "*", delivery.Start{})
		for i := range others {
			q.What.Match(hub.Matching(hub.URLPattern, fmt.Sprint("https://f/*", i), begins{with: "https://f/"}))
		}
		q.What.Match(takes)
		return q
	}
	granted := asking("*", "", delivery.Start{})
	granted.Grant.Subscribe[0].Topics = []hub.Matcher{takes}
	for name, q := range map[string]delivery.FollowQuery{"asked": with(0), "asked with others": with(100), "granted": granted} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(n *node) {
				slow, user := n.listenTo(&ear{}, q), n.listen(ben, now, "*")
				topics := make([]string, 10)
				for i := range topics {
					topics[i] = fmt.Sprint("https://e/", i)
				}
				n.log.secretly("many", topics...)
				n.log.said(hall, "hello")
				time.Sleep(3 * time.Second)
				n.expect(user, "hello")
				n.expect(slow, "")
				if err := n.tail.Ready(); err != nil {
					t.Errorf("the node is not ready: %v", err)
				}
				time.Sleep(20 * time.Second)
				n.expect(slow, "many")
			})
		})
	}
}

// theLast takes a second for each topic below https://e/, and matches those that
// end so.
type theLast string

func (end theLast) Match(topic string) bool {
	below := strings.HasPrefix(topic, "https://e/")
	if below {
		time.Sleep(time.Second)
	}
	return below && strings.HasSuffix(topic, string(end))
}
