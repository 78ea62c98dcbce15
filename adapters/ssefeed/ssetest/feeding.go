package ssetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/adapters/matching"
	"parley/adapters/ssefeed"
	"parley/adapters/wire"
	"parley/application/contract"
	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/identity"
)

// Store is a store that a feed is run on.
type Store interface {
	port.Work
	port.Sends
	port.Log
}

// Parts are what a feed is made of, to be changed before it is put together.
type Parts struct {
	Tail   delivery.Settings
	Follow func(Follow) Follow // what stands before the tail's own; nil: nothing
}

// Follow is what a feed reads with.
type Follow = func(context.Context, delivery.FollowQuery, delivery.Sink) error

// Serving is a feed that is served over a real socket, at one address however
// often it is started anew.
type Serving struct {
	URL    string
	Client *http.Client
	node   *node
}

// Tail is what the feed reads with since it was started.
func (s Serving) Tail() *delivery.Tail { return s.node.tail.Load() }

// Restart stops the feed and starts it anew: all that it had in memory is gone.
func (s Serving) Restart() error {
	s.node.stop()
	s.node.start()
	return nil
}

// Feeding runs a feed on a store, over a real socket, and listens to it as a
// client does. Whoever says who they are is believed. t ends it.
func Feeding(t *testing.T, store Store, change ...func(*Parts)) contract.Feeding {
	t.Helper()
	matchers, err := matching.New("https://hub.example/.well-known/mercure")
	if err != nil {
		t.Fatal(err)
	}
	s := Serve(t, store, func(follow Follow, cursors *wire.Cursors) http.Handler {
		return &ssefeed.Feed{
			Follow: follow, Subscriber: asUser, Match: matchers.Compile, Cursors: cursors, Now: time.Now, Jitter: asIs,
			Admit:  func(context.Context, identity.Caller) error { return nil },
			Refuse: func(w http.ResponseWriter, _ *http.Request, err error) { http.Error(w, err.Error(), http.StatusTeapot) },
		}
	}, change...)
	return contract.Feeding{
		Work: store, Sends: store, Open: func() int { return s.Tail().Readings() }, Restart: s.Restart,
		Listen: func(ctx context.Context, who identity.Caller, topics []string, after string) (contract.Line, error) {
			query := url.Values{"topic": topics}
			line, err := Dial(ctx, Request{URL: s.URL + "?" + query.Encode(), Token: TokenOf(who), Cursor: after, Client: s.Client})
			return heardLine{line}, err
		},
	}
}

func asIs(d time.Duration) time.Duration { return d }

// Serve runs the handler of a feed, which it is given what to read with for. t
// ends it.
func Serve(t *testing.T, store Store, handler func(Follow, *wire.Cursors) http.Handler, change ...func(*Parts)) Serving {
	t.Helper()
	parts := Parts{Tail: delivery.Settings{
		Log: store, Now: time.Now, Jitter: asIs, Trouble: func(err error) { t.Log(err) },
		Poll: 5 * time.Millisecond, Quiet: time.Minute, Memory: 1 << 20, Pages: 1 << 20, Round: 1 << 20, InHand: 1 << 20,
	}}
	for _, c := range change {
		c(&parts)
	}
	n := &node{t: t, parts: parts, handler: handler}
	server := httptest.NewServer(n)
	t.Cleanup(server.Close)
	n.start() // ends before the server does
	return Serving{server.URL, server.Client(), n}
}

// node is a feed that can be started anew, behind one address.
type node struct {
	t       *testing.T
	parts   Parts
	handler func(Follow, *wire.Cursors) http.Handler
	tail    atomic.Pointer[delivery.Tail]
	feed    atomic.Pointer[http.Handler]
	stop    func()
}

func (n *node) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*n.feed.Load()).ServeHTTP(w, r) }

func (n *node) start() {
	n.t.Helper()
	tail := delivery.NewTail(n.parts.Tail)
	follow := delivery.Follow{Tail: tail}.Handle
	if n.parts.Follow != nil {
		follow = n.parts.Follow(follow)
	}
	n.tail.Store(tail)
	feed := n.handler(follow, wire.NewCursors([16]byte([]byte("a key of 16 byte"))))
	n.feed.Store(&feed)
	n.stop = runTail(n.t, tail)
}

// runTail runs a tail until stop is called.
func runTail(t *testing.T, tail *delivery.Tail) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := tail.Run(ctx); err != nil {
			t.Errorf("the tail: %v", err)
		}
	}()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	t.Cleanup(stop)
	for deadline := time.Now().Add(10 * time.Second); tail.Ready() != nil; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the tail does not become ready: %v", tail.Ready())
		}
	}
	return stop
}

// TokenOf is a token that Believe takes.
func TokenOf(who identity.Caller) string { return who.User.String() + "." + who.Session.String() }

// Believe takes whoever says who they are at their word.
func Believe(token string) (identity.Proof, error) {
	user, session, _ := strings.Cut(token, ".")
	who, err := identity.ParseUserID(user)
	in, err2 := identity.ParseSessionID(session)
	if errors.Join(err, err2) != nil {
		return identity.Proof{}, identity.ErrInvalidToken
	}
	return identity.Proof{Caller: identity.Caller{User: who, Session: in}, Until: time.Now().Add(time.Hour)}, nil
}

// asUser is Believe, for the hub.
func asUser(token string) (hub.Bearer, error) {
	proof, err := Believe(token)
	return hub.Bearer{Caller: proof.Caller, Until: proof.Until}, err
}

// heardLine is a line as contracts know it.
type heardLine struct{ *Line }

func (l heardLine) Next(ctx context.Context) (contract.Heard, error) {
	event, err := l.Line.Next(ctx)
	if err != nil {
		return contract.Heard{}, err
	}
	var data struct{ Type string }
	if err := json.Unmarshal([]byte(event.Data), &data); err != nil {
		return contract.Heard{}, fmt.Errorf("data of %s: %w", event.Name, err)
	}
	if event.Name != data.Type && (event.Name != "message" || data.Type != "message.created") {
		return contract.Heard{}, fmt.Errorf("an event of type %s is called %s", data.Type, event.Name)
	}
	return contract.Heard{Type: data.Type, Cursor: event.ID, Data: event.Data}, nil
}
