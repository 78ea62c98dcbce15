package delivery_test

import (
	"strings"
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
