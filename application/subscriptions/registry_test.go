package subscriptions_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/application/port"
	"parley/application/subscriptions"
	"parley/domain/hub"
)

// every is how often nodes tell each other here, and within how long they
// promise to know.
const (
	every  = 3 * time.Second
	within = 30 * time.Second
)

// place is a node: a registry and what it has told.
type place struct {
	*subscriptions.Registry

	t    *testing.T
	stop func() // as a process is killed

	mu   sync.Mutex
	told []string
	list map[string]bool // what is active, by what was told
}

func open(t *testing.T, name string, store port.Subscribers) *place {
	t.Helper()
	p := &place{t: t, list: make(map[string]bool)}
	count := 0
	p.Registry = subscriptions.New(subscriptions.Settings{
		Node:    name,
		NewID:   func() string { count++; return name + "-" + strconv.Itoa(count) },
		Tell:    p.hear,
		Trouble: func(error) {},
		Now:     time.Now,
		Store:   store,
		Every:   every,
	})
	ctx, cancel := context.WithCancel(t.Context())
	p.stop = cancel
	go p.Run(ctx)
	t.Cleanup(cancel)
	return p
}

// hear refuses what is told twice.
func (p *place) hear(s hub.Subscription, in hub.Dialect) {
	p.mu.Lock()
	defer p.mu.Unlock()
	topic := strings.TrimPrefix(s.Topic(in), hub.SubscriptionsPath)
	sign := map[bool]string{true: "+", false: "-"}[s.Active]
	p.told = append(p.told, sign+topic)
	if p.list[topic] == s.Active {
		p.t.Errorf("told twice: %s%s", sign, topic)
	}
	if p.list[topic] = s.Active; !s.Active {
		delete(p.list, topic)
	}
}

func (p *place) takeTold() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	told := p.told
	p.told = nil
	return told
}

// lists is what the node lists, after comparing it with what it has told.
func (p *place) lists() string {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	for _, s := range p.List(subscriptions.Filter{}, "").Items {
		topic := strings.TrimPrefix(s.Topic(hub.Modern), hub.SubscriptionsPath)
		all = append(all, topic)
		if !p.list[topic] || !s.Active {
			p.t.Errorf("%s is listed, and was not told of", topic)
		}
	}
	modern := 0
	for topic := range p.list {
		if strings.Count(topic, "/") == 3 {
			modern++
		}
	}
	if modern != len(all) {
		p.t.Errorf("%d are listed, and %d were told of: %v, %v", len(all), modern, all, p.list)
	}
	return strings.Join(all, " ")
}

func (p *place) listen(texts ...string) (leave func()) {
	p.t.Helper()
	var matchers []hub.Matcher
	for _, text := range texts {
		matchers = append(matchers, hub.MatchExact(text))
	}
	leave, err := p.Open(matchers, hub.Grant{})
	if err != nil {
		p.t.Fatal(err)
	}
	return leave
}

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// Mercure: N1, N5.
func TestANodeKnowsItsOwnAtEveryMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := open(t, "one", nil)
		leave := p.listen("a", "b", "a")
		other := p.listen("a")
		want(t, "told", fmt.Sprint(p.takeTold()), "[+/exact/a/one-1 +/a/one-1 +/exact/b/one-1 +/b/one-1 +/exact/a/one-2 +/a/one-2]")
		want(t, "listed", p.lists(), "/exact/a/one-1 /exact/b/one-1 /exact/a/one-2")
		leave()
		want(t, "told", fmt.Sprint(p.takeTold()), "[-/exact/a/one-1 -/a/one-1 -/exact/b/one-1 -/b/one-1]")
		want(t, "listed", p.lists(), "/exact/a/one-2")
		other()
		want(t, "listed", p.lists(), "")
	})
}

func TestWhatOneDialectCallsTheSameItIsToldOnce(t *testing.T) {
	p := open(t, "one", nil)
	leave, err := p.Open([]hub.Matcher{hub.MatchExact("a"), hub.Matching(hub.URLPattern, "a", nothing{})}, hub.Grant{})
	if err != nil {
		t.Fatal(err)
	}
	leave()
	want(t, "told", fmt.Sprint(p.takeTold()), "[+/exact/a/one-1 +/a/one-1 +/urlpattern/a/one-1 -/exact/a/one-1 -/a/one-1 -/urlpattern/a/one-1]")
}

type nothing struct{}

func (nothing) Match(string) bool { return false }

func TestTheOtherNodesKnowSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		one, other := open(t, "one", store), open(t, "other", store)
		leave := one.listen("a")
		leaveB := other.listen("b")
		time.Sleep(within)
		for _, p := range []*place{one, other} {
			want(t, "listed", p.lists(), "/exact/a/one-1 /exact/b/other-1")
		}
		leave()
		one.listen("c")
		leaveB()
		time.Sleep(within)
		for _, p := range []*place{one, other} {
			want(t, "listed", p.lists(), "/exact/c/one-2")
		}
		third := open(t, "third", store)
		time.Sleep(within)
		want(t, "listed", third.lists(), "/exact/c/one-2")
		want(t, "told", fmt.Sprint(third.takeTold()), "[+/exact/c/one-2 +/c/one-2]")
	})
}

func TestAStreamThatWasShortIsToldOfOnTheOthersToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		one, other := open(t, "one", store), open(t, "other", store)
		one.listen("a")
		time.Sleep(within)
		other.takeTold()
		one.listen("b")()
		time.Sleep(within)
		want(t, "told", fmt.Sprint(other.takeTold()), "[+/exact/b/one-2 +/b/one-2 -/exact/b/one-2 -/b/one-2]")
	})
}

func TestAllOfADeadNodeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		way := &line{Subscribers: store}
		one, other := open(t, "one", way), open(t, "other", store)
		one.listen("a")
		one.listen("b")
		other.listen("c")
		time.Sleep(within)
		way.breaks(func() trouble { return lost })
		one.stop()
		time.Sleep(within)
		want(t, "listed", other.lists(), "/exact/c/other-1")
		third := open(t, "third", store)
		time.Sleep(within)
		want(t, "listed", third.lists(), "/exact/c/other-1")
		want(t, "told", fmt.Sprint(third.takeTold()), "[+/exact/c/other-1 +/c/other-1]")
	})
}

// What the last process has left behind is not taken for alive, not even for a
// moment.
func TestWhatADeadNodeLeftIsNoNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		if _, err := store.Report(t.Context(), port.Report{Node: "dead", Version: 3, Whole: true, Streams: []port.Listening{{Subscriber: "d"}}}); err != nil {
			t.Fatal(err)
		}
		one := open(t, "one", store)
		time.Sleep(within)
		want(t, "told", fmt.Sprint(one.takeTold()), "[]")
		if left, _ := store.Others(t.Context(), "", nil); len(left) != 0 {
			t.Errorf("%v is still kept", left)
		}
	})
}

func TestANodeThatEndsIsGoneAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		one, other := open(t, "one", store), open(t, "other", store)
		one.listen("a")
		time.Sleep(within)
		one.stop()
		time.Sleep(2 * every)
		want(t, "listed", other.lists(), "")
	})
}

// Nobody is taken for dead while it is the store that cannot be asked.
func TestAStoreThatIsAwayEndsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		ways := []*line{{Subscribers: store}, {Subscribers: store}}
		one, other := open(t, "one", ways[0]), open(t, "other", ways[1])
		one.listen("a")
		other.listen("b")
		time.Sleep(within)
		for _, p := range []*place{one, other} {
			p.takeTold()
		}
		for _, way := range ways {
			way.breaks(func() trouble { return lost })
		}
		time.Sleep(10 * time.Minute)
		for _, way := range ways {
			way.breaks(nil)
		}
		time.Sleep(within)
		for _, p := range []*place{one, other} {
			want(t, "told", fmt.Sprint(p.takeTold()), "[]")
			want(t, "listed", p.lists(), "/exact/a/one-1 /exact/b/other-1")
		}
	})
}

// A node whose way to the store is broken comes back with all it has.
func TestANodeThatWasCutOffIsThereAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		way := &line{Subscribers: store}
		one, other := open(t, "one", way), open(t, "other", store)
		leave := one.listen("a")
		one.listen("b")
		time.Sleep(within)
		way.breaks(func() trouble { return lost })
		time.Sleep(within)
		want(t, "listed", other.lists(), "")
		leave()
		one.listen("c")
		way.breaks(nil)
		time.Sleep(within)
		want(t, "listed", other.lists(), "/exact/b/one-2 /exact/c/one-3")
	})
}

func TestANodeWithoutStreamsWritesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		one := open(t, "one", store)
		time.Sleep(time.Hour)
		if n := store.reports(); n != 0 {
			t.Errorf("%d reports of nothing", n)
		}
		one.listen("a")()
		time.Sleep(time.Hour)
		one.listen("a")()
		time.Sleep(time.Hour)
		if n := store.reports(); n > 20 {
			t.Errorf("%d reports of two short streams", n)
		}
		if left, _ := store.Others(t.Context(), "", nil); len(left) != 0 {
			t.Errorf("%v is still kept", left)
		}
	})
}

func TestWhatANodeTellsOfIsBounded(t *testing.T) {
	p := open(t, "one", nil)
	var leave []func()
	long := strings.Repeat("x", 1<<20)
	for {
		l, err := p.Open([]hub.Matcher{hub.MatchExact(long)}, hub.Grant{})
		if err != nil {
			break
		}
		leave = append(leave, l)
	}
	if len(leave) != subscriptions.MostBytes>>20-1 {
		t.Errorf("%d streams of 1 MiB", len(leave))
	}
	leave[0]()
	p.listen(long)
	if page := p.List(subscriptions.Filter{}, ""); len(page.Items) > 2 || page.Next == "" {
		t.Errorf("a page of %d MiB, going on after %q", len(page.Items), page.Next)
	}
}

func TestAListHasPages(t *testing.T) {
	p := open(t, "one", nil)
	for i := range 2500 {
		p.listen("a", strconv.Itoa(i%2))
	}
	text := "1"
	for _, c := range []struct {
		of   subscriptions.Filter
		want int
	}{{subscriptions.Filter{}, 5000}, {subscriptions.Filter{Type: hub.Exact, Text: &text}, 1250}, {subscriptions.Filter{Type: hub.URLPattern, Text: &text}, 0}, {subscriptions.Filter{Only: "one-17"}, 2}} {
		seen := make(map[string]bool)
		pages := 0
		for after, more := "", true; more; pages++ {
			page := p.List(c.of, after)
			if len(page.Items) > 1001 {
				t.Errorf("a page of %d", len(page.Items))
			}
			for _, s := range page.Items {
				seen[s.Topic(hub.Modern)] = true
			}
			after, more = page.Next, page.Next != ""
		}
		if len(seen) != c.want || pages < c.want/1000 {
			t.Errorf("%d subscriptions on %d pages, want %d", len(seen), pages, c.want)
		}
	}
	if !slices.IsSortedFunc(p.List(subscriptions.Filter{}, "").Items, func(a, b hub.Subscription) int { return strings.Compare(a.Subscriber, b.Subscriber) }) {
		t.Error("a page is in no order")
	}
}
