package mercurefeed_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/adapters/mercurefeed"
	"parley/adapters/mercurefeed/hubtest"
	"parley/adapters/ssefeed/ssetest"
	"parley/application/port"
	"parley/application/relaying"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
)

// scene is a room with Ada, who opened it, and Ben; and Cleo, who is not in it.
type scene struct {
	t              *testing.T
	store          *bunstore.Store
	ada, ben, cleo identity.Caller
	hall           room.ID
	impatient      bool // with what a hub does not take
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{t: t, store: bunstoretest.SQLite(t)}
	for name, who := range map[string]*identity.Caller{"Ada": &s.ada, "Ben": &s.ben, "Cleo": &s.cleo} {
		display, err := identity.ParseDisplayName(name)
		if err != nil {
			t.Fatal(err)
		}
		s.change(func(ctx context.Context, sc port.Scope) error {
			user, err := sc.Keeping.AddUser(ctx, identity.User{Name: display, CreatedAt: sc.At}, "")
			if err != nil {
				return err
			}
			session, err := sc.Keeping.AddSession(ctx, identity.Session{User: user.ID, CreatedAt: sc.At})
			*who = identity.Caller{User: user.ID, Session: session.ID}
			return err
		})
	}
	return s
}

func (s *scene) change(step func(context.Context, port.Scope) error) {
	s.t.Helper()
	if err := s.store.Change(s.t.Context(), step); err != nil {
		s.t.Fatal(err)
	}
}

// opens lets Ada open the hall with Ben.
func (s *scene) opens() {
	s.t.Helper()
	name, err := room.ParseName("Hall")
	if err != nil {
		s.t.Fatal(err)
	}
	plan, err := room.Design(policy.Group, name, s.ada.User, []identity.UserID{s.ben.User})
	if err != nil {
		s.t.Fatal(err)
	}
	s.change(func(ctx context.Context, sc port.Scope) (err error) {
		s.hall, err = sc.Keeping.OpenRoom(ctx, plan, s.ada.User)
		return err
	})
}

func (s *scene) keeps(changes ...room.Change) {
	s.t.Helper()
	s.change(func(ctx context.Context, sc port.Scope) error {
		return sc.Keeping.Keep(ctx, s.hall, s.ada.User, changes)
	})
}

func (s *scene) says(text string) message.Message {
	s.t.Helper()
	content, err := message.ParseContent(text)
	if err != nil {
		s.t.Fatal(err)
	}
	sent, err := s.store.Send(s.t.Context(), message.Draft{Author: s.ada, Room: s.hall, Content: content})
	if err != nil {
		s.t.Fatal(err)
	}
	return sent.Message
}

func (s *scene) revises(m message.Message, change message.Change) {
	s.t.Helper()
	s.change(func(ctx context.Context, sc port.Scope) error { return sc.Revising.Revise(ctx, m, s.ada.User, change) })
}

// lives lets everything happen that can be heard of in a room, and each time
// something then.
func (s *scene) lives(then func()) {
	s.t.Helper()
	s.opens()
	then()
	first := s.says("Hello & good day = 100%; \"quoted\" + é𝄞\nin two lines")
	then()
	to, err := message.ParseContent("better")
	if err != nil {
		s.t.Fatal(err)
	}
	s.revises(first, message.Edited{To: to})
	then()
	s.revises(first, message.Deleted{})
	then()
	name, err := room.ParseName("Attic")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, change := range []room.Change{
		room.Joined{Who: s.cleo.User, Role: room.Member},
		room.RoleChanged{Who: s.cleo.User, Role: room.Admin},
		room.Left{Who: s.cleo.User, Role: room.Admin, Reason: room.WasRemoved},
		room.Renamed{To: name},
		room.Deleted{},
	} {
		s.keeps(change)
		then()
	}
}

// relays hands the log on to a hub.
func (s *scene) relays(hub string) (stop func()) {
	s.t.Helper()
	client := mercurefeed.Client()
	client.Timeout = brief
	s.t.Cleanup(client.CloseIdleConnections)
	publisher := &mercurefeed.Hub{
		URL: hub, Publisher: hubtest.Minting(hubtest.PublisherKey, "publish"), Cursors: hubtest.Cursors(), Client: client, Now: time.Now,
	}
	settings := hubtest.Settings(s.store, hub, publisher.Publish)
	settings.Jitter = func(time.Duration) time.Duration { return 0 }
	if s.impatient {
		settings.Patience = time.Millisecond
	}
	relay := relaying.New(settings)
	if err := relay.Begin(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	return hubtest.Running(s.t, relay)
}

// brief is how long a hub may take to answer here.
const brief = 300 * time.Millisecond

// listens opens a line to a hub, with a token that grants these topics; none: with
// no token at all.
func (s *scene) listens(hub *hubtest.Hub, granted ...string) *ssetest.Line {
	s.t.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	ask := ssetest.Request{URL: hub.URL + "?" + url.Values{"topic": {"*"}}.Encode(), Client: client}
	if len(granted) > 0 {
		ask.Token = hubtest.Token(hubtest.SubscriberKey, "subscribe", time.Now().Add(time.Minute), granted...)
	}
	line, err := ssetest.Dial(s.t.Context(), ask)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = line.Close(); client.CloseIdleConnections() })
	return line
}

// hears reads n events.
func (s *scene) hears(line *ssetest.Line, n int) []ssetest.Event {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	var heard []ssetest.Event
	for range n {
		event, err := line.Next(ctx)
		if err != nil {
			s.t.Fatalf("after %d of %d events: %v", len(heard), n, err)
		}
		heard = append(heard, event)
	}
	return heard
}

func names(events []ssetest.Event) []string {
	var all []string
	for _, e := range events {
		all = append(all, e.Name)
	}
	return all
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func numbered(n int) []string {
	var texts []string
	for i := range n {
		texts = append(texts, fmt.Sprintf("number %03d", i+1))
	}
	return texts
}
