package subscriptions_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/application/port"
)

// Whatever goes wrong with whichever report: once all is well again, all nodes
// list the same, and each has told just what it lists.
func TestAllNodesAgreeAfterAnyTrouble(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { storm(t, seed) })
		})
	}
}

func storm(t *testing.T, seed uint64) {
	t.Helper()
	var mu sync.Mutex
	lots := rand.New(rand.NewPCG(seed, 7))
	draw := func(n int) int {
		mu.Lock()
		defer mu.Unlock()
		return lots.IntN(n)
	}
	store := newMemory()
	var ways []*line
	var nodes []*place
	for i := range 3 {
		way := &line{Subscribers: store}
		way.breaks(func() trouble { return []trouble{fine, fine, fine, fine, lost, mute}[draw(6)] })
		ways, nodes = append(ways, way), append(nodes, open(t, fmt.Sprint("node", i), way))
	}
	var leave []func()
	for range 400 {
		switch what := draw(10); {
		case what < 4:
			leave = append(leave, nodes[draw(3)].listen("a", fmt.Sprint(draw(5))))
		case what < 7 && len(leave) > 0:
			i := draw(len(leave))
			leave[i]()
			leave = append(leave[:i], leave[i+1:]...)
		case what == 7 && draw(8) == 0:
			time.Sleep(time.Duration(draw(60)) * time.Second)
		default:
			time.Sleep(time.Duration(draw(3000)) * time.Millisecond)
		}
	}
	for _, way := range ways {
		way.breaks(nil)
	}
	time.Sleep(within)
	first := nodes[0].lists()
	for _, p := range nodes[1:] {
		want(t, "listed", p.lists(), first)
	}
	for _, stop := range leave {
		stop()
	}
	time.Sleep(within)
	for _, p := range nodes {
		want(t, "listed in the end", p.lists(), "")
	}
}

var _ port.Subscribers = (*line)(nil)
