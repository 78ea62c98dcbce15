package delivery

import (
	"context"
	"slices"

	"parley/domain/sequence"
)

// bytesPerEntry is about how many bytes an entry takes in a round, a few of them
// without anything for the reader.
const bytesPerEntry = 512

// round is what a reader that catches up reads in one go: everything behind its
// place up to upto, of all the parts of the log that have something for it.
type round struct {
	events  []*Event
	size    int                        // of the events, in bytes
	limit   int                        // that it is to have
	own     map[sequence.Position]bool // about its user; or for it, if it has none
	upto    sequence.Place
	applied sequence.Place // where this node was in the log when the round began
	read    asOf           // when it began
}

// round reads the next round.
func (r *reader) round(ctx context.Context) (round, error) {
	parts, after, next := r.ahead()
	if after.Position >= next.upto.Position {
		return next, nil
	}
	if err := r.narrow(ctx, &next, after.Position); err != nil {
		return round{}, err
	}
	window := next.upto.Position
	if err := r.roundAbout(ctx, &next, after.Position); err != nil {
		return round{}, err
	}
	if err := r.roundParts(ctx, &next, after.Position, parts); err != nil {
		return round{}, err
	}
	if err := r.verify(ctx, after, next.applied); err != nil {
		return round{}, err
	}
	next.keep(r.mayHear)
	if r.guest != nil {
		for _, e := range next.events {
			next.own[e.Entry.Place.Position] = true
		}
	}
	r.learn(&next, after.Position, window)
	return next, nil
}

// firstReach is how much of the log the first round of a reader looks at.
func (t *Tail) firstReach() sequence.Position {
	return sequence.Position(max(t.Round/bytesPerEntry, 1))
}

// narrow keeps a round from looking at more of the log than is likely to have as
// much as it is to have: whoever is far behind in many rooms would read a page of
// each otherwise, and let go of most of them.
func (r *reader) narrow(ctx context.Context, next *round, after sequence.Position) error {
	far := after + r.reach
	if next.upto.Position <= far {
		return nil
	}
	entries, err := r.tail.Log.From(ctx, far, 1)
	switch {
	case err != nil:
		return err
	case len(entries) == 0:
		return errAnother
	case entries[0].Place.Position != far:
		return errPruned
	}
	next.upto = entries[0].Place
	return nil
}

// learn takes from a round how far the next one is to look.
func (r *reader) learn(next *round, after, window sequence.Position) {
	switch {
	case next.upto.Position < window:
		r.reach = 2 * (next.upto.Position - after)
	case next.size < r.tail.Round/4:
		r.reach = max(r.reach, 4*(window-after))
	}
}

// take adds a page. The round covers just what all of its pages cover, and has
// twice as many bytes as it is to have at most, and a page besides.
func (n *round) take(p page) {
	if p.upto.Position < n.upto.Position {
		n.upto = p.upto
	}
	for _, e := range p.events {
		if e.Entry.Place.Position <= n.upto.Position {
			n.events = append(n.events, e)
			n.size += footprint(e)
		}
	}
	if n.size > 2*n.limit {
		n.cut()
	}
}

// cut lets go of what comes last, so that the round covers less.
func (n *round) cut() {
	n.order()
	n.end(fitting(n.events, n.limit, footprint))
	n.weigh()
}

// end lets go of all but the first events. If that is all, the round covers what it
// did.
func (n *round) end(events int) {
	if events == len(n.events) {
		return
	}
	n.upto = n.events[events-1].Entry.Place
	clear(n.events[events:])
	n.events = n.events[:events]
}

// weigh counts the bytes anew.
func (n *round) weigh() {
	n.size = 0
	for _, e := range n.events {
		n.size += footprint(e)
	}
}

// order puts the events into order. What is of two pages is there once.
func (n *round) order() {
	slices.SortFunc(n.events, byPosition)
	n.events = slices.CompactFunc(n.events, func(a, b *Event) bool { return a.Entry.Place == b.Entry.Place })
}

// keep keeps what the round covers, of what may be heard.
func (n *round) keep(mayHear func(*Event) bool) {
	n.events = slices.DeleteFunc(n.events, func(e *Event) bool {
		return e.Entry.Place.Position > n.upto.Position || !mayHear(e)
	})
	n.order()
	n.weigh()
}

// passed lets go of the first events.
func (n *round) passed(events int) {
	clear(n.events[:events])
	n.events = n.events[events:]
}
