package subscriptions_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"parley/application/port"
)

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
