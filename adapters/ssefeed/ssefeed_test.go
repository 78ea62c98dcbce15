package ssefeed_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"parley/adapters/bunstore/bunstoretest"
	"parley/adapters/ssefeed"
	"parley/adapters/ssefeed/ssetest"
	"parley/application/contract"
	"parley/application/delivery"
	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/sequence"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestContract(t *testing.T) {
	contract.Feed(t, func(t *testing.T) contract.Feeding {
		t.Helper()
		return ssetest.Feeding(t, bunstoretest.SQLite(t))
	})
}

func TestContractFromPages(t *testing.T) {
	contract.Feed(t, func(t *testing.T) contract.Feeding {
		t.Helper()
		return ssetest.Feeding(t, bunstoretest.SQLite(t), func(p *ssetest.Parts) { p.Tail.Memory = 1 })
	})
}

// Mercure: E4.
func TestAStreamReadsAsTheContractSays(t *testing.T) {
	s := serve(t, opensAndCloses)
	response, body := s.get(t, "topic=/chat/room/1&match=x", bearer("good"))
	at, passed := s.feed.Cursors.Seal(sequence.Place{Position: 7, Mark: 8}), s.feed.Cursors.Seal(sequence.Place{Position: 9, Mark: 1})
	for name, want := range map[string]string{
		"Content-Type": "text/event-stream", "Mercure-Last-Event-ID": at, "X-Accel-Buffering": "no",
		"Cache-Control": "private, no-cache, no-store, must-revalidate, max-age=0",
	} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	lines := strings.Split(body, "\n")
	want := []string{
		"event: stream.opened", `data: {"type":"stream.opened"`, "id: " + at, "",
		":", "id: " + passed, "", "event: stream.closing", "retry: 2000", `data: {"type":"stream.closing"`, "", "",
	}
	if len(lines) != len(want) {
		t.Fatalf("got %q, want %d lines", body, len(want))
	}
	for i := range want {
		if !strings.HasPrefix(lines[i], want[i]) || want[i] == "" && lines[i] != "" {
			t.Errorf("line %d: got %q, want %q", i, lines[i], want[i])
		}
	}
	if !strings.Contains(lines[1], `"topics":["/chat/room/1","x"]`) || !strings.Contains(lines[1], `"resumedFrom":null`) {
		t.Errorf("the opening reads %s", lines[1])
	}
}

func TestWhereTheTokenStands(t *testing.T) {
	s := serve(t, opensAndCloses)
	for name, c := range map[string]struct {
		query  string
		change []func(*http.Request)
		want   error // nil: a stream
	}{
		"nowhere":                          {"", nil, identity.ErrUnauthenticated},
		"in the header":                    {"", []func(*http.Request){bearer("good")}, nil},
		"in a header of small letters":     {"", []func(*http.Request){func(r *http.Request) { r.Header.Set("Authorization", "bearer good") }}, nil},
		"in a header of another scheme":    {"", []func(*http.Request){func(r *http.Request) { r.Header.Set("Authorization", "Basic good") }}, hub.ErrPresented},
		"in two headers":                   {"", []func(*http.Request){bearer("good"), func(r *http.Request) { r.Header.Add("Authorization", "Bearer good") }}, hub.ErrPresented},
		"in the cookie":                    {"", []func(*http.Request){cookie("mercureAuthorization", "good")}, nil},
		"in the cookie of a served site":   {"", []func(*http.Request){cookie("__Secure-mercure_access_token", "good")}, nil},
		"in another cookie":                {"", []func(*http.Request){cookie("x", "good")}, identity.ErrUnauthenticated},
		"bad in the header, good below":    {"", []func(*http.Request){bearer("bad"), cookie("mercureAuthorization", "good")}, identity.ErrInvalidToken},
		"bad in one cookie, good in other": {"", []func(*http.Request){cookie("__Secure-mercure_access_token", "bad"), cookie("mercureAuthorization", "good")}, identity.ErrInvalidToken},
		"in the URL":                       {"&authorization=good", nil, ssefeed.ErrTokenInURL},
		"in the URL and a cookie":          {"&authorization=good", []func(*http.Request){cookie("mercureAuthorization", "good")}, ssefeed.ErrTokenInURL},
		"expired in the header":            {"", []func(*http.Request){bearer("late")}, identity.ErrExpiredToken},
		"long expired in the cookie":       {"", []func(*http.Request){cookie("mercureAuthorization", "old")}, identity.ErrExpiredToken},
	} {
		response, body := s.get(t, "topic=x"+c.query, c.change...)
		switch {
		case c.want == nil && response.StatusCode != http.StatusOK:
			t.Errorf("%s: refused: %s", name, body)
		case c.want != nil && strings.TrimSpace(body) != c.want.Error():
			t.Errorf("%s: got %q, want %q", name, body, c.want)
		}
	}
}

// A browser gives up for good on anything but 200; this page is renewing its
// cookie right now.
func TestAPageWhoseCookieHasJustExpiredIsAskedToRenewItAndComeAgain(t *testing.T) {
	s := serve(t, opensAndCloses)
	response, body := s.get(t, "topic=x", cookie("mercureAuthorization", "late"))
	if response.StatusCode != http.StatusOK || !strings.Contains(body, "retry: 3000\n") ||
		!strings.Contains(body, `"reason":"expired","action":"reauthenticate"`) {
		t.Errorf("got %d %q", response.StatusCode, body)
	}
	over := serve(t, opensAndCloses, func(f *ssefeed.Feed) {
		f.Admit = func(context.Context, identity.Caller) error { return identity.ErrSessionEnded }
	})
	if _, body := over.get(t, "topic=x", cookie("mercureAuthorization", "late")); strings.TrimSpace(body) != identity.ErrSessionEnded.Error() {
		t.Errorf("of a session that has ended: got %q", body)
	}
}

func TestWhetherTheSessionLastsIsAskedWhereNoStreamIsOpened(t *testing.T) {
	for _, c := range []struct {
		says     error
		ask      []func(*http.Request)
		method   string
		status   int
		contains string
	}{
		{identity.ErrSessionEnded, []func(*http.Request){bearer("good")}, http.MethodHead, http.StatusTeapot, ""},
		{nil, []func(*http.Request){bearer("good")}, http.MethodHead, http.StatusOK, ""},
		{delivery.ErrBusy, []func(*http.Request){cookie("mercureAuthorization", "late")}, http.MethodGet, http.StatusOK, "retry: 10000\n\n"},
	} {
		s := serve(t, opensAndCloses, func(f *ssefeed.Feed) {
			f.Admit = func(context.Context, identity.Caller) error { return c.says }
		})
		response, body := s.get(t, "topic=x", append(c.ask, func(r *http.Request) { r.Method = c.method })...)
		if response.StatusCode != c.status || !strings.Contains(body, c.contains) {
			t.Errorf("%s, %v: got %d %q", c.method, c.says, response.StatusCode, body)
		}
	}
}

func TestWhatWillPassIsNotRefused(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string // a part of the body
	}{
		{delivery.ErrBusy, "retry: 10000\n\n"},
		{errors.New("something broke"), "retry: 10000\n\n"},
		{fmt.Errorf("wrapped: %w", delivery.ErrTooMany), `"reason":"too-many","action":"resume"`},
	} {
		s := serve(t, func(context.Context, delivery.FollowQuery, delivery.Sink) error { return c.err })
		response, body := s.get(t, "topic=x", bearer("good"))
		if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" || !strings.Contains(body, c.want) {
			t.Errorf("%v: got %d %q, want %q", c.err, response.StatusCode, body, c.want)
		}
	}
	s := serve(t, func(context.Context, delivery.FollowQuery, delivery.Sink) error { return identity.ErrSessionEnded })
	if response, _ := s.get(t, "topic=x", bearer("good")); response.StatusCode != http.StatusTeapot {
		t.Errorf("a session that has ended: got %d, want it refused", response.StatusCode)
	}
}

func TestWhereAStreamStarts(t *testing.T) {
	var from delivery.Start
	s := serve(t, func(_ context.Context, q delivery.FollowQuery, _ delivery.Sink) error {
		from = q.From
		return delivery.ErrBusy
	})
	place := sequence.Place{Position: 7, Mark: 8}
	for cursor, want := range map[string]delivery.Start{
		"": {}, "earliest": delivery.FromEarliest(), "urn:uuid:1": delivery.FromNamed("urn:uuid:1"), "parley:nonsense": delivery.FromUnreadable(),
		"#fragment": delivery.FromUnreadable(), "a\u200bb": delivery.FromUnreadable(), strings.Repeat("a", hub.MaxField+1): delivery.FromUnreadable(),
		s.feed.Cursors.Seal(place): delivery.FromPlace(place),
	} {
		s.get(t, "topic=x", bearer("good"), func(r *http.Request) { r.Header.Set("Last-Event-ID", cursor) })
		if from != want {
			t.Errorf("%q: starts at %v, want %v", cursor, from, want)
		}
	}
}

func TestHeadOpensNoStream(t *testing.T) {
	s := serve(t, func(context.Context, delivery.FollowQuery, delivery.Sink) error {
		t.Error("a stream was opened")
		return nil
	})
	response, _ := s.get(t, "topic=x", bearer("good"), func(r *http.Request) { r.Method = http.MethodHead })
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("got %d, %q", response.StatusCode, response.Header.Get("Content-Type"))
	}
}

// The head must come before there is anything to tell: browsers call it open
// then.
func TestTheHeadIsSentAtOnce(t *testing.T) {
	hold := make(chan struct{})
	s := serve(t, func(_ context.Context, _ delivery.FollowQuery, sink delivery.Sink) error {
		err := sink.Opened(delivery.Opened{Mode: delivery.Live})
		<-hold
		return err
	})
	defer close(hold)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/?topic=x", nil)
	if err != nil {
		t.Fatal(err)
	}
	bearer("good")(request)
	response, err := s.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if line, err := bufio.NewReader(response.Body).ReadString('\n'); line != "event: stream.opened\n" {
		t.Errorf("got %q, %v", line, err)
	}
}
