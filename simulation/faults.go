package simulation

import (
	"time"

	"parley/domain/sequence"
)

// befall lets something go wrong. The lock is held.
func (w *world) befall() {
	a := w.driver
	w.count[wasBefallen]++
	switch lot := a.random.IntN(20); {
	case lot < 12:
		w.befallNode(a.random.IntN(len(w.nodes)), lot)
	case lot < 14:
		w.fault("a stranger holds the lock", w.holdLock)
	case lot < 15:
		w.restore()
	case lot < 17:
		w.mood = pick(a, moods)
		w.note(a, "the bus is otherwise: %+v", w.mood)
	case lot < 18:
		w.skew = a.between(-30*time.Second, 30*time.Second)
		w.note(a, "the store's clock is %s off", w.skew)
	case lot < 19:
		w.note(a, "all lines are cut")
		for _, p := range w.people {
			if p.line != nil {
				p.line.hangUp(0)
			}
		}
	default:
		for number := range w.nodes {
			w.deliver(a, number, sequence.Position(a.random.Int64N(2*int64(len(w.history.records)))), 0)
		}
	}
}

// fault runs what goes wrong for a while. The lock is held.
func (w *world) fault(what string, do func(*actor)) {
	b := w.actor("%s", what)
	w.note(b, "begins")
	w.faults.Go(func() {
		do(b)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.note(b, "ends")
	})
}

// span is how long something goes wrong: rarely for so long that a node has to
// send everybody away.
func span(a *actor) time.Duration {
	if a.chance(12) {
		return a.between(8*time.Second, 12*time.Second)
	}
	return a.between(10*ms, 2500*ms)
}

// befallNode lets something befall a node, unless something has already.
func (w *world) befallNode(number, lot int) {
	if w.trouble[number] {
		return
	}
	w.trouble[number] = true
	n := w.nodes[number]
	done := func(a *actor) {
		a.rest(ms)
		w.mu.Lock()
		w.trouble[number] = false
		w.mu.Unlock()
	}
	switch {
	case lot < 3:
		w.count[wasCrashed]++
		w.fault("crash of "+n.name, func(a *actor) {
			a.rest(grain)
			n.crash()
			a.rest(span(a))
			w.relaunch(a, number)
			done(a)
		})
	case lot < 5:
		w.fault("restart of "+n.name, func(a *actor) {
			n.leave(a)
			a.rest(a.between(0, time.Second))
			w.relaunch(a, number)
			done(a)
		})
	case lot < 7:
		w.fault("failing of the database for "+n.name, func(a *actor) { n.suffer(a, func() { n.link = failing }); done(a) })
	case lot < 9:
		w.fault("hanging of the database for "+n.name, func(a *actor) { n.suffer(a, func() { n.link = hanging }); done(a) })
	default:
		w.fault("stop of "+n.name, func(a *actor) { n.suffer(a, func() { n.stopped = true }); done(a) })
	}
}

func (w *world) relaunch(a *actor, number int) {
	w.mu.Lock()
	w.turns++
	turn := w.turns
	w.mu.Unlock()
	n := w.launch(number, turn)
	w.mu.Lock()
	w.nodes[number] = n
	w.mu.Unlock()
	a.rest(grain)
}

// suffer lets something be so for a while.
func (n *node) suffer(a *actor, so func()) {
	a.rest(grain)
	n.w.mu.Lock()
	so()
	n.change()
	n.w.mu.Unlock()
	a.rest(span(a))
	n.w.mu.Lock()
	defer n.w.mu.Unlock()
	if n.stopped {
		n.resumed = time.Now()
	}
	n.link, n.stopped = well, false
	n.change()
}

// holdLock holds the log's lock for a while.
func (w *world) holdLock(a *actor) {
	w.lock <- struct{}{}
	a.rest(a.between(10*ms, 3*time.Second))
	<-w.lock
}

// restore makes of the log what it was a while ago.
func (w *world) restore() {
	all := len(w.history.records)
	kept := max(w.founding, all-w.driver.random.IntN(1+w.driver.random.IntN(60)))
	w.count[wasRestored]++
	w.note(w.driver, "the log is restored from %d to %d records", all, kept)
	w.history, w.restored = w.history.upto(kept), time.Now()
}
