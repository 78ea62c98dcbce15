package simulation

import (
	"context"
	"slices"
	"time"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
	"parley/domain/sequence"
)

// access is a node's way to the log: it takes its time, and may be cut.
type access struct{ *node }

var _ port.Log = access{}

// read looks at the log as it is at one moment between the question and the
// answer.
func (n access) read(ctx context.Context, a *actor, look func(*history)) error {
	asked := time.Now()
	early, takes := a.chance(2), n.w.tuning.read.draw(a)
	if err := n.reach(ctx, a); err != nil {
		return err
	}
	if early {
		n.w.look(look)
	}
	if err := a.wait(ctx, takes); err != nil {
		return err
	}
	if err := n.reachWithin(ctx, a, lookTime-time.Since(asked)); err != nil {
		return err
	}
	if !early {
		n.w.look(look)
	}
	return ctx.Err() // whoever has been sent away meanwhile gets nothing
}

func (w *world) look(look func(*history)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	look(w.history)
}

func (n access) From(ctx context.Context, from sequence.Position, limit int) (entries []port.Entry, err error) {
	a, asked := who(ctx), time.Now()
	var seen *history
	err = n.read(ctx, a, func(h *history) {
		seen, entries = h, nil
		if int(from) < len(h.records) {
			entries = h.entries(h.records[from:min(len(h.records), int(from)+limit)])
		}
	})
	if err != nil {
		return nil, err
	}
	whole := len(entries) < limit
	entries = n.w.Plant.entries(n.node, a, entries)
	if a.tail != nil {
		n.applies(seen, entries, asked, whole)
	}
	return entries, nil
}

// applies notes which part of which history the node's tail has applied, once it
// has what it reads now.
func (n access) applies(h *history, entries []port.Entry, asked time.Time, whole bool) {
	n.w.mu.Lock()
	defer n.w.mu.Unlock()
	if len(entries) == 0 || !n.on.has(entries[0].Place) || n.applied != entries[0].Place.Position {
		n.turn++ // it is another history: the tail starts over
		return
	}
	n.on, n.applied = h, entries[len(entries)-1].Place.Position
	if whole {
		n.confirmed = asked
	}
}

func (n access) Head(ctx context.Context) (place sequence.Place, err error) {
	a, asked := who(ctx), time.Now()
	var seen *history
	if err = n.read(ctx, a, func(h *history) { seen, place = h, h.head() }); err != nil {
		return sequence.Place{}, err
	}
	if a.tail != nil {
		n.w.mu.Lock()
		n.on, n.applied, n.confirmed = seen, place.Position, asked
		n.w.mu.Unlock()
	}
	return place, nil
}

// Room reads a page. Readers share pages, and it is any of them who reads: so what
// befalls the reading is the page's, and not the reader's.
func (n access) Room(ctx context.Context, in room.ID, s port.Span) (entries []port.Entry, err error) {
	n.w.mu.Lock()
	key := [2]int64{in.Int64(), int64(s.After)}
	n.loads[key]++
	n.loading++
	stream := mix(uint64(n.number), uint64(in.Int64()), uint64(s.After), uint64(n.loads[key]))
	n.w.mu.Unlock()
	a := n.w.actorOf(stream, int(stream%uint64(slots)), "page")
	err = n.read(ctx, a, func(h *history) {
		entries = nil
		if hall := h.rooms[in]; hall != nil {
			records := within(hall.records, s)
			entries = n.w.Plant.page(records, h.entries(records))
		}
	})
	n.w.mu.Lock()
	defer n.w.mu.Unlock()
	n.loading--
	return entries, err
}

// mix makes one number of several.
func mix(all ...uint64) uint64 {
	mixed := uint64(0x9e3779b97f4a7c15)
	for _, n := range all {
		mixed = (mixed ^ n) * 0xbf58476d1ce4e5b9
		mixed ^= mixed >> 29
	}
	return mixed
}

func (n access) About(ctx context.Context, of identity.UserID, s port.Span) (entries []port.Entry, err error) {
	err = n.read(ctx, who(ctx), func(h *history) { entries = h.entries(within(h.about[of], s)) })
	return entries, err
}

func (n access) Latest(ctx context.Context, rooms []room.ID, after, upto sequence.Position) (latest map[room.ID]sequence.Position, err error) {
	err = n.read(ctx, who(ctx), func(h *history) {
		latest = make(map[room.ID]sequence.Position)
		for _, in := range rooms {
			if hall := h.rooms[in]; hall != nil {
				if found := within(hall.records, port.Span{After: after, Upto: upto, Limit: 1 << 30}); len(found) > 0 {
					latest[in] = found[len(found)-1].entry.Place.Position
				}
			}
		}
	})
	return latest, err
}

func (n access) Rights(ctx context.Context, of identity.Caller) (held port.Rights, err error) {
	a := who(ctx)
	var ended bool
	err = n.read(ctx, a, func(h *history) {
		_, ended = h.ended[of.Session]
		held = port.Rights{Head: h.head(), Rooms: h.roomsOf(of.User)}
		a.line.head = held.Head
	})
	if err != nil {
		return port.Rights{}, err
	}
	if ended {
		return port.Rights{}, identity.ErrSessionEnded
	}
	return n.w.Plant.rights(n.node, of, held), nil
}

// roomsOf returns the rooms that somebody is in, in an order that is always the
// same.
func (h *history) roomsOf(who identity.UserID) (rooms []room.ID) {
	for id, in := range h.rooms {
		if _, there := in.people[who]; there && !in.deleted {
			rooms = append(rooms, id)
		}
	}
	slices.SortFunc(rooms, func(a, b room.ID) int { return int(a.Int64() - b.Int64()) })
	return rooms
}

// lasts is what Admit looks at.
func (n access) lasts(ctx context.Context, of identity.Caller) error {
	var ended bool
	err := n.read(ctx, who(ctx), func(h *history) {
		_, ended = h.ended[of.Session]
		ended = ended || n.w.sessions[of.Session] != of.User
	})
	switch {
	case err != nil:
		return port.ErrUnavailable
	case ended:
		return identity.ErrSessionEnded
	default:
		return nil
	}
}
