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

// Ground reads what the decisions on drafts rest on.
func (t *transaction) Ground(drafts []message.Draft) (message.Ground, error) {
	g := message.Ground{
		At: t.at, Sessions: make(map[identity.SessionID]identity.Session), Rooms: make(map[room.ID]policy.Kind),
		Seats: make(map[message.Seat]message.Occupant), Known: make(map[message.Name]message.Known),
		Replies: make(map[message.ID]room.ID), Paces: make(map[identity.UserID]time.Time), Ends: make(map[room.ID]message.End),
	}
	if err := t.stay(); err != nil {
		return g, t.fail(err)
	}
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	for _, d := range drafts {
		g.Sessions[d.Author.Session] = t.session(d.Author.Session)
		if in := t.base.rooms[d.Room]; in != nil && !in.deleted {
			g.Rooms[d.Room], g.Ends[d.Room] = in.kind, in.end
			g.Seats[message.Seat{Room: d.Room, User: d.Author.User}] = message.Occupant{
				Standing: in.standing(d.Author.User), Person: identity.Person{ID: d.Author.User},
			}
		}
		name := message.Name{Author: d.Author.User, Key: d.Key}
		if s := t.base.keys[name]; s != nil && !t.w.Plant.Keyless {
			g.Known[name] = message.Known{Message: s.now, Print: s.print}
		}
	}
	return g, nil
}

// session returns a session as it is now. The lock is held.
func (t *transaction) session(id identity.SessionID) identity.Session {
	s := identity.Session{ID: id, User: t.w.sessions[id]}
	if _, ended := t.base.ended[id]; ended {
		s.EndedAt = t.at
	}
	return s
}

func (in *hall) standing(who identity.UserID) policy.Standing {
	s, there := in.people[who]
	switch {
	case there:
		return s.role.Standing()
	case in.barred[who]:
		return policy.Barred
	default:
		return policy.Outsider
	}
}

// Scope is what a step can reach: as much of it as the use cases here ask for.
func (t *transaction) Scope() port.Scope {
	return port.Scope{
		View: t.view(), At: t.at,
		Keeping: keeping{t: t}, Access: ending{t: t}, Revising: revising{t: t},
	}
}

func (t *transaction) view() port.View {
	return port.View{Head: t.base.head(), Users: users{t: t}, People: people{t: t}, Messages: spoken{t: t}}
}

type users struct {
	port.Users
	t *transaction
}

func (u users) Session(_ context.Context, id identity.SessionID) (identity.Session, error) {
	u.t.w.mu.Lock()
	defer u.t.w.mu.Unlock()
	return u.t.session(id), nil
}

type people struct {
	port.People
	t *transaction
}

func (p people) Circle(_ context.Context, in room.ID, by, who identity.UserID) (room.Circle, error) {
	p.t.w.mu.Lock()
	defer p.t.w.mu.Unlock()
	found := p.t.base.rooms[in]
	if found == nil || found.deleted {
		return room.Circle{}, policy.ErrNotThere
	}
	c := room.Circle{
		Kind: found.kind, By: by, Asks: found.standing(by), Who: who, Of: found.standing(who), People: len(found.people),
	}
	var eldest sequence.Position
	for id, s := range found.people {
		if s.role == room.Admin {
			c.Admins++
		}
		older := s.since < eldest || s.since == eldest && id.Int64() < c.Eldest.Int64()
		if id != who && (c.Eldest.IsZero() || older) {
			c.Eldest, eldest = id, s.since
		}
	}
	return c, nil
}

func (p people) Get(_ context.Context, _ room.ID, who identity.UserID) (room.Participant, error) {
	return room.Participant{Person: identity.Person{ID: who}}, nil // nobody looks at it here
}

type spoken struct {
	port.Messages
	t *transaction
}

func (m spoken) Get(_ context.Context, id message.ID) (message.Message, error) {
	for _, r := range m.t.fresh {
		if r.entry.Message != nil && r.entry.Message.ID == id {
			return *r.entry.Message, nil
		}
	}
	m.t.w.mu.Lock()
	defer m.t.w.mu.Unlock()
	if found := m.t.base.messages[id]; found != nil {
		return *found.now, nil
	}
	return message.Message{}, message.ErrNotThere
}

type keeping struct {
	port.Keeping
	t *transaction
}

func (k keeping) OpenRoom(_ context.Context, p room.Plan, by identity.UserID) (room.ID, error) {
	id, err := room.IDFrom(k.t.base.lastRoom + 1)
	k.t.add(&record{kind: p.Kind, entry: port.Entry{Kind: port.RoomCreated, Room: id, At: k.t.at, Actor: by, People: p.Crowd()}})
	return id, err
}

func (k keeping) Keep(_ context.Context, in room.ID, by identity.UserID, changes []room.Change) error {
	at := k.t.soon(in)
	for _, change := range changes {
		e := port.Entry{Room: in, Actor: by, At: at}
		switch c := change.(type) {
		case room.Joined:
			e.Kind, e.Subject, e.Role = port.ParticipantJoined, identity.Person{ID: c.Who}, c.Role
		case room.Left:
			e.Kind, e.Subject, e.Role, e.Reason = port.ParticipantLeft, identity.Person{ID: c.Who}, c.Role, c.Reason
		case room.RoleChanged:
			e.Kind, e.Subject, e.Role = port.ParticipantChanged, identity.Person{ID: c.Who}, c.Role
		case room.Deleted:
			e.Kind = port.RoomDeleted
		default:
			return fmt.Errorf("no way to make a %T", change)
		}
		k.t.add(&record{entry: e})
		at = at.Add(sequence.Tick)
	}
	return nil
}

// soon is the time of what happens in a room now.
func (t *transaction) soon(in room.ID) time.Time {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	return sequence.After(t.base.rooms[in].end.At, t.at)
}

type ending struct {
	port.Access
	t *transaction
}

func (e ending) End(_ context.Context, by identity.UserID, sessions []identity.SessionID) error {
	for _, id := range sessions {
		e.t.add(&record{entry: port.Entry{Kind: port.SessionEnded, At: e.t.at, Actor: by, Session: id}})
	}
	return nil
}

type revising struct {
	port.Revising
	t *transaction
}

func (r revising) Case(ctx context.Context, id message.ID, by identity.UserID) (message.Case, error) {
	found, err := spoken{t: r.t}.Get(ctx, id)
	if err != nil {
		return message.Case{}, err
	}
	r.t.w.mu.Lock()
	defer r.t.w.mu.Unlock()
	in := r.t.base.rooms[found.Room]
	if in.deleted {
		return message.Case{}, message.ErrNotThere
	}
	return message.Case{Message: found, Kind: in.kind, By: by, Asks: in.standing(by), At: r.t.at}, nil
}

func (r revising) Revise(_ context.Context, m message.Message, by identity.UserID, change message.Change) error {
	at := r.t.soon(m.Room)
	e := port.Entry{Room: m.Room, Actor: by, At: at}
	m.Version++
	switch c := change.(type) {
	case message.Edited:
		e.Kind, m.Content, m.EditedAt = port.MessageEdited, c.To, at
	case message.Deleted:
		e.Kind, m.Content, m.DeletedAt = port.MessageDeleted, message.Content{}, at
	default:
		return fmt.Errorf("no way to make a %T", change)
	}
	e.Message = &m
	r.t.add(&record{entry: e})
	return nil
}
