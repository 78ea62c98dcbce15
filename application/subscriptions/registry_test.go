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
	leave, err := p.Open("", matchers, hub.Grant{})
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
	leave, err := p.Open("", []hub.Matcher{hub.MatchExact("a"), hub.Matching(hub.URLPattern, "a", nothing{})}, hub.Grant{})
	if err != nil {
		t.Fatal(err)
	}
	leave()
	want(t, "told", fmt.Sprint(p.takeTold()), "[+/exact/a/one-1 +/a/one-1 +/urlpattern/a/one-1 -/exact/a/one-1 -/a/one-1 -/urlpattern/a/one-1]")
}

type nothing struct{}

func (nothing) Match(string) bool { return false }

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
