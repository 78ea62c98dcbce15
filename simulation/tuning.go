package simulation

import "time"

// spread is how long something takes: something between the two, and now and then
// much longer.
type spread struct {
	least, most time.Duration
	slow        time.Duration // at most, in one of 50 cases
}

func (s spread) draw(a *actor) time.Duration {
	if s.slow > 0 && a.chance(50) {
		return a.between(s.most, s.slow)
	}
	return a.between(s.least, s.most)
}

// tuning is how a world is made. Each seed makes another one.
type tuning struct {
	read, begin, commit, bus spread
	poll                     time.Duration
	maxAge                   time.Duration
	memory, pages            int
	nodes, people, rooms     int
	queue, batch             int
	conflicts, unknown       int // in one of how many transactions
	pauses                   int // how long the driver waits: the higher, the less goes on at once
}

const ms = time.Millisecond

func tune(a *actor) tuning {
	return tuning{
		read:   spread{ms / 10, pick(a, []time.Duration{ms, 5 * ms, 40 * ms}), 400 * ms},
		begin:  spread{ms / 10, pick(a, []time.Duration{ms, 3 * ms}), 300 * ms},
		commit: spread{ms / 5, pick(a, []time.Duration{2 * ms, 10 * ms, 50 * ms}), 800 * ms},
		bus:    spread{ms / 10, pick(a, []time.Duration{ms, 20 * ms}), 500 * ms},
		poll:   pick(a, []time.Duration{100 * ms, 250 * ms, 500 * ms}),
		maxAge: pick(a, []time.Duration{0, 0, 20 * time.Second}),
		memory: pick(a, []int{3000, 20_000, 1 << 20}), pages: pick(a, []int{5000, 1 << 20}),
		nodes: 2 + a.random.IntN(2), people: 3 + a.random.IntN(3), rooms: 2 + a.random.IntN(2),
		queue: pick(a, []int{4, 30, 4096}), batch: pick(a, []int{1, 4, 0}),
		conflicts: pick(a, []int{10, 100}), unknown: pick(a, []int{20, 200}),
		pauses: pick(a, []int{1, 3, 6}),
	}
}

// gap is how long the driver waits before it does the next thing.
func (w *world) gap() time.Duration {
	a := w.driver
	switch lot := a.random.IntN(100); {
	case lot < 70:
		return a.between(grain, 3*ms)
	case lot < 100-9*w.tuning.pauses:
		return a.between(5*ms, 50*ms)
	case lot < 100-w.tuning.pauses:
		return a.between(50*ms, 500*ms)
	default:
		return a.between(500*ms, 3*time.Second)
	}
}
