package delivery

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
	"parley/domain/sequence"
)

// parts are the parts of the log that may have something for a reader.
type parts struct {
	rooms []room.ID
	more  []strand // besides
}

// ahead returns which parts of the log the reader may hear, from where on, and a
// round that is yet to be read. There is nothing ahead in a log that is another
// one by now.
func (r *reader) ahead() (p parts, after sequence.Place, next round) {
	r.tail.mu.Lock()
	defer r.tail.mu.Unlock()
	next = round{
		own: make(map[sequence.Position]bool), limit: r.tail.Round,
		upto: r.tail.memory.end, applied: r.tail.memory.end, read: r.tail.revised.upto(),
	}
	if !r.tail.started || r.closing != nil {
		next.upto = r.place
		return p, r.place, next
	}
	return r.parts(), r.place, next
}

// parts returns them as they are now. The lock is held.
func (r *reader) parts() parts {
	var p parts
	if r.guest != nil && r.guest.reads.whole {
		return parts{more: []strand{wholeLog()}}
	}
	if r.outside() {
		p.more = append(p.more, updateStrand())
	}
	if r.guest != nil {
		p.rooms = r.guest.reads.rooms
		return p
	}
	for in := range r.rights.spans {
		if r.wantsRoom(in) {
			p.rooms = append(p.rooms, in)
		}
	}
	return p
}

// roundAbout reads what is about the reader's user, which is all that is left of
// rooms that they are out of by now; or about the users by whose topics a reader
// without one hears.
func (r *reader) roundAbout(ctx context.Context, next *round, after sequence.Position) error {
	users := []identity.UserID{r.who.User}
	if r.guest != nil {
		users = r.guest.reads.users
	}
	for _, who := range users {
		about, err := r.tail.Log.About(ctx, who, port.Span{After: after, Upto: next.upto.Position, Limit: pageLimit})
		if err != nil {
			return err
		}
		page := newPage(about, pageLimit, next.upto, r.tail.revised, next.read)
		for _, e := range page.events {
			next.own[e.Entry.Place.Position] = true
		}
		next.take(page)
	}
	return nil
}

// roundParts reads a page of each part of the log that has something.
func (r *reader) roundParts(ctx context.Context, next *round, after sequence.Position, p parts) error {
	behind, err := r.tail.behind(ctx, p.rooms, after, next.upto.Position)
	if err != nil {
		return err
	}
	slices.SortFunc(behind, func(a, b room.ID) int { return cmp.Compare(a.Int64(), b.Int64()) }) // in the same order each time
	for _, in := range behind {
		p.more = append(p.more, roomStrand(in))
	}
	for _, part := range p.more {
		page, err := r.page(ctx, pageKey{part, after, next.read.history}, next.upto)
		if err != nil {
			return err
		}
		next.take(page)
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

// page returns a page of a part of the log, from memory if that goes back far
// enough.
func (r *reader) page(ctx context.Context, key pageKey, upto sequence.Place) (page, error) {
	if events, ok := r.tail.recent(key.of, key.after, upto.Position); ok {
		if len(events) == pageLimit {
			upto = events[pageLimit-1].Entry.Place
		}
		return page{events, upto}, nil
	}
	return r.tail.pages.get(ctx, key, upto)
}
