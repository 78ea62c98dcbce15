package delivery_test

import (
	"time"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/room"
	"parley/domain/sequence"
)

func (l *memlog) append(e port.Entry) sequence.Place {
	l.mu.Lock()
	defer l.mu.Unlock()
	position := sequence.Position(len(l.entries))
	e.Place = sequence.Place{Position: position, Mark: l.salt + sequence.Mark(position)}
	e.At = time.Unix(int64(position), 0)
	l.entries = append(l.entries, e)
	switch e.Kind {
	case port.ParticipantJoined:
		l.people[e.Room][e.Subject.ID] = true
	case port.ParticipantLeft:
		delete(l.people[e.Room], e.Subject.ID)
	case port.RoomCreated:
		l.people[e.Room] = make(map[identity.UserID]bool)
		for _, who := range e.People {
			l.people[e.Room][who] = true
		}
	case port.RoomDeleted:
		l.deleted[e.Room] = true
	case port.SessionEnded:
		l.ended[e.Session] = true
	case port.Genesis, port.MessageCreated, port.MessageEdited, port.MessageDeleted, port.ParticipantChanged, port.RoomChanged, port.UpdatePublished:
	}
	return e.Place
}

func (l *memlog) opened(in room.ID, people ...identity.UserID) sequence.Place {
	return l.append(port.Entry{Kind: port.RoomCreated, Room: in, People: people})
}

// said logs a message, whose ID is its position.
func (l *memlog) said(in room.ID, text string) sequence.Place {
	l.mu.Lock()
	id, err := message.IDFrom(int64(len(l.entries)))
	if err != nil {
		panic(err)
	}
	l.now[id] = message.Message{ID: id, Room: in, Content: content(text), Version: 1}
	said := l.now[id]
	l.mu.Unlock()
	return l.append(port.Entry{Kind: port.MessageCreated, Room: in, Message: &said})
}

// edited puts what was said at a place into other words.
func (l *memlog) edited(at sequence.Place, text string) sequence.Place {
	return l.revised(at, port.MessageEdited, func(m *message.Message) { m.Content = content(text) })
}

// withdrawn deletes what was said at a place.
func (l *memlog) withdrawn(at sequence.Place) sequence.Place {
	return l.revised(at, port.MessageDeleted, func(m *message.Message) {
		m.Content, m.DeletedAt = message.Content{}, time.Unix(1, 0)
	})
}

func (l *memlog) revised(at sequence.Place, kind port.EntryKind, revise func(*message.Message)) sequence.Place {
	l.mu.Lock()
	m := *l.entries[at.Position].Message
	m = l.now[m.ID]
	revise(&m)
	m.Version++
	l.now[m.ID] = m
	l.mu.Unlock()
	return l.append(port.Entry{Kind: kind, Room: m.Room, Message: &m})
}

func content(text string) message.Content {
	c, err := message.ParseContent(text)
	if err != nil {
		panic(err)
	}
	return c
}

func (l *memlog) joined(in room.ID, who identity.UserID) sequence.Place {
	return l.append(port.Entry{Kind: port.ParticipantJoined, Room: in, Subject: identity.Person{ID: who}})
}

func (l *memlog) left(in room.ID, who identity.UserID) sequence.Place {
	return l.append(port.Entry{Kind: port.ParticipantLeft, Room: in, Subject: identity.Person{ID: who}})
}

// restored makes of the log another history: the first n entries, with other
// marks from the given position on.
func (l *memlog) restored(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = l.entries[:n]
	l.salt += 1000
}

// pruned makes the entry at a position the first one of the log. Tests go on
// seeing in entries what there was.
func (l *memlog) pruned(upto sequence.Position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.start = max(l.start, upto)
}
