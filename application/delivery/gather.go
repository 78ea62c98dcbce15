package delivery

import (
	"slices"

	"parley/domain/sequence"
)

// state says what is left for a reader after a batch.
type state int

const (
	done  state = iota // nothing
	held               // nothing may be handed out now
	more               // there is more in memory
	older              // what comes next is older than memory
)

// gather takes the next batch for the reader from memory, as its rights are at
// this moment, and moves its place on.
func (r *reader) gather() ([]Delivered, state) {
	if r.guest != nil {
		return r.gatherAlone()
	}
	t := r.tail
	t.mu.Lock()
	defer t.mu.Unlock()
	events, upto, state := r.next()
	if state != more {
		return nil, state
	}
	batch := r.judge(events, nil)
	return batch, r.passOn(upto)
}

// gatherAlone is gather for a reader without a user. What it may hear never changes,
// so it is found out without the lock: patterns may take their time.
func (r *reader) gatherAlone() (batch []Delivered, left state) {
	t := r.tail
	t.mu.Lock()
	events, upto, left := r.next()
	t.mu.Unlock()
	if left != more {
		return nil, left
	}
	batch = r.judge(events, nil)
	t.mu.Lock()
	defer t.mu.Unlock()
	if !r.mayHand() {
		return nil, held
	}
	return batch, r.passOn(upto)
}

// next returns what the reader is to be asked about next, up to a place; any other
// state than more says that there is nothing in memory, and why. The lock is held.
func (r *reader) next() (events []*Event, upto sequence.Place, left state) {
	t := r.tail
	switch {
	case !r.mayHand():
		return nil, upto, held
	case r.behind:
		return nil, upto, older
	case len(r.dirty) == 0:
		r.moveTo(t.memory.end)
		return nil, upto, done
	case r.pending <= t.memory.floor.Position:
		r.behind = true
		return nil, upto, older
	}
	events, cut := r.recent()
	upto = t.memory.end
	if cut {
		upto = events[len(events)-1].Entry.Place
	}
	return events, upto, more
}

// passOn moves the reader on to a place, and says whether there may be more behind
// it. The lock is held.
func (r *reader) passOn(upto sequence.Place) state {
	r.moveTo(upto)
	if upto.Position < r.tail.memory.end.Position {
		r.pending = upto.Position.Next()
		return more
	}
	clear(r.dirty)
	return done
}

// recent returns what memory has for the reader behind its place, in order and no
// more than a batch; cut says that it has more. The lock is held.
func (r *reader) recent() (events []*Event, cut bool) {
	for part := range r.dirty {
		if part.kind != ofAll && r.dirty[wholeLog()] {
			continue
		}
		held := r.tail.memory.strand(part, max(r.place.Position, r.pending-1))
		if len(held) > batchLimit {
			held, cut = held[:batchLimit], true
		}
		events = append(events, held...)
	}
	if len(r.dirty) > 1 {
		slices.SortFunc(events, byPosition)
	}
	fits := fit(events)
	return events[:fits], cut || fits < len(events)
}

// fit is how many of the events go into one batch: at least one.
func fit(events []*Event) int {
	return fitting(events[:min(len(events), batchLimit)], batchBytes, weight)
}

// fitting is how many of the events come to no more bytes than limit together: at
// least one.
func fitting(events []*Event, limit int, bytes func(*Event) int) int {
	sum := 0
	for i, e := range events {
		if sum += bytes(e); sum > limit && i > 0 {
			return i
		}
	}
	return len(events)
}

// judge keeps of the events those that the reader may be handed now. own has the
// positions of those known to be for it. The lock is held, for a reader with a user.
func (r *reader) judge(events []*Event, own map[sequence.Position]bool) []Delivered {
	batch := make([]Delivered, 0, len(events))
	for _, e := range events {
		if topic, ok := r.hears(e, own[e.Entry.Place.Position]); ok {
			batch = append(batch, Delivered{topic, e})
		}
	}
	return batch
}

// moveTo sets the reader's place. The lock is held.
func (r *reader) moveTo(p sequence.Place) {
	r.place = p
	r.rights.passed(p.Position)
}

func byPosition(a, b *Event) int {
	return int(a.Entry.Place.Position - b.Entry.Place.Position)
}
