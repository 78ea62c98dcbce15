package simulation

import (
	"fmt"
	"slices"

	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/room"
)

// step does one thing, whatever the lot says.
func (w *world) step() {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := w.driver
	p := pick(a, w.people)
	switch lot := a.random.IntN(1000); {
	case lot < 420:
		for range 1 + a.random.IntN(1+a.random.IntN(6)) {
			w.someoneSays(pick(a, w.people))
		}
	case lot < 560:
		w.someoneRevises(p)
	case lot < 660:
		w.someoneMoves()
	case lot < 680:
		w.someoneSignsOut(p)
	case lot < 690:
		w.someoneOpens(p)
	case lot < 705:
		w.someonePublishes(p)
	case lot < 840:
		if p.line == nil {
			w.listen(p, pick(a, w.nodes), a.chance(4))
		}
	case lot < 955:
		if p.line != nil {
			w.note(a, "cuts the line of %s", p.name)
			p.line.hangUp(0)
			l := p.line
			p.line = nil
			p.forget(l, a)
		}
	default:
		w.befall()
	}
}

// talk runs what somebody asks for. The lock is held.
func (w *world) talk(what string, p *person, do func(*actor)) {
	b := w.actor("%s %s %d", p.name, what, w.slots)
	w.note(b, "begins")
	w.talking.Go(func() {
		b.rest(b.between(grain, ms))
		do(b)
	})
}

func (w *world) someoneSays(p *person) {
	a := w.driver
	in := pick(a, w.roomIDs())
	for range 3 { // mostly where they are
		if _, there := w.history.rooms[in].people[p.id]; there {
			break
		}
		in = pick(a, w.roomIDs())
	}
	u := w.utter(a, p, in)
	w.talk(fmt.Sprintf("says %q", u.text), p, func(a *actor) { w.say(a, u) })
}

// roomIDs are those of all rooms, in order.
func (w *world) roomIDs() []room.ID {
	ids := make([]room.ID, 0, len(w.history.rooms))
	for id := range w.history.rooms {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b room.ID) int { return int(a.Int64() - b.Int64()) })
	return ids
}

func (w *world) someoneRevises(p *person) {
	a := w.driver
	if w.history.lastID == 0 {
		return
	}
	id, err := message.IDFrom(max(1, w.history.lastID-a.random.Int64N(30)))
	s := w.history.messages[id]
	if err != nil || s == nil {
		return
	}
	for _, author := range w.people {
		if author.id == s.now.Author.ID {
			p = author
		}
	}
	if a.chance(2) {
		w.keys++
		text := fmt.Sprintf("other word %d", w.keys)
		w.talk(fmt.Sprintf("edits %s to %q", id, text), p, func(a *actor) { w.revise(a, p, id, text) })
		return
	}
	w.talk(fmt.Sprintf("deletes %s", id), p, func(a *actor) { w.revise(a, p, id, "") })
}

// someoneMoves takes somebody out of a room, or puts them in.
func (w *world) someoneMoves() {
	a := w.driver
	in := w.history.rooms[pick(a, w.roomIDs())]
	whom := pick(a, w.people)
	_, there := in.people[whom.id]
	for _, p := range w.people {
		if in.people[p.id].role == room.Admin && (p != whom || a.chance(4)) {
			w.talk(fmt.Sprintf("moves %s, who is in room %s: %t", whom.name, in.id, there), p, func(a *actor) {
				w.move(a, p, in.id, whom.id, there)
			})
			return
		}
	}
}

func (w *world) someoneSignsOut(p *person) {
	if p.leaving {
		return
	}
	p.leaving = true
	w.talk("signs out", p, func(a *actor) { w.signOutAndIn(a, p) })
}

func (w *world) someoneOpens(p *person) {
	if len(w.history.rooms) > 5 {
		return
	}
	var others []identity.UserID
	for _, other := range w.people {
		if other != p && w.driver.chance(2) {
			others = append(others, other.id)
		}
	}
	w.talk("opens a room", p, func(a *actor) { w.found(a, p, others) })
}
