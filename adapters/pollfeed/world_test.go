package pollfeed_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/adapters/pollfeed/polltest"
	"parley/adapters/ssefeed/ssetest"
	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// world is a feed of a room with Ada and Ben.
type world struct {
	ssetest.Serving
	t        *testing.T
	store    *counted
	ada, ben identity.Caller
	hall     room.ID
}

// counted is a store that counts what readers ask of it. The tail asks for
// nothing but From and Head.
type counted struct {
	*bunstore.Store
	reads atomic.Int64
}

func (c *counted) Room(ctx context.Context, in room.ID, s port.Span) ([]port.Entry, error) {
	c.reads.Add(1)
	return c.Store.Room(ctx, in, s)
}

func (c *counted) About(ctx context.Context, who identity.UserID, s port.Span) ([]port.Entry, error) {
	c.reads.Add(1)
	return c.Store.About(ctx, who, s)
}

func (c *counted) Latest(ctx context.Context, rooms []room.ID, after, upto sequence.Position) (map[room.ID]sequence.Position, error) {
	c.reads.Add(1)
	return c.Store.Latest(ctx, rooms, after, upto)
}

func (c *counted) Rights(ctx context.Context, who identity.Caller) (port.Rights, error) {
	c.reads.Add(1)
	return c.Store.Rights(ctx, who)
}

func newWorld(t *testing.T, change ...func(*ssetest.Parts)) *world {
	t.Helper()
	store := &counted{Store: bunstoretest.SQLite(t)}
	w := &world{t: t, store: store, Serving: polltest.Serve(t, store, change...)}
	w.ada, w.ben = w.newcomer("Ada"), w.newcomer("Ben")
	w.hall = w.opens("Hall", w.ada, w.ben)
	return w
}

func (w *world) change(step func(context.Context, port.Scope) error) {
	w.t.Helper()
	if err := w.store.Change(w.t.Context(), step); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) newcomer(name string) (who identity.Caller) {
	w.t.Helper()
	display, err := identity.ParseDisplayName(name)
	if err != nil {
		w.t.Fatal(err)
	}
	email, err := identity.ParseEmail(strings.ToLower(name) + "@example.org")
	if err != nil {
		w.t.Fatal(err)
	}
	w.change(func(ctx context.Context, s port.Scope) error {
		user, err := s.Keeping.AddUser(ctx, identity.User{Email: email, Name: display, CreatedAt: s.At}, "")
		if err != nil {
			return err
		}
		session, err := s.Keeping.AddSession(ctx, identity.Session{User: user.ID, CreatedAt: s.At})
		who = identity.Caller{User: user.ID, Session: session.ID}
		return err
	})
	return who
}

func (w *world) opens(called string, by, with identity.Caller) (in room.ID) {
	w.t.Helper()
	name, err := room.ParseName(called)
	if err != nil {
		w.t.Fatal(err)
	}
	plan, err := room.Design(policy.Group, name, by.User, []identity.UserID{with.User})
	if err != nil {
		w.t.Fatal(err)
	}
	w.change(func(ctx context.Context, s port.Scope) (err error) {
		in, err = s.Keeping.OpenRoom(ctx, plan, by.User)
		return err
	})
	return in
}

func (w *world) says(in room.ID, text string) {
	w.t.Helper()
	content, err := message.ParseContent(text)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.store.Send(w.t.Context(), message.Draft{Author: w.ada, Room: in, Content: content}); err != nil {
		w.t.Fatal(err)
	}
}

var everything = []string{"/chat/room/{id}", "/chat/user/{id}"}

// poll polls as Ben.
func (w *world) poll(after string, wait int, topics ...string) (polltest.Answer, error) {
	w.t.Helper()
	return polltest.Poll(w.t.Context(), polltest.Request{
		URL: w.URL + "?" + url.Values{"topic": topics}.Encode(), Token: ssetest.TokenOf(w.ben), After: after, Wait: wait, Client: w.Client,
	})
}

// mustPoll is a poll that is answered.
func (w *world) mustPoll(after string, wait int, topics ...string) polltest.Answer {
	w.t.Helper()
	answer, err := w.poll(after, wait, topics...)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer
}

// short is what the events of an answer are, each with its topic.
func short(a polltest.Answer) string {
	var all []string
	for _, e := range a.Events {
		word, _ := e.Type()
		if text, ok := strings.CutPrefix(string(e.Data), `{"type":"message.created"`); ok {
			_, text, _ = strings.Cut(text, `"content":"`)
			word, _, _ = strings.Cut(text, `"`)
		}
		topic := "null"
		if e.Topic != nil {
			topic = *e.Topic
		}
		all = append(all, fmt.Sprintf("%s@%s", word, topic))
	}
	return strings.Join(all, " ")
}
