package contract

import (
	"context"
	"fmt"
	"strings"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
)

const (
	everyRoom = "/chat/room/{id}"
	ownTopic  = "/chat/user/{id}"
)

// scene is a room with Ada, who opened it, and Ben.
type scene struct {
	Feeding
	ada, ben, cleo identity.Caller
	hall           room.ID
	fences         int
}

// inScene keeps a promise in a new scene.
func inScene(keep func(context.Context, *scene) error) func(context.Context, Feeding) error {
	return func(ctx context.Context, f Feeding) error {
		s, err := newScene(ctx, f)
		if err != nil {
			return err
		}
		return keep(ctx, s)
	}
}

func newScene(ctx context.Context, f Feeding) (*scene, error) {
	s := &scene{Feeding: f}
	for name, who := range map[string]*identity.Caller{"Ada": &s.ada, "Ben": &s.ben, "Cleo": &s.cleo} {
		var err error
		if *who, err = newcomer(ctx, f.Work, name); err != nil {
			return nil, err
		}
	}
	var err error
	s.hall, err = s.opens(ctx, "Hall", s.ben)
	return s, err
}

// opens lets Ada open a room with somebody.
func (s *scene) opens(ctx context.Context, called string, with identity.Caller) (in room.ID, err error) {
	name, err := room.ParseName(called)
	if err != nil {
		return in, err
	}
	plan, err := room.Design(policy.Group, name, s.ada.User, []identity.UserID{with.User})
	if err != nil {
		return in, err
	}
	err = s.Work.Change(ctx, func(ctx context.Context, sc port.Scope) (err error) {
		in, err = sc.Keeping.OpenRoom(ctx, plan, s.ada.User)
		return err
	})
	return in, err
}

// newcomer makes a user with a session.
func newcomer(ctx context.Context, work port.Work, name string) (identity.Caller, error) {
	display, err := identity.ParseDisplayName(name)
	if err != nil {
		return identity.Caller{}, err
	}
	email, err := identity.ParseEmail(strings.ToLower(name) + "@example.org")
	if err != nil {
		return identity.Caller{}, err
	}
	var who identity.Caller
	err = work.Change(ctx, func(ctx context.Context, s port.Scope) error {
		user, err := s.Keeping.AddUser(ctx, identity.User{Email: email, Name: display, CreatedAt: s.At}, "")
		if err != nil {
			return err
		}
		session, err := s.Keeping.AddSession(ctx, identity.Session{User: user.ID, CreatedAt: s.At})
		who = identity.Caller{User: user.ID, Session: session.ID}
		return err
	})
	return who, err
}

// says lets somebody say something in the hall.
func (s *scene) says(ctx context.Context, who identity.Caller, text string) error {
	content, err := message.ParseContent(text)
	if err != nil {
		return err
	}
	_, err = s.Sends.Send(ctx, message.Draft{Author: who, Room: s.hall, Content: content})
	return err
}

// changes keeps changes in the hall.
func (s *scene) changes(ctx context.Context, changes ...room.Change) error {
	return s.Work.Change(ctx, func(ctx context.Context, sc port.Scope) error {
		return sc.Keeping.Keep(ctx, s.hall, s.ada.User, changes)
	})
}

// listens opens a line on everything that somebody may hear, and reads how it
// begins.
func (s *scene) listens(ctx context.Context, who identity.Caller, after string) (*listener, error) {
	line, err := s.Listen(ctx, who, []string{everyRoom, ownTopic}, after)
	if err != nil {
		return nil, err
	}
	l := &listener{line: line, cursor: after}
	opened, err := l.next(ctx)
	if err != nil {
		return nil, err
	}
	if opened.Type != "stream.opened" {
		return nil, fmt.Errorf("the line begins with %s", opened.Type)
	}
	l.opened = opened
	return l, nil
}

// fence lets Ada say something that nobody has said before, and returns it. Who
// has heard it has heard everything that was there for them before.
func (s *scene) fence(ctx context.Context) (string, error) {
	s.fences++
	text := fmt.Sprintf("fence %d", s.fences)
	return text, s.says(ctx, s.ada, text)
}

// fenceFor lets Ada open another room with somebody, and returns its name. When
// they hear of that, they have heard everything that was there for them before,
// whatever they may hear of the hall.
func (s *scene) fenceFor(ctx context.Context, who identity.Caller) (string, error) {
	s.fences++
	name := fmt.Sprintf("Room %d", s.fences)
	_, err := s.opens(ctx, name, who)
	return `"name":"` + name + `"`, err
}

// listener reads one line.
type listener struct {
	line   Line
	opened Heard
	cursor string // that it goes on from
}

func (l *listener) next(ctx context.Context) (Heard, error) {
	heard, err := l.line.Next(ctx)
	if err == nil && heard.Cursor != "" {
		l.cursor = heard.Cursor
	}
	return heard, err
}

// expect reads events and compares each with what it must have in its type or
// data.
func (l *listener) expect(ctx context.Context, want ...string) error {
	for i, word := range want {
		heard, err := l.next(ctx)
		if err != nil {
			return fmt.Errorf("waits for %q, number %d of %d: %w", word, i+1, len(want), err)
		}
		if !strings.Contains(heard.Type+heard.Data, word) {
			return fmt.Errorf("heard %s %s, want %q, number %d of %d", heard.Type, brief(heard.Data), word, i+1, len(want))
		}
	}
	return nil
}

func brief(data string) string { return data[:min(len(data), 200)] }

// hangUp closes the line of which nothing more is wanted.
func (l *listener) hangUp() { _ = l.line.Close() }

// numbered are texts of which none contains another.
func numbered(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("number %04d", i+1)
	}
	return texts
}
