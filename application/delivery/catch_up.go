package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"parley/application/port"
	"parley/domain/room"
	"parley/domain/sequence"
)

// catchingUp is how many readers may read the store at the same moment, to begin
// or to read older entries, so that thousands who come back at once crowd out
// neither those who write nor the tail itself. The others wait for their turn.
const catchingUp = 12

// inTurn lets a reader read the store when it is its turn. Who has given up takes
// no turn.
func (t *Tail) inTurn(ctx context.Context, read func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case t.slots <- struct{}{}:
		defer func() { <-t.slots }()
		return read()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errPruned says that what a reader has yet to hear is not kept any more.
var errPruned = errors.New("delivery: retention has overtaken the reader")

// round is what a reader that catches up reads in one go: everything behind its
// place up to upto, of all its rooms and of what is about its user.
type round struct {
	events []*Event
	own    map[sequence.Position]bool
	upto   sequence.Place
	read   asOf // when it began
}

// catchUp reads one round of older entries and hands it out. It reports whether
// anything was handed out.
func (r *reader) catchUp(ctx context.Context, sink Sink) (handed bool, err error) {
	var next round
	err = r.tail.inTurn(ctx, func() (err error) {
		next, err = r.round(ctx)
		return err
	})
	if errors.Is(err, errPruned) {
		r.overtaken()
		return false, nil
	}
	if err != nil {
		r.pause(ctx, err)
		return false, nil
	}
	for ctx.Err() == nil {
		batch, left := r.handOut(&next)
		if len(batch) > 0 {
			handed = true
			if err := sink.Hand(batch); err != nil {
				return handed, err
			}
		}
		if !left {
			break
		}
	}
	return handed, nil
}

// round reads the next round.
func (r *reader) round(ctx context.Context) (round, error) {
	rooms, after, next := r.ahead()
	upto := next.upto
	if after.Position >= upto.Position {
		return next, nil
	}
	if err := r.roundAbout(ctx, &next, after.Position); err != nil {
		return round{}, err
	}
	if err := r.roundRooms(ctx, &next, after.Position, upto, rooms); err != nil {
		return round{}, err
	}
	if err := r.tail.verify(ctx, after, upto); err != nil {
		return round{}, err
	}
	next.events = slices.DeleteFunc(next.events, func(e *Event) bool { return e.Entry.Place.Position > next.upto.Position })
	slices.SortFunc(next.events, byPosition)
	next.events = slices.CompactFunc(next.events, func(a, b *Event) bool { return a.Entry.Place == b.Entry.Place })
	return next, nil
}

// errAnother means that the log became another one while it was read.
var errAnother = errors.New("the log has another entry than this node has read")

// verify is asked after the reading whether what was read is all there was. If the
// entry at its end is still one of the log, it is of the log that this node has
// applied, and not partly of one that was put in its place meanwhile. If the place
// where it begins is still there, nothing behind that was pruned, since what goes
// is always the beginning of the log. The beginning is asked last: once an end is
// pruned, so is the beginning, and that is what is to be said.
func (t *Tail) verify(ctx context.Context, after, upto sequence.Place) error {
	_, applied, err := t.resolvePlace(ctx, upto)
	if err != nil {
		return err
	}
	_, kept, err := t.resolvePlace(ctx, after)
	switch {
	case err != nil:
		return err
	case !kept:
		return errPruned
	case !applied:
		return errAnother
	default:
		return nil
	}
}

// overtaken closes the reader: when it comes back, it is told that its place is
// gone, instead of hearing less than there was.
func (r *reader) overtaken() {
	r.tail.mu.Lock()
	defer r.tail.mu.Unlock()
	r.close(Closing{Slow, Resume})
}

// roundAbout reads what is about the reader's user, which is all that is left of
// rooms that they are out of by now.
func (r *reader) roundAbout(ctx context.Context, next *round, after sequence.Position) error {
	about, err := r.tail.Log.About(ctx, r.who.User, port.Span{After: after, Upto: next.upto.Position, Limit: pageLimit})
	if err != nil {
		return err
	}
	page := newPage(about, next.upto, r.tail.revised, next.read)
	for _, e := range page.events {
		next.own[e.Entry.Place.Position] = true
	}
	next.events, next.upto = page.events, page.upto
	return nil
}

// roundRooms reads a page of each room that has something, and so comes to cover
// just what all of the pages cover.
func (r *reader) roundRooms(ctx context.Context, next *round, after sequence.Position, upto sequence.Place, rooms []room.ID) error {
	behind, err := r.tail.behind(ctx, rooms, after, upto.Position)
	if err != nil {
		return err
	}
	slices.SortFunc(behind, func(a, b room.ID) int { return cmp.Compare(a.Int64(), b.Int64()) }) // in the same order each time
	for _, in := range behind {
		page, err := r.page(ctx, pageKey{in, after, next.read.history}, upto)
		if err != nil {
			return err
		}
		if page.upto.Position < next.upto.Position {
			next.upto = page.upto
		}
		for _, e := range page.events {
			if e.Entry.Place.Position <= next.upto.Position {
				next.events = append(next.events, e)
			}
		}
	}
	return nil
}

// behind returns those of the rooms that have an entry with after < position <=
// upto.
func (t *Tail) behind(ctx context.Context, rooms []room.ID, after, upto sequence.Position) ([]room.ID, error) {
	if behind, ok := t.recentRooms(rooms, after); ok || len(rooms) == 0 {
		return behind, nil
	}
	latest, err := t.Log.Latest(ctx, rooms, after, upto)
	return slices.Collect(maps.Keys(latest)), err
}

// page returns a page of a room, from memory if that goes back far enough.
func (r *reader) page(ctx context.Context, key pageKey, upto sequence.Place) (page, error) {
	if events, ok := r.tail.recent(key.in, key.after, upto.Position); ok {
		if len(events) == pageLimit {
			upto = events[pageLimit-1].Entry.Place
		}
		return page{events, upto}, nil
	}
	return r.tail.pages.get(ctx, key, upto)
}

// ahead returns which rooms the reader may hear, from where on, and a round that
// is yet to be read. There is nothing ahead in a log that is another one by now.
func (r *reader) ahead() (rooms []room.ID, after sequence.Place, next round) {
	r.tail.mu.Lock()
	defer r.tail.mu.Unlock()
	next = round{own: make(map[sequence.Position]bool), upto: r.tail.memory.end, read: r.tail.revised.upto()}
	if !r.tail.started || r.closing != nil {
		next.upto = r.place
		return nil, r.place, next
	}
	for in := range r.rights.spans {
		if r.what.hasRoom(in) {
			rooms = append(rooms, in)
		}
	}
	return rooms, r.place, next
}

// handOut takes the next batch of a round, as the reader's rights are at this
// moment, and moves its place on. left says that there is more of the round. At
// its end the reader goes on from memory, if that goes back far enough. What was
// held up for so long that it cannot be brought up to date is read again.
func (r *reader) handOut(next *round) (batch []Delivered, left bool) {
	t := r.tail
	t.mu.Lock()
	defer t.mu.Unlock()
	if !r.mayHand() || !t.started {
		return nil, false
	}
	fits := fit(next.events)
	if !(page{events: next.events[:fits]}).settled() {
		return nil, false
	}
	batch = r.judge(next.events[:fits], next.own)
	if fits < len(next.events) {
		r.moveTo(next.events[fits-1].Entry.Place)
		next.events = next.events[fits:]
		return batch, true
	}
	r.moveTo(next.upto)
	if next.upto.Position >= max(r.since, t.memory.floor.Position) {
		r.behind = false
		r.markAll(next.upto.Position.Next())
	}
	return batch, false
}

// markAll notes that there may be something for the reader in each of its rooms
// from a position on. The lock is held.
func (r *reader) markAll(from sequence.Position) {
	clear(r.dirty)
	for in := range r.rights.spans {
		r.dirty = with(r.dirty, in)
	}
	r.pending = from
}

// pause waits before older entries are tried again that could not be read now.
func (r *reader) pause(ctx context.Context, cause error) {
	if ctx.Err() != nil {
		return
	}
	r.tail.Trouble(fmt.Errorf("read older entries: %w", cause))
	again := time.NewTimer(r.tail.Poll)
	defer again.Stop()
	select {
	case <-ctx.Done():
	case <-again.C:
	}
}
