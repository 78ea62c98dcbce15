package simulation

import (
	"time"

	"parley/domain/sequence"
)

// mood is how the bus is: what happens to one ring in so many.
type mood struct{ lost, doubled, late, lie int }

var moods = []mood{
	{lost: 50, doubled: 50, late: 50, lie: 1000},
	{lost: 2, doubled: 10, late: 3, lie: 200},
	{lost: 1}, // nothing gets through
	{lost: 1000, doubled: 2, late: 2, lie: 5},
}

// ring carries the news of a commit to every node, or does not.
func (w *world) ring(a *actor, upto sequence.Position) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for number := range w.nodes {
		if w.healing && !w.Plant.Believed {
			w.deliver(a, number, upto, 0)
			continue
		}
		if oneIn(a, w.mood.lost) {
			continue
		}
		told, delay := upto, time.Duration(0)
		if oneIn(a, w.mood.lie) {
			told = sequence.Position(a.random.Int64N(int64(2*upto + 2)))
		}
		if oneIn(a, w.mood.late) {
			delay = a.between(0, 2*time.Second)
		}
		w.deliver(a, number, told, delay)
		if oneIn(a, w.mood.doubled) {
			w.deliver(a, number, told, a.between(0, time.Second))
		}
	}
}

func oneIn(a *actor, n int) bool { return n > 0 && a.chance(n) }

// deliver rings one node a little later. The lock is held.
func (w *world) deliver(a *actor, number int, upto sequence.Position, delay time.Duration) {
	w.slots++
	on := actor{slot: time.Duration(w.slots % slots)}
	time.AfterFunc(on.until(delay+w.tuning.bus.draw(a)), func() {
		w.mu.Lock()
		n := w.nodes[number]
		n.rung = max(n.rung, upto)
		w.mu.Unlock()
		if !n.isDead() {
			n.tail.Ring(upto)
		}
	})
}
