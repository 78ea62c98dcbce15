package delivery_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/application/delivery"
	"parley/domain/hub"
	"parley/domain/sequence"
)

// told is a signal in short: the end of its topic, with + or - for what has begun
// or ended.
func told(s *delivery.Signal) string {
	sign := "-"
	if s.Subscription.Active {
		sign = "+"
	}
	return sign + strings.TrimPrefix(s.Subscription.Topic(s.Dialect), hub.SubscriptionsPath+"/")
}

// below matches all that is below a path.
type below string

func (b below) Match(topic string) bool { return strings.HasPrefix(topic, string(b)) }

const root = hub.SubscriptionsPath + "/"

// topic and match are what the two dialects ask with.
func topic(text string) hub.Matcher { return hub.Matching(hub.Topic, text+"{+rest}", below(text)) }
func match(text string) hub.Matcher { return hub.Matching(hub.URLPattern, text+"*", below(text)) }

func grant(of ...hub.Matcher) hub.Grant {
	return hub.Grant{Dialect: hub.Modern, Subscribe: []hub.Detail{{Topics: of}}}
}

// watch opens a reading of somebody who is no user.
func (n *node) watch(granted hub.Grant, matchers ...hub.Matcher) *ear {
	n.t.Helper()
	return n.watchAs(&ear{}, granted, matchers...)
}

func (n *node) watchAs(e *ear, granted hub.Grant, matchers ...hub.Matcher) *ear {
	n.t.Helper()
	q := delivery.FollowQuery{Grant: granted}
	for _, m := range matchers {
		q.What.Match(m)
	}
	return n.listenTo(e, q)
}

// change tells in both dialects of a subscription that has begun or ended.
func (n *node) change(text, subscriber string, active bool) {
	for _, in := range []hub.Dialect{hub.Modern, hub.Legacy} {
		n.tail.Subscribed(hub.Subscription{Type: hub.Exact, Text: text, Subscriber: subscriber, Active: active}, in)
	}
}

func (n *node) expectTold(e *ear, want ...string) {
	n.t.Helper()
	synctest.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	if !slices.Equal(e.told, want) {
		n.t.Errorf("told %q, want %q", e.told, want)
	}
}

// Mercure: N1, N3, B11.
func TestSubscriptionsAreToldAsTheReaderAsks(t *testing.T) {
	inBubble(t, func(n *node) {
		all := grant(topic(root), match(root))
		legacy := n.watch(all, topic(root))
		modern := n.watch(all, match(root), match(root+"exact/"))
		both := n.watch(all, topic(root), match(root))
		everything := n.watch(all, hub.MatchExact("*"), hub.Matching(hub.Topic, "*", nil))
		one := n.watch(all, hub.MatchExact(root+"exact/a/s1"), hub.Matching(hub.Topic, root+"b/s1", nil))
		deaf := n.watch(all, hub.MatchExact(root+"a/s1"), topic("/books/"))
		n.change("a", "s1", true)
		n.change("b", "s1", true)
		n.change("a", "s1", false)
		n.expectTold(legacy, "+a/s1", "+b/s1", "-a/s1")
		n.expectTold(modern, "+exact/a/s1", "+exact/b/s1", "-exact/a/s1")
		twice := []string{"+exact/a/s1", "+a/s1", "+exact/b/s1", "+b/s1", "-exact/a/s1", "-a/s1"}
		n.expectTold(both, twice...)
		n.expectTold(everything, twice...)
		n.expectTold(one, "+exact/a/s1", "+b/s1", "-exact/a/s1")
		n.expectTold(deaf) // the topic of the other dialect
	})
}

// Mercure: F1, F2, F3.
func TestSubscriptionsAreToldToWhoIsGrantedThem(t *testing.T) {
	inBubble(t, func(n *node) {
		every := []hub.Matcher{topic(root), match(root)}
		nobody := n.watch(hub.Grant{}, every...)
		books := n.watch(grant(topic("/books/")), every...)
		some := n.watch(grant(match(root+"exact/a/")), every...)
		other := n.watch(grant(topic(root+"b/")), every...)
		user := n.listen(ben, now, root+"exact/a/s1", "*")
		n.change("a", "s1", true)
		n.change("b", "s2", true)
		n.expectTold(nobody)
		n.expectTold(books)
		n.expectTold(user)
		n.expectTold(some, "+exact/a/s1", "+a/s1")
		n.expectTold(other, "+exact/b/s2", "+b/s2")
	})
}

func TestASignalComesAtTheReadersPlace(t *testing.T) {
	inBubble(t, func(n *node) {
		e := n.watch(grant(match(root), match("/chat/")), match(root), match("/chat/"))
		n.change("a", "s1", true)
		n.settle()
		at := n.log.said(hall, "hello")
		n.settle()
		n.change("a", "s1", false)
		n.expectTold(e, "+exact/a/s1", "-exact/a/s1")
		if want := []sequence.Place{e.opened.Place, at}; !slices.Equal(e.toldAt, want) {
			t.Errorf("told at %v, want %v", e.toldAt, want)
		}
	})
}

// Whoever does not read holds up nobody, and is not left in the dark.
func TestWhoDoesNotTakeSignalsIsClosed(t *testing.T) {
	inBubble(t, func(n *node) {
		slow := &ear{stuck: make(chan struct{})}
		n.watchAs(slow, grant(match(root), match("/chat/")), match(root), match("/chat/"))
		quick := n.watch(grant(match(root)), match(root))
		n.log.said(hall, "hello") // which the slow one is held up with
		n.settle()
		for i := range 20_000 {
			n.change("a", strconv.Itoa(i), true)
			if i%1000 == 0 {
				synctest.Wait()
			}
		}
		synctest.Wait()
		if len(quick.told) != 20_000 {
			t.Errorf("the quick one was told %d", len(quick.told))
		}
		close(slow.stuck)
		if got, _ := n.ended(slow); got != (delivery.Closing{Reason: delivery.Slow, Advice: delivery.Resume}) || len(slow.told) > 0 {
			t.Errorf("the slow one ends with %v, told %d", got, len(slow.told))
		}
	})
}

func TestNothingIsToldWhileTheNodeCannotSeeTheLog(t *testing.T) {
	inBubble(t, func(n *node) {
		e := n.watch(grant(match(root)), match(root))
		n.log.set(func() { n.log.frozen = make(chan struct{}) })
		time.Sleep(3 * time.Second)
		n.change("a", "s1", true)
		n.expectTold(e)
		n.log.set(func() {
			close(n.log.frozen)
			n.log.frozen = nil
		})
		n.settle()
		n.expectTold(e, "+exact/a/s1")
	})
}

func TestASignalWaitsForTheLogOfItsSender(t *testing.T) {
	inBubble(t, func(n *node) {
		e := n.watch(grant(match(root)), match(root))
		signal := func(upto sequence.Position, text string) {
			n.tail.SignalForTest(&delivery.Signal{Upto: upto, Dialect: hub.Modern, Subscription: hub.Subscription{Type: hub.Exact, Text: text, Subscriber: "s", Active: true}})
		}
		at := n.log.said(hall, "hello").Position
		n.settle()
		signal(at, "reached")
		signal(at+1, "ahead")
		n.expectTold(e, "+exact/reached/s")
		n.log.said(hall, "next")
		n.settle()
		n.expectTold(e, "+exact/reached/s", "+exact/ahead/s")
		signal(at+2, "late")
		time.Sleep(2 * time.Second)
		n.log.said(hall, "much later")
		n.settle()
		n.expectTold(e, "+exact/reached/s", "+exact/ahead/s")
	})
}

// Mercure: E1.
func TestWhatIsToldIsWrittenOnce(t *testing.T) {
	written := 0
	encode := func(in hub.Dialect, s hub.Subscription) ([]byte, error) {
		written++
		return fmt.Appendf(nil, "%d %s", in, s.Text), nil
	}
	s := &delivery.Signal{Dialect: hub.Modern, Subscription: hub.Subscription{Text: "a"}}
	for range 3 {
		if data, err := s.Data(encode); err != nil || string(data) != "2 a" {
			t.Errorf("%q, %v", data, err)
		}
	}
	if written != 1 {
		t.Errorf("written %d times", written)
	}
}

func TestNothingOfAWatcherIsLeft(t *testing.T) {
	inBubble(t, func(n *node) {
		e := &ear{}
		q := delivery.FollowQuery{Grant: grant(match(root)), Until: time.Now().Add(time.Minute)}
		q.What.Match(match(root))
		n.listenTo(e, q)
		if got := n.tail.Watchers(); got != 1 {
			t.Errorf("%d watchers", got)
		}
		n.watch(grant(match(root)), match("/books/"))
		n.watch(grant(match("/books/")), match(root))
		if got := n.tail.Watchers(); got != 1 {
			t.Errorf("%d watchers, of whom only one can hear anything", got)
		}
		if _, err := n.ended(e); err != nil {
			t.Error(err)
		}
		if got := n.tail.Watchers(); got != 0 {
			t.Errorf("%d watchers are left", got)
		}
	})
}
