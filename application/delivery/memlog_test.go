package delivery_test

import (
	"context"
	"slices"
	"sync"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/room"
	"parley/domain/sequence"
)

// memlog is a log in memory, on which everything can happen at any moment.
type memlog struct {
	mu      sync.Mutex
	entries []port.Entry
	people  map[room.ID]map[identity.UserID]bool
	deleted map[room.ID]bool
	ended   map[identity.SessionID]bool
	now     map[message.ID]message.Message // what was said, as it reads now
	start   sequence.Position              // of the first entry that was not pruned
	updates sequence.Position              // up to where updates were pruned
	salt    sequence.Mark                  // makes the marks of one history

	reads   int           // how many there have been
	frozen  chan struct{} // reads wait for it, if it is there
	failing error         // reads fail with it
	onRead  func()        // runs, once, after the next reading of rights
	onPage  func()        // runs, once, after the next reading of a room
	hide    sequence.Position
}

func newMemlog() *memlog {
	l := &memlog{
		people: make(map[room.ID]map[identity.UserID]bool), deleted: make(map[room.ID]bool),
		ended: make(map[identity.SessionID]bool), now: make(map[message.ID]message.Message), salt: 1000,
	}
	l.append(port.Entry{Kind: port.Genesis})
	return l
}

// asNow returns entries with what they name as that reads now: nothing, of the
// first one after it was pruned and of what was said there or before. The lock is
// held.
func (l *memlog) asNow(entries []port.Entry) []port.Entry {
	for i, e := range entries {
		switch {
		case l.start > 0 && e.Place.Position == l.start:
			entries[i] = port.Entry{Place: e.Place, At: e.At, Kind: port.Genesis}
		case e.Message != nil && l.isPruned(e.Message.ID):
			entries[i].Message, entries[i].Gone = nil, true
		case e.Update != nil && e.Place.Position <= l.updates:
			entries[i].Update, entries[i].Gone = nil, true
		case e.Message != nil:
			m := l.now[e.Message.ID]
			entries[i].Message = &m
		}
	}
	return entries
}

// isPruned reports whether a message is no more. The lock is held.
func (l *memlog) isPruned(id message.ID) bool { return sequence.Position(id.Int64()) <= l.start }

// begin waits and fails as the test wants it. It always takes the lock.
func (l *memlog) begin(ctx context.Context) error {
	l.mu.Lock()
	frozen := l.frozen
	l.mu.Unlock()
	if frozen != nil {
		select {
		case <-frozen:
		case <-ctx.Done():
			l.mu.Lock()
			return ctx.Err()
		}
	}
	l.mu.Lock()
	l.reads++
	return l.failing
}

// set changes what the log does from now on.
func (l *memlog) set(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

func (l *memlog) From(ctx context.Context, from sequence.Position, limit int) ([]port.Entry, error) {
	defer l.mu.Unlock()
	if err := l.begin(ctx); err != nil {
		return nil, err
	}
	from = max(from, l.start)
	if int(from) >= len(l.entries) {
		return nil, nil
	}
	entries := slices.Clone(l.entries[from:min(len(l.entries), int(from)+limit)])
	return slices.DeleteFunc(l.asNow(plenty(entries)), func(e port.Entry) bool { return l.hide > 0 && e.Place.Position == l.hide }), nil
}

func (l *memlog) Head(ctx context.Context) (sequence.Place, error) {
	defer l.mu.Unlock()
	err := l.begin(ctx)
	return l.entries[len(l.entries)-1].Place, err
}

func (l *memlog) Room(ctx context.Context, in room.ID, s port.Span) ([]port.Entry, error) {
	return l.page(ctx, s, func(e port.Entry) bool { return e.Room == in })
}

// page reads a page that readers share; onPage is called once it is read.
func (l *memlog) page(ctx context.Context, s port.Span, wanted func(port.Entry) bool) ([]port.Entry, error) {
	entries, err := l.within(ctx, s, wanted)
	l.mu.Lock()
	onPage := l.onPage
	l.onPage = nil
	l.mu.Unlock()
	if onPage != nil {
		onPage()
	}
	return entries, err
}

func (l *memlog) About(ctx context.Context, who identity.UserID, s port.Span) ([]port.Entry, error) {
	return l.within(ctx, s, func(e port.Entry) bool {
		return e.Subject.ID == who || slices.Contains(e.People, who) || e.Kind == port.RoomDeleted && l.people[e.Room][who]
	})
}

func (l *memlog) within(ctx context.Context, s port.Span, wanted func(port.Entry) bool) ([]port.Entry, error) {
	defer l.mu.Unlock()
	if err := l.begin(ctx); err != nil {
		return nil, err
	}
	var found []port.Entry
	for _, e := range l.part(s.After, s.Upto) {
		if len(found) < s.Limit && wanted(e) {
			found = append(found, e)
		}
	}
	return l.asNow(plenty(found)), nil
}

// plenty is what of the entries one reading has.
func plenty(entries []port.Entry) []port.Entry {
	for n := range entries {
		if !port.Whole(entries[:n], len(entries)) {
			return entries[:n]
		}
	}
	return entries
}

// part is what is kept of a span. The lock is held.
func (l *memlog) part(after, upto sequence.Position) []port.Entry {
	upto = min(upto, sequence.Position(len(l.entries)-1))
	after = min(max(after, l.start), upto)
	return l.entries[after+1 : upto+1]
}

func (l *memlog) Latest(ctx context.Context, rooms []room.ID, after, upto sequence.Position) (map[room.ID]sequence.Position, error) {
	defer l.mu.Unlock()
	if err := l.begin(ctx); err != nil {
		return nil, err
	}
	latest := make(map[room.ID]sequence.Position)
	for _, e := range l.part(after, upto) {
		if slices.Contains(rooms, e.Room) {
			latest[e.Room] = e.Place.Position
		}
	}
	return latest, nil
}

func (l *memlog) Rights(ctx context.Context, who identity.Caller) (port.Rights, error) {
	held, err := l.rights(ctx, who)
	l.mu.Lock()
	onRead := l.onRead
	l.onRead = nil
	l.mu.Unlock()
	if onRead != nil {
		onRead()
	}
	return held, err
}

func (l *memlog) rights(ctx context.Context, who identity.Caller) (port.Rights, error) {
	defer l.mu.Unlock()
	if err := l.begin(ctx); err != nil {
		return port.Rights{}, err
	}
	if l.ended[who.Session] {
		return port.Rights{}, identity.ErrSessionEnded
	}
	held := port.Rights{Head: l.entries[len(l.entries)-1].Place}
	for in, people := range l.people {
		if people[who.User] && !l.deleted[in] {
			held.Rooms = append(held.Rooms, in)
		}
	}
	return held, nil
}
