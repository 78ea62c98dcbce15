package ssefeed_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/adapters/ssefeed"
	"parley/application/delivery"
	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/sequence"
)

// opens is a reading that begins in some way and ends for some reason.
func opens(mode delivery.Mode, reason delivery.Reason) func(context.Context, delivery.FollowQuery, delivery.Sink) error {
	return func(_ context.Context, _ delivery.FollowQuery, sink delivery.Sink) error {
		if err := sink.Opened(delivery.Opened{Mode: mode, Place: sequence.Place{Position: 7, Mark: 8}}); err != nil {
			return err
		}
		if err := sink.Passed(sequence.Place{Position: 9, Mark: 1}); err != nil {
			return err
		}
		return sink.Closing(delivery.Closing{Reason: reason, Advice: delivery.Resume})
	}
}

func anonymous(f *ssefeed.Feed) { f.Anonymous = true }

func inURL(f *ssefeed.Feed) { f.QueryToken = true }

// Mercure: E1, E6, H11, H12, M3.
func TestAStreamOfNoUserHasNothingThatIsOurs(t *testing.T) {
	for reason, retry := range map[delivery.Reason]string{
		delivery.Drain: "retry: 2000\n\n", delivery.Expired: "", delivery.Slow: "", delivery.Revoked: "",
	} {
		s := serve(t, opens(delivery.Live, reason), anonymous)
		at, passed := s.feed.Cursors.Seal(sequence.Place{Position: 7, Mark: 8}), s.feed.Cursors.Seal(sequence.Place{Position: 9, Mark: 1})
		for name, who := range map[string][]func(*http.Request){"nobody": nil, "0.x": {bearer("0.x")}, "1.0": {bearer("1.0")}} {
			response, body := s.get(t, "match=x", who...)
			if want := "id: " + at + "\n\nid: " + passed + "\n\n" + retry; body != want {
				t.Errorf("%s, %v: got %q, want %q", name, reason, body, want)
			}
			if got := response.Header.Get("Mercure-Last-Event-ID"); got != at {
				t.Errorf("%s: goes on from %q, want %q", name, got, at)
			}
			if _, there := response.Header["Last-Event-Id"]; there {
				t.Errorf("%s: is told in the words of old", name)
			}
		}
	}
}

// Mercure: M3, M4, M8, S4.
func TestWhereAStreamOfNoUserGoesOnIsInItsHead(t *testing.T) {
	for _, c := range []struct {
		mode         delivery.Mode
		query, want  string // of want, "" is the fresh place
		header       string
		legacy, sent bool
	}{
		{mode: delivery.Live, query: "match=x"},
		{mode: delivery.Live, query: "match=x&last_event_id="},
		{mode: delivery.Live, query: "topic=x", legacy: true},
		{mode: delivery.Replay, query: "match=x&last_event_id=urn:a", want: "urn:a"},
		{mode: delivery.Replay, query: "match=x&lastEventID=urn:a", want: "urn:a", legacy: true},
		{mode: delivery.Replay, query: "match=x&Last-Event-ID=urn:a", want: "urn:a", legacy: true},
		{mode: delivery.Replay, query: "topic=x", header: "urn:h", want: "urn:h", legacy: true},
		{mode: delivery.Replay, query: "match=x&last_event_id=earliest", want: "earliest"},
		{mode: delivery.Reset, query: "match=x&last_event_id=urn:unknown", want: "earliest"},
		{mode: delivery.Reset, query: "match=x&last_event_id=a%0D%0Ab", want: "earliest"},
		{mode: delivery.Reset, query: "topic=x&last_event_id=parley:unknown", want: "earliest", legacy: true},
	} {
		s := serve(t, opens(c.mode, delivery.Expired), anonymous)
		if c.want == "" {
			c.want = s.feed.Cursors.Seal(sequence.Place{Position: 7, Mark: 8})
		}
		response, _ := s.get(t, c.query, func(r *http.Request) {
			if c.header != "" {
				r.Header.Set("Last-Event-ID", c.header)
			}
		})
		var old []string
		if c.legacy {
			old = []string{c.want}
		}
		if got := response.Header.Get("Mercure-Last-Event-ID"); got != c.want || !slices.Equal(response.Header["Last-Event-Id"], old) {
			t.Errorf("%+v: got %q and %q", c, got, response.Header["Last-Event-Id"])
		}
	}
}

// Mercure: B9, J3.
func TestWhoHasTooManyStreamsIsToldWhenToComeAgain(t *testing.T) {
	s := serve(t, func(context.Context, delivery.FollowQuery, delivery.Sink) error { return delivery.ErrTooMany }, anonymous)
	response, body := s.get(t, "topic=x")
	if response.StatusCode != http.StatusOK || body != "retry: 30000\n\n" {
		t.Errorf("got %d %q", response.StatusCode, body)
	}
}

// Mercure: A6, F3, F4, G1, G2, G3, G5, G6, J3, K1, S9, S10.
func TestWhoListensAndWhatTheyMayHear(t *testing.T) {
	granted := []hub.Detail{{Topics: []hub.Matcher{hub.MatchExact("granted")}}}
	with := func(changes ...func(*ssefeed.Feed)) []func(*ssefeed.Feed) { return changes }
	for name, c := range map[string]struct {
		hub     []func(*ssefeed.Feed)
		query   string
		ask     []func(*http.Request)
		refused error
		grant   []hub.Detail // nil: that of nobody
		address string
	}{
		"nobody, where that is not on":        {refused: identity.ErrUnauthenticated},
		"nobody, where that is on":            {hub: with(anonymous), address: "192.0.2.1"},
		"a bad token is nobody's":             {hub: with(anonymous), ask: []func(*http.Request){bearer("bad")}, refused: identity.ErrInvalidToken},
		"an empty cookie is nobody's":         {hub: with(anonymous), ask: []func(*http.Request){cookie("mercureAuthorization", "")}, refused: identity.ErrInvalidToken},
		"a header without a token":            {hub: with(anonymous), ask: []func(*http.Request){bearer("")}, refused: hub.ErrPresented},
		"a header with two tokens":            {ask: []func(*http.Request){bearer("0.x 0.x")}, refused: hub.ErrPresented},
		"0.x in the header":                   {ask: []func(*http.Request){bearer("0.x")}, grant: granted, address: "192.0.2.1"},
		"1.0 in the header":                   {ask: []func(*http.Request){bearer("1.0")}, grant: granted, address: "192.0.2.1"},
		"1.0 in a cookie":                     {ask: []func(*http.Request){cookie("__Secure-mercure_access_token", "1.0")}, grant: granted, address: "192.0.2.1"},
		"0.x in the old cookie":               {ask: []func(*http.Request){cookie("mercureAuthorization", "0.x")}, grant: granted, address: "192.0.2.1"},
		"0.x, expired, in a cookie":           {ask: []func(*http.Request){cookie("mercureAuthorization", "0.x late")}, refused: identity.ErrExpiredToken},
		"in the URL, where that is not on":    {hub: with(anonymous), query: "&authorization=0.x", refused: ssefeed.ErrTokenInURL},
		"0.x in the URL":                      {hub: with(inURL), query: "&authorization=0.x", grant: granted, address: "192.0.2.1"},
		"0.x in the URL with its scheme":      {hub: with(inURL), query: "&authorization=bearer+0.x", grant: granted, address: "192.0.2.1"},
		"a user in the URL":                   {hub: with(inURL), query: "&authorization=Bearer%20good"},
		"1.0 in the URL":                      {hub: with(inURL), query: "&authorization=1.0", refused: ssefeed.ErrTokenInURL},
		"bad in the URL, good in a cookie":    {hub: with(inURL), query: "&authorization=bad", ask: []func(*http.Request){cookie("mercureAuthorization", "0.x")}, refused: identity.ErrInvalidToken},
		"nothing in the URL, good in cookie":  {hub: with(inURL), query: "&authorization=", ask: []func(*http.Request){cookie("mercureAuthorization", "0.x")}, refused: identity.ErrInvalidToken},
		"bad in the URL, good in the header":  {query: "&authorization=bad", ask: []func(*http.Request){bearer("0.x")}, grant: granted, address: "192.0.2.1"},
		"by the name that 1.0 takes away":     {hub: with(inURL), query: "&access_token=0.x", refused: identity.ErrUnauthenticated},
		"the header counts before the cookie": {ask: []func(*http.Request){bearer("0.x"), cookie("mercureAuthorization", "bad")}, grant: granted, address: "192.0.2.1"},
	} {
		var asked *delivery.FollowQuery
		s := serve(t, func(_ context.Context, q delivery.FollowQuery, sink delivery.Sink) error {
			asked = &q
			return sink.Opened(delivery.Opened{Mode: delivery.Live})
		}, c.hub...)
		response, body := s.get(t, "topic=x"+c.query, c.ask...)
		if c.refused != nil {
			if strings.TrimSpace(body) != c.refused.Error() || asked != nil {
				t.Errorf("%s: got %q, want %q", name, body, c.refused)
			}
			continue
		}
		if asked == nil || response.StatusCode != http.StatusOK {
			t.Errorf("%s: refused: %s", name, body)
			continue
		}
		user := strings.Contains(c.query, "good")
		if len(asked.Grant.Subscribe) != len(c.grant) || asked.Address != c.address || asked.Who.User.IsZero() == user {
			t.Errorf("%s: asked as %+v", name, asked)
		}
		if cache := response.Header.Get("Cache-Control"); !strings.HasPrefix(cache, "private") {
			t.Errorf("%s: may be kept: %s", name, cache)
		}
	}
}

// Mercure: A7.
func TestHeadOfNobodyOpensNoStreamEither(t *testing.T) {
	s := serve(t, func(context.Context, delivery.FollowQuery, delivery.Sink) error {
		t.Error("a stream was opened")
		return nil
	}, anonymous)
	response, _ := s.get(t, "match=x", func(r *http.Request) { r.Method = http.MethodHead })
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("got %d, %q", response.StatusCode, response.Header.Get("Content-Type"))
	}
}

// Whether a cursor can be resumed from only a stream finds out.
//
// Mercure: A7, M3.
func TestHeadSaysWhereAStreamWouldGoOn(t *testing.T) {
	s := serve(t, nil, anonymous)
	here := s.feed.Cursors.Seal(s.feed.Place())
	for _, c := range []struct{ query, want, legacy string }{
		{"match=x", here, ""}, {"topic=x", here, here}, {"match=x&last_event_id=earliest", "", ""}, {"topic=x&lastEventID=a", "", ""},
	} {
		for name, as := range map[string]func(*http.Request){"nobody": func(*http.Request) {}, "a user": bearer("good")} {
			response, _ := s.get(t, c.query, as, func(r *http.Request) { r.Method = http.MethodHead })
			if got, legacy := response.Header.Get("Mercure-Last-Event-ID"), response.Header.Get("Last-Event-ID"); got != c.want || legacy != c.legacy {
				t.Errorf("%s, %s: %q and %q, want %q and %q", c.query, name, got, legacy, c.want, c.legacy)
			}
		}
	}
}

// The time that a body has to arrive is not the time that a stream may last.
//
// Mercure: A2, U5.
func TestAStreamThatIsAskedForByABodyOutlivesItsTime(t *testing.T) {
	s := serve(t, func(ctx context.Context, _ delivery.FollowQuery, sink delivery.Sink) error {
		select {
		case <-ctx.Done():
			t.Error("the stream was ended")
		case <-time.After(300 * time.Millisecond): // it lasts
		}
		return sink.Opened(delivery.Opened{Mode: delivery.Live})
	}, anonymous)
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		s.feed.ServeHTTP(w, r)
	}))
	defer slow.Close()
	r, err := http.NewRequestWithContext(t.Context(), ssefeed.QUERY, slow.URL, strings.NewReader("match=a"))
	if err != nil {
		t.Fatal(err)
	}
	form(r)
	response, err := slow.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if body, err := io.ReadAll(response.Body); err != nil || !strings.HasPrefix(string(body), "id: ") {
		t.Errorf("got %d %q, %v", response.StatusCode, body, err)
	}
}
