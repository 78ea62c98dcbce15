package delivery

import (
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

// inTurn lets a reader read the store when it is its turn.
func (t *Tail) inTurn(ctx context.Context, read func() error) error {
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
	rooms, after, upto := r.ahead()
	next := round{upto: upto, own: make(map[sequence.Position]bool)}
	if after.Position >= upto.Position {
		return next, nil
	}
	if err := r.roundAbout(ctx, &next, after.Position); err != nil {
		return round{}, err
	}
	if err := r.roundRooms(ctx, &next, after.Position, upto, rooms); err != nil {
		return round{}, err
	}
	if err := r.tail.kept(ctx, after); err != nil {
		return round{}, err
	}
	next.events = slices.DeleteFunc(next.events, func(e *Event) bool { return e.Entry.Place.Position > next.upto.Position })
	slices.SortFunc(next.events, byPosition)
	next.events = slices.CompactFunc(next.events, func(a, b *Event) bool { return a.Entry.Place == b.Entry.Place })
	return next, nil
}

// kept returns errPruned if a place is not in the log any more, and so not all that
// is behind it. It is asked after the reading, since what goes is always the
// beginning of the log: as long as the place is there, so is all that follows.
func (t *Tail) kept(ctx context.Context, p sequence.Place) error {
	_, there, err := t.resolvePlace(ctx, p)
	if err == nil && !there {
		return errPruned
	}
	return err
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
	upto := r.tail.revised.upto()
	about, err := r.tail.Log.About(ctx, r.who.User, port.Span{After: after, Upto: next.upto.Position, Limit: pageLimit})
	if err != nil {
		return err
	}
	page := newPage(about, next.upto, r.tail.revised, upto)
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
	for _, in := range behind {
		page, err := r.page(ctx, in, after, upto)
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
func (r *reader) page(ctx context.Context, in room.ID, after sequence.Position, upto sequence.Place) (page, error) {
	if events, ok := r.tail.recent(in, after, upto.Position); ok {
		if len(events) == pageLimit {
			upto = events[pageLimit-1].Entry.Place
		}
		return page{events, upto}, nil
	}
	return r.tail.pages.get(ctx, pageKey{in, after}, upto)
}

// ahead returns which rooms the reader may hear, from where and up to where.
func (r *reader) ahead() (rooms []room.ID, after, upto sequence.Place) {
	r.tail.mu.Lock()
	defer r.tail.mu.Unlock()
	for in := range r.rights.spans {
		if r.what.hasRoom(in) {
			rooms = append(rooms, in)
		}
	}
	return rooms, r.place, r.tail.memory.end
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
