package ssefeed_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"parley/adapters/ssefeed"
	"parley/domain/fault"
	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/sequence"
)

// taken is what a hub takes: what is checked and granted.
type taken struct {
	got []hub.Update
	by  hub.Grant
}

func (p *taken) publish(_ context.Context, by hub.Grant, u hub.Update) (sequence.Place, error) {
	if err := u.Check(); err != nil {
		return sequence.Place{}, err
	}
	if !by.MayPublish(u.Topics) {
		return sequence.Place{}, hub.ErrScope
	}
	p.got, p.by = append(p.got, u), by
	return sequence.Place{Position: 7, Mark: 8}, nil
}

// publishing is a hub that takes updates; its own are the topics that begin with
// "own". It answers refusals with their sentences.
func publishing(t *testing.T, change ...func(*ssefeed.Feed)) (server, *taken) {
	t.Helper()
	p := &taken{}
	return serve(t, opensAndCloses, append([]func(*ssefeed.Feed){func(f *ssefeed.Feed) {
		f.Publish = p.publish
		f.Reserved = func(topic string) bool { return strings.HasPrefix(topic, "own") }
		f.Origins = []string{"https://chat.example.org", "http://localhost:3000"}
	}}, change...)...), p
}

// Mercure: D1, D2, D6, D7, D8, D10, D11, D12, U8.
func TestAnUpdateIsTakenAsItWasSent(t *testing.T) {
	s, log := publishing(t)
	cursor := s.feed.Cursors.Seal(sequence.Place{Position: 7, Mark: 8})
	g := func(u hub.Update) hub.Update { u.Topics = append([]string{"granted"}, u.Topics...); return u }
	for body, c := range map[string]struct {
		want hub.Update
		id   string
	}{
		"topic=granted":                             {g(hub.Update{}), cursor},
		"topic=granted&topic=granted":               {g(hub.Update{Topics: []string{"granted"}}), cursor},
		"topic=granted&data=a%0D%0Ab+c&data=second": {g(hub.Update{Data: "a\r\nb c"}), cursor},
		"topic=granted&private":                     {g(hub.Update{Private: true}), cursor},
		"topic=granted&private=":                    {g(hub.Update{Private: true}), cursor},
		"topic=granted&private=off":                 {g(hub.Update{Private: true}), cursor},
		"topic=granted&id=urn:uuid:1&type=t":        {g(hub.Update{ID: "urn:uuid:1", Type: "t"}), "urn:uuid:1"},
		"topic=granted&id=&type=&retry=&data=":      {g(hub.Update{}), cursor},
		"topic=granted&retry=0":                     {g(hub.Update{}), cursor},
		"topic=granted&retry=0015":                  {g(hub.Update{Retry: 15}), cursor},
		"topic=granted&retry=18446744073709551615":  {g(hub.Update{Retry: 1<<64 - 1}), cursor},
		"topic=granted&extension=x&Private=on":      {g(hub.Update{}), cursor},
	} {
		log.got = nil
		response, id := s.post(t, body, bearer("0.x"))
		if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/plain; charset=utf-8" || id != c.id {
			t.Errorf("%s: answered %d %q %q, want %q", body, response.StatusCode, response.Header.Get("Content-Type"), id, c.id)
		}
		if len(log.got) != 1 || !reflect.DeepEqual(log.got[0], c.want) {
			t.Errorf("%s: took %+v, want %+v", body, log.got, c.want)
		}
	}
}

// Mercure: D1, D2, D3, D4, D5, D8, D9, D10, D13, D14, J1, S12, U7.
func TestWhatIsNotTaken(t *testing.T) {
	s, log := publishing(t)
	long := strings.Repeat("a", hub.MaxField+1)
	json := func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }
	token, none := bearer("0.x"), func(*http.Request) {}
	basic := func(r *http.Request) { r.Header.Set("Authorization", "Basic 0.x") }
	refusedInURL := func(r *http.Request) { r.URL.RawQuery = "authorization=0.x" }
	for _, c := range []struct {
		body   string
		change func(*http.Request)
		want   string // the refusal
	}{
		{"topic=granted", none, identity.ErrUnauthenticated.Error()},
		{"topic=granted", bearer("bad"), identity.ErrInvalidToken.Error()},
		{"topic=granted", bearer("good"), hub.ErrScope.Error()}, // a user
		{"topic=granted&topic=other", token, hub.ErrScope.Error()},
		{"", token, hub.ErrNoTopic.Error()},
		{"data=x", token, hub.ErrNoTopic.Error()},
		{"topic=*", token, hub.ErrTopic.Error()},
		{"topic=a%00b", token, hub.ErrTopic.Error()},
		{"topic=%FF", token, hub.ErrTopic.Error()},
		{"topic=own", none, hub.ErrReserved.Error()},
		{"topic=own", bearer("bad"), hub.ErrReserved.Error()},
		{"topic=own", basic, hub.ErrReserved.Error()},
		{"topic=own", refusedInURL, hub.ErrReserved.Error()},
		{"topic=granted&topic=own", token, hub.ErrReserved.Error()},
		{"topic=granted&data=%FF", token, hub.ErrData.Error()},
		{"topic=granted&id=%23a", token, hub.ErrID.Error()},
		{"topic=granted&id=earliest", token, hub.ErrID.Error()},
		{"topic=granted&id=parley:x", token, hub.ErrID.Error()},
		{"topic=granted&id=a%0Ab", token, hub.ErrID.Error()},
		{"topic=granted&type=mercure", token, hub.ErrType.Error()},
		{"topic=granted&type=stream.opened", token, hub.ErrType.Error()},
		{"topic=granted&type=a%0Adata:b", token, hub.ErrType.Error()},
		{"topic=granted&retry=1e3", token, "The retry is a number of milliseconds, in digits."},
		{"topic=granted&retry=-1", token, "The retry is a number of milliseconds, in digits."},
		{"topic=granted&retry=%2B1", token, "The retry is a number of milliseconds, in digits."},
		{"topic=granted&retry=1_000", token, "The retry is a number of milliseconds, in digits."},
		{"topic=granted&retry=%D9%A1", token, "The retry is a number of milliseconds, in digits."},
		{"topic=granted&retry=18446744073709551616", token, "The retry is a number of milliseconds, in digits."},
		{"topic=" + long, token, hub.ErrTooLarge.Error()},
		{"topic=granted&id=" + long, token, hub.ErrTooLarge.Error()},
		{"topic=granted&type=" + long, token, hub.ErrTooLarge.Error()},
		{strings.Repeat("topic=granted&", hub.MaxTopics+1), token, hub.ErrTooLarge.Error()},
		{strings.Repeat("topic=granted&", 3*hub.MaxTopics), token, hub.ErrTooLarge.Error()},
		{"topic=granted&data=" + strings.Repeat("a", 1<<20), token, hub.ErrTooLarge.Error()},
		{`{"topic":"granted"}`, func(r *http.Request) { token(r); json(r) }, "What is sent to the hub is application/x-www-form-urlencoded, without a content encoding."},
	} {
		if _, said := s.post(t, c.body, c.change); strings.TrimSpace(said) != c.want {
			t.Errorf("%.60q: got %q, want %q", c.body, said, c.want)
		}
	}
	if _, said := s.post(t, "", token, func(r *http.Request) { r.URL.RawQuery = "topic=granted" }); strings.TrimSpace(said) != hub.ErrNoTopic.Error() {
		t.Errorf("a topic in the query: got %q", said)
	}
	if len(log.got) > 0 {
		t.Errorf("took %+v", log.got)
	}
	if _, id := s.post(t, strings.Repeat("topic=granted&", hub.MaxTopics), token); !strings.HasPrefix(id, "parley:") {
		t.Errorf("as many topics as there may be: got %q", id)
	}
}

// Mercure: K4, G3, G4.
func TestAPagePublishesByACookieOnlyFromItsOwnOrigin(t *testing.T) {
	header := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[http.CanonicalHeaderKey(name)] = values }
	}
	for name, c := range map[string]struct {
		change []func(*http.Request)
		taken  bool
	}{
		"its own origin":              {[]func(*http.Request){header("Origin", "https://chat.example.org")}, true},
		"an origin that is allowed":   {[]func(*http.Request){header("Origin", "http://localhost:3000")}, true},
		"another one":                 {[]func(*http.Request){header("Origin", "https://evil.example")}, false},
		"one that looks like it":      {[]func(*http.Request){header("Origin", "https://chat.example.org.evil.example")}, false},
		"another port":                {[]func(*http.Request){header("Origin", "http://localhost:3001")}, false},
		"another scheme":              {[]func(*http.Request){header("Origin", "http://chat.example.org")}, false},
		"none that is told":           {[]func(*http.Request){header("Origin", "null"), header("Referer", "https://chat.example.org/")}, false},
		"two of them":                 {[]func(*http.Request){header("Origin", "https://chat.example.org", "https://chat.example.org")}, false},
		"a page of its own":           {[]func(*http.Request){header("Referer", "https://chat.example.org/rooms?x#y")}, true},
		"a page of another":           {[]func(*http.Request){header("Referer", "https://evil.example/https://chat.example.org")}, false},
		"a page with a name before @": {[]func(*http.Request){header("Referer", "https://chat.example.org@evil.example/")}, false},
		"neither of both":             {nil, false},
		"the header beside it":        {[]func(*http.Request){bearer("0.x"), header("Origin", "https://evil.example")}, true},
	} {
		s, log := publishing(t)
		_, said := s.post(t, "topic=granted", append(c.change, cookie("mercureAuthorization", "0.x"))...)
		if (len(log.got) == 1) != c.taken || !c.taken && strings.TrimSpace(said) != hub.ErrOrigin.Error() {
			t.Errorf("%s: took %d, and said %q", name, len(log.got), said)
		}
	}
}

// Mercure: G2, G5, G6, S10.
func TestATokenInTheURLPublishesWhereThatIsSwitchedOn(t *testing.T) {
	query := func(q string) func(*http.Request) { return func(r *http.Request) { r.URL.RawQuery = q } }
	off, none := publishing(t)
	if _, said := off.post(t, "topic=granted", query("authorization=0.x")); strings.TrimSpace(said) != ssefeed.ErrTokenInURL.Error() || len(none.got) > 0 {
		t.Errorf("where it is off: got %q", said)
	}
	s, log := publishing(t, inURL)
	if _, said := s.post(t, "topic=granted", query("authorization=1.0")); strings.TrimSpace(said) != ssefeed.ErrTokenInURL.Error() || len(log.got) > 0 {
		t.Errorf("by a token of 1.0: got %q", said)
	}
	response, _ := s.post(t, "topic=granted", query("authorization=0.x"))
	if len(log.got) != 1 || !strings.Contains(response.Header.Get("Cache-Control"), "private") {
		t.Errorf("took %d, Cache-Control %q", len(log.got), response.Header.Get("Cache-Control"))
	}
	if _, said := s.post(t, "topic=granted", func(r *http.Request) { r.Header.Set("Authorization", "Basic 0.x") }); strings.TrimSpace(said) != hub.ErrPresented.Error() {
		t.Errorf("a header of another scheme: got %q", said)
	}
}

func TestWhatTheLogDoesNotTakeIsRefused(t *testing.T) {
	full := fault.New(fault.Unavailable, "storage-unavailable", "Not now.")
	s, _ := publishing(t, func(f *ssefeed.Feed) {
		f.Publish = func(context.Context, hub.Grant, hub.Update) (sequence.Place, error) { return sequence.Place{}, full }
	})
	if _, said := s.post(t, "topic=granted", bearer("0.x")); strings.TrimSpace(said) != full.Error() {
		t.Errorf("got %q", said)
	}
	s, _ = publishing(t, func(f *ssefeed.Feed) {
		f.Admit = func(context.Context, identity.Caller) error { return identity.ErrSessionEnded }
	})
	if _, said := s.post(t, "topic=granted", bearer("good")); strings.TrimSpace(said) != identity.ErrSessionEnded.Error() {
		t.Errorf("a user whose session has ended: got %q", said)
	}
}

var errBroke = errors.New("broke")

// A body that does not arrive to its end is nobody's update.
func TestABodyThatBreaksOffIsNotTaken(t *testing.T) {
	s, log := publishing(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, io.MultiReader(strings.NewReader("topic=granted"), broken{}))
	if err != nil {
		t.Fatal(err)
	}
	form(r)
	bearer("0.x")(r)
	if response, err := s.Client().Do(r); err == nil {
		_ = response.Body.Close()
		t.Errorf("got %d", response.StatusCode)
	}
	s.Close()
	if len(log.got) > 0 {
		t.Errorf("took %+v", log.got)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroke }
