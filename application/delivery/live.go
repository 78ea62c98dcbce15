package delivery

import (
	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
)

// live is the index of the open readers. The tail's lock is held for all of it.
type live struct {
	all      map[*reader]bool
	users    map[identity.UserID]map[*reader]bool
	sessions map[identity.SessionID]map[*reader]bool
	rooms    map[room.ID]map[*reader]bool // of whose users are in the room now

	// Who is no user, and who asks for topics of third parties, are woken by topics.
	addresses map[string]map[*reader]bool // of who is no user
	asked     *patterns                   // that they ask for
	granted   *patterns                   // that their tokens grant
	public    audience                    // of what all may hear
	private   audience                    // of what a grant is needed for
}

func newLive() live {
	asked := newPatterns()
	return live{
		all:       make(map[*reader]bool),
		users:     make(map[identity.UserID]map[*reader]bool),
		sessions:  make(map[identity.SessionID]map[*reader]bool),
		rooms:     make(map[room.ID]map[*reader]bool),
		addresses: make(map[string]map[*reader]bool),
		asked:     asked,
		granted:   newPatterns(),
		public:    newAudience(asked),
		private:   newAudience(asked),
	}
}

// register makes a reader known under its user and session, or its address.
func (l *live) register(r *reader) {
	l.all[r] = true
	if r.guest != nil {
		enter(l.addresses, r.guest.address, r)
		return
	}
	enter(l.users, r.who.User, r)
	enter(l.sessions, r.who.Session, r)
}

// install gives a registered reader its rights, from when on it is woken for
// what happens in its rooms and on its topics.
func (l *live) install(r *reader, held rights) {
	r.rights = held
	r.installed = true
	l.public.enter(r)
	if r.guest != nil && !r.guest.granted.none() {
		l.private.enter(r)
	}
	for in := range held.spans {
		if held.has(in) {
			enter(l.rooms, in, r)
		}
	}
}

// leave forgets a reader.
func (l *live) leave(r *reader) {
	delete(l.all, r)
	l.public.exit(r)
	l.private.exit(r)
	if r.guest != nil {
		exit(l.addresses, r.guest.address, r)
		r.guest.asked.letGo()
		r.guest.granted.letGo()
		return
	}
	exit(l.users, r.who.User, r)
	exit(l.sessions, r.who.Session, r)
	for in := range r.rights.spans {
		exit(l.rooms, in, r)
	}
}

// apply does to everybody's rights what an entry does, and wakes who may hear
// it. Whoever loses rights by it still hears of it.
func (l *live) apply(e *Event) {
	entry := e.Entry
	for r := range l.users[entry.Subject.ID] {
		l.affect(r, e)
	}
	for _, who := range entry.People {
		for r := range l.users[who] {
			l.affect(r, e)
		}
	}
	for r := range l.rooms[entry.Room] {
		r.notice(e)
		if entry.Kind == port.RoomDeleted {
			l.affect(r, e)
		}
	}
	if entry.Kind == port.SessionEnded {
		for r := range l.sessions[entry.Session] {
			r.close(Closing{Revoked, Reauthenticate})
		}
	}
	l.tell(e)
}

// affect does to one reader's rights what an entry about its user does.
func (l *live) affect(r *reader, e *Event) {
	if !r.installed {
		return // it will be brought up to here when it is installed
	}
	r.rights.affect(e.Entry)
	if r.rights.has(e.Entry.Room) {
		enter(l.rooms, e.Entry.Room, r)
	} else {
		exit(l.rooms, e.Entry.Room, r)
	}
	r.notice(e)
	if r.rights.ended > maxEnded {
		r.close(Closing{Slow, Resume})
	}
}

// affect does to rights what an entry about their user does.
func (r *rights) affect(e port.Entry) {
	switch e.Kind {
	case port.ParticipantJoined, port.RoomCreated:
		r.begin(e.Room, e.Place.Position)
	case port.ParticipantLeft, port.RoomDeleted:
		r.end(e.Room, e.Place.Position)
	case port.Genesis, port.MessageCreated, port.MessageEdited, port.MessageDeleted, port.ParticipantChanged,
		port.RoomChanged, port.SessionEnded, port.UpdatePublished:
	default:
	}
}

func (l *live) endAll(c Closing) {
	for r := range l.all {
		r.close(c)
	}
}

func (l *live) wakeAll() {
	for r := range l.all {
		r.rouse()
	}
}

// notice notes that there is something for the reader in a room.
func (r *reader) notice(e *Event) {
	if e.Entry.Gone || !r.wantsRoom(e.Entry.Room) && !(r.wantsUser(r.who.User) && r.concerns(e.Entry)) {
		return
	}
	r.stir(roomStrand(e.Entry.Room), e)
}

// stir notes that there is something for the reader in a part of the log.
func (r *reader) stir(part strand, e *Event) {
	if len(r.dirty) == 0 {
		r.pending = e.Entry.Place.Position
	}
	r.dirty = with(r.dirty, part)
	r.rouse()
}

// close makes the reader end, with the first reason that came up.
func (r *reader) close(c Closing) {
	if r.closing == nil {
		r.closing = &c
		r.ended.Store(true)
	}
	r.rouse()
}

func (r *reader) rouse() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func enter[K comparable](index map[K]map[*reader]bool, key K, r *reader) {
	index[key] = with(index[key], r)
}

func exit[K comparable](index map[K]map[*reader]bool, key K, r *reader) {
	delete(index[key], r)
	if len(index[key]) == 0 {
		delete(index, key)
	}
}
