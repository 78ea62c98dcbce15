package subscriptions_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/application/port"
	"parley/application/subscriptions"
	"parley/domain/hub"
)

// fills opens streams of somewhat more than so many bytes from an address until
// there is no room for one more.
func (p *place) fills(from string, size int) (leave []func()) {
	p.t.Helper()
	matchers := []hub.Matcher{hub.MatchExact(strings.Repeat("x", size))}
	for {
		l, err := p.Open(from, matchers, hub.Grant{})
		if errors.Is(err, subscriptions.ErrTooMany) {
			return leave
		}
		if err != nil {
			p.t.Fatal(err)
		}
		leave = append(leave, l)
	}
}

// Mercure: B9.
func TestWhatANodeTellsOfIsBounded(t *testing.T) {
	p := open(t, "one", nil)
	streams, most := 0, subscriptions.MostBytes>>20
	for i := range 100 {
		streams += len(p.fills(fmt.Sprint("10.0.0.", i), 1<<20))
	}
	if streams >= most || streams < most*3/4 {
		t.Errorf("%d streams of 1 MiB", streams)
	}
	if page := p.List(subscriptions.Filter{}, ""); len(page.Items) > 2 || page.Next == "" {
		t.Errorf("a page of %d MiB, going on after %q", len(page.Items), page.Next)
	}
}

// Whoever asks for more than anybody else takes no room from them.
//
// Mercure: B9.
func TestNobodyTakesTheRoomOfAllOthers(t *testing.T) {
	p := open(t, "one", nil)
	const size = 100 << 10 // which is what a thousand topics take
	most := subscriptions.MostBytes / size
	var first []func()
	for _, c := range []struct {
		from        string
		least, most int
	}{{"10.0.0.1", most * 2 / 5, most/2 + 1}, {"10.0.0.2", most / 5, most/4 + 1}, {"10.0.0.3", most / 10, most/8 + 1}} {
		leave := p.fills(c.from, size)
		if len(leave) < c.least || len(leave) > c.most {
			t.Errorf("%s has %d streams, want %d to %d", c.from, len(leave), c.least, c.most)
		}
		if first == nil {
			first = leave
		}
	}
	for i := range 1000 {
		if _, err := p.Open(fmt.Sprint("10.1.0.", i), []hub.Matcher{hub.MatchExact("a")}, hub.Grant{}); err != nil {
			t.Fatalf("there is no room for the %dth of the others: %v", i, err)
		}
	}
	for _, leave := range first {
		leave()
	}
	if again := p.fills("10.0.0.1", size); len(again) == 0 {
		t.Error("what has ended still takes room")
	}
}

// weighed notes how many bytes the largest report had.
type weighed struct {
	port.Subscribers

	mu   sync.Mutex
	most int
}

func (w *weighed) Report(ctx context.Context, r port.Report) (bool, error) {
	bytes := 0
	for _, l := range r.Streams {
		for _, s := range l.Subscriptions {
			bytes += len(s.Text)
		}
	}
	w.mu.Lock()
	w.most = max(w.most, bytes)
	w.mu.Unlock()
	return w.Subscribers.Report(ctx, r)
}

func (w *weighed) largest() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.most
}

// Streams may come and go much faster than nodes tell each other of them. What is
// kept to tell is bounded, and the nodes agree all the same.
func TestWhatHasComeAndGoneIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &weighed{Subscribers: newMemory()}
		one, other := open(t, "one", store), open(t, "other", store)
		leave := one.listen("a")
		one.listen("b")
		time.Sleep(within)
		long := strings.Repeat("x", 1<<20)
		for range 24 {
			one.listen(long)()
		}
		leave()
		one.listen("c")
		time.Sleep(within)
		want(t, "listed", other.lists(), "/exact/b/one-2 /exact/c/one-27")
		if most := store.largest(); most > subscriptions.MostBytes {
			t.Errorf("a report of %d MiB", most>>20)
		}
		one.listen(long)()
		other.takeTold()
		time.Sleep(within)
		if told := other.takeTold(); len(told) != 4 {
			t.Errorf("told %d times of a stream that has begun and ended", len(told))
		}
	})
}
