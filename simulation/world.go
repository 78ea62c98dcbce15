package simulation

import (
	"context"
	"fmt"
	"time"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

func newWorld(s Settings) *world {
	w := &world{
		Settings: s, lock: make(chan struct{}, 1), history: newHistory(),
		sessions: make(map[identity.SessionID]identity.UserID), everEnded: make(map[identity.SessionID]bool),
		sends: make(map[message.Name]*utterance), trouble: make(map[int]bool), count: make(Count), mood: moods[0],
	}
	w.ctx, w.stop = context.WithCancel(context.Background())
	w.driver = w.actor("driver")
	w.tuning = tune(w.driver)
	return w
}

// begin makes the people, the rooms and the nodes.
func (w *world) begin() {
	w.mu.Lock()
	w.lay(record{entry: port.Entry{Kind: port.Genesis}})
	var everybody []identity.UserID
	for n := range w.tuning.people {
		id, err := identity.UserIDFrom(int64(n + 1))
		if err != nil {
			panic(err) // the number is positive
		}
		w.people = append(w.people, &person{id: id, name: fmt.Sprint("person ", id), session: w.newSession(id)})
		everybody = append(everybody, id)
	}
	for n := range w.tuning.rooms {
		id, err := room.IDFrom(int64(n + 1))
		if err != nil {
			panic(err) // the number is positive
		}
		w.lay(record{kind: policy.Group, entry: port.Entry{Kind: port.RoomCreated, Room: id, Actor: everybody[0], People: everybody[:len(everybody)-n]}})
	}
	w.founding = len(w.history.records)
	w.mu.Unlock()
	for n := range w.tuning.nodes {
		node := w.launch(n, 0)
		w.mu.Lock()
		w.nodes = append(w.nodes, node)
		w.mu.Unlock()
		w.driver.rest(ms)
	}
}

// lay adds a record that was there before everything.
func (w *world) lay(r record) {
	w.marks++
	r.entry.At = time.Now()
	r.at = r.entry.At
	r.entry.Place = sequence.Place{
		Position: sequence.Position(len(w.history.records)), Mark: sequence.Mark(mix(w.Seed, uint64(w.marks))),
	}
	w.history.add(&r)
}

// heal mends everything, and waits until everybody who asks has an answer.
func (w *world) heal() {
	w.faults.Wait()
	w.driver.rest(ms)
	w.mu.Lock()
	w.healing = true
	w.mu.Unlock()
	w.talking.Wait()
	w.driver.rest(ms)
}

// patience is how long it may take until everybody has heard everything, once
// nothing is in the way any more.
const patience = 10 * time.Second

// judgeEnd lets everybody come, and judges what they have heard in the end.
func (w *world) judgeEnd() {
	for begun := time.Now(); ; w.driver.rest(200 * ms) {
		w.mu.Lock()
		through := w.everybodyHears()
		late := time.Since(begun) > patience
		if through || late {
			w.complain(through)
			w.judgeLog()
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
	}
}

// everybodyHears opens a line to everybody who has none, and reports whether all
// have heard all. The lock is held.
func (w *world) everybodyHears() bool {
	all := true
	for _, p := range w.people {
		if p.line == nil || p.line.poll || p.line.pace.most > 5*ms || p.line.cut > 0 {
			if p.line != nil {
				p.line.hangUp(0)
			}
			w.listen(p, pick(w.driver, w.nodes), false)
		}
		all = all && p.line.isThrough()
	}
	return all
}

// complain says what did not come to be in the end. The lock is held.
func (w *world) complain(through bool) {
	for _, p := range w.people {
		if !through && !p.line.isThrough() {
			w.breaks(Lost, "%s has not heard everything after %s: at %v of %v", p.line.a.name, patience, p.line.place, w.history.head())
		}
		if _, ended := w.history.ended[p.line.caller.Session]; ended && p.line.opened {
			w.breaks(Ended, "%s is open still", p.line.a.name)
		}
	}
}

// judgeLog judges what has become of everything that was said. The lock is held.
func (w *world) judgeLog() {
	ends, times := make(map[room.ID]sequence.Number), make(map[room.ID]time.Time)
	asked := make(map[room.ID]time.Time)
	names := make(map[message.Name]message.ID)
	for _, r := range w.history.records {
		m := r.entry.Message
		if r.entry.Kind != port.MessageCreated {
			continue
		}
		if m.Sequence != ends[m.Room].Next() || !m.CreatedAt.After(times[m.Room]) {
			w.breaks(Numbers, "message %s of room %s is number %d after %d", m.ID, m.Room, m.Sequence, ends[m.Room])
		}
		ends[m.Room], times[m.Room] = m.Sequence, m.CreatedAt
		name := message.Name{Author: m.Author.ID, Key: m.Key}
		if other, twice := names[name]; twice {
			w.breaks(Once, "messages %s and %s have one key", other, m.ID)
		}
		names[name] = m.ID
		u := w.sends[name]
		if u.taken == r && u.answered.Before(asked[m.Room]) {
			w.breaks(RealTime, "message %s was answered before one was asked for that comes before it", m.ID)
		}
		if u.asked.After(asked[m.Room]) {
			asked[m.Room] = u.asked
		}
	}
}

// end ends everything, and waits for it.
func (w *world) end() {
	w.mu.Lock()
	nodes := w.nodes
	w.mu.Unlock()
	for _, n := range nodes {
		n.leave(w.driver)
	}
	w.stop()
	w.running.Wait()
}
