package ssefeed_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/adapters/ssefeed"
	"parley/adapters/ssefeed/ssetest"
	"parley/adapters/wire"
	"parley/application/delivery"
	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/sequence"
)

// server is a feed whose readings are made up by the test.
type server struct {
	*httptest.Server
	feed *ssefeed.Feed
}

func serve(t *testing.T, follow ssetest.Follow, change ...func(*ssefeed.Feed)) server {
	t.Helper()
	feed := &ssefeed.Feed{
		Follow:     follow,
		Subscriber: verify,
		Publisher:  verify,
		Match:      compile,
		Address:    func(*http.Request) string { return "192.0.2.1" },
		Admit:      func(context.Context, identity.Caller) error { return nil },
		Cursors:    wire.NewCursors([16]byte{1}),
		Place:      func() sequence.Place { return sequence.Place{Position: 7, Mark: 8} },
		Cookies:    []string{"__Secure-mercure_access_token", "mercureAuthorization"},
		Now:        time.Now,
		Jitter:     func(d time.Duration) time.Duration { return d },
		Refuse: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusTeapot)
		},
	}
	for _, c := range change {
		c(feed)
	}
	s := httptest.NewServer(feed)
	t.Cleanup(s.Close)
	return server{s, feed}
}

// verify takes the tokens of a user "good", "late" (which expired a minute ago) and
// "old" (three minutes ago), and those of each dialect of Mercure, "0.x" and "1.0",
// which grant the topic "granted", and "0.x late", which expired a minute ago.
func verify(token string) (hub.Bearer, error) {
	ada := identity.Caller{User: must(identity.UserIDFrom(1)), Session: must(identity.SessionIDFrom(2))}
	granted := []hub.Matcher{hub.MatchExact("granted")}
	grant := hub.Grant{Dialect: hub.Legacy, Publish: granted, Subscribe: []hub.Detail{{Topics: granted}}}
	switch token {
	case "good":
		return hub.Bearer{Caller: ada, Until: time.Now().Add(time.Minute)}, nil
	case "late":
		return hub.Bearer{Caller: ada, Until: time.Now().Add(-time.Minute)}, identity.ErrExpiredToken
	case "old":
		return hub.Bearer{Caller: ada, Until: time.Now().Add(-3 * time.Minute)}, identity.ErrExpiredToken
	case "0.x":
		return hub.Bearer{Grant: grant}, nil
	case "0.x late":
		return hub.Bearer{Grant: grant, Until: time.Now().Add(-time.Minute)}, identity.ErrExpiredToken
	case "1.0":
		grant.Dialect = hub.Modern
		return hub.Bearer{Grant: grant, Until: time.Now().Add(time.Minute)}, nil
	default:
		return hub.Bearer{}, identity.ErrInvalidToken
	}
}

func must[T any](made T, err error) T {
	if err != nil {
		panic(err)
	}
	return made
}

// compile takes names and no patterns; "[" is none that could be compiled.
func compile(by hub.MatchType, text string) (hub.Matcher, error) {
	if text == "[" {
		return hub.Matcher{}, errors.New("no pattern")
	}
	return hub.Matching(by, text, nil), nil
}

// get asks with a query, and returns the answer and the whole of its body.
func (s server) get(t *testing.T, query string, change ...func(*http.Request)) (*http.Response, string) {
	t.Helper()
	return s.ask(t, http.MethodGet, "/?"+query, "", change)
}

// post sends a form, and returns the answer and the whole of its body.
func (s server) post(t *testing.T, body string, change ...func(*http.Request)) (*http.Response, string) {
	t.Helper()
	return s.ask(t, http.MethodPost, "", body, append([]func(*http.Request){form}, change...))
}

func (s server) ask(t *testing.T, method, where, body string, change []func(*http.Request)) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.URL+where, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(request)
	}
	response, err := s.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

func form(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }

func bearer(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func cookie(name, token string) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: name, Value: token}) }
}

// opensAndCloses is a reading that hands out nothing.
func opensAndCloses(_ context.Context, _ delivery.FollowQuery, sink delivery.Sink) error {
	if err := sink.Opened(delivery.Opened{Mode: delivery.Live, Place: sequence.Place{Position: 7, Mark: 8}}); err != nil {
		return err
	}
	if err := sink.Quiet(); err != nil {
		return err
	}
	if err := sink.Passed(sequence.Place{Position: 9, Mark: 1}); err != nil {
		return err
	}
	return sink.Closing(delivery.Closing{Reason: delivery.Drain, Advice: delivery.Resume})
}
