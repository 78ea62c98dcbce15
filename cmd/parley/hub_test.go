package main_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"parley/adapters/ssefeed/ssetest"
)

// thirdParties are settings under which anybody may hear what is public, and a
// Mercure token may stand in a URL.
var thirdParties = []string{
	masterKey, "PARLEY_PUBLIC_URL=http://127.0.0.1:1", "MERCURE_ANONYMOUS=true", "MERCURE_QUERY_TOKEN=true", "PARLEY_LOG_FORMAT=json", "PARLEY_LOG_LEVEL=debug",
}

// mint mints a Mercure token.
func mint(t testing.TB, flags ...string) string {
	t.Helper()
	code, out, said := run(t, t.TempDir(), thirdParties, append([]string{"token"}, flags...)...)
	if code != 0 {
		t.Fatalf("token %q: exit code %d: %s", flags, code, said)
	}
	return strings.TrimSpace(out)
}

// publish publishes, and returns the status and what is said, which is the id.
func (s *server) publish(t testing.TB, token string, fields url.Values) (status int, said string) {
	t.Helper()
	r, err := http.NewRequestWithContext(within(t), http.MethodPost, s.url+"/.well-known/mercure", strings.NewReader(fields.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func (s *server) mustPublish(t testing.TB, token string, fields url.Values) (id string) {
	t.Helper()
	status, id := s.publish(t, token, fields)
	if status != http.StatusOK {
		t.Fatalf("publish %v: %d %s", fields, status, id)
	}
	return id
}

// hubLine opens a stream of the hub, once the program is ready: before that it
// asks whoever listens to come again.
func (s *server) hubLine(t testing.TB, token, query, cursor string) *ssetest.Line {
	t.Helper()
	await(t, "the program is ready", func() bool {
		answer, err := http.Get(s.url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		return answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
	})
	line, err := ssetest.Dial(t.Context(), ssetest.Request{URL: s.url + "/.well-known/mercure?" + query, Token: token, Cursor: cursor})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = line.Close() })
	return line
}

// hearsNext demands what comes next on a line, as data with its id.
func hearsNext(t testing.TB, who string, line *ssetest.Line, want ...ssetest.Event) {
	t.Helper()
	for _, one := range want {
		got, err := line.Next(within(t))
		for err == nil && got.Name == "stream.opened" {
			got, err = line.Next(within(t))
		}
		if err != nil {
			t.Fatalf("%s waits for %q: %v", who, one.Data, err)
		}
		if one.ID == "" {
			one.ID = got.ID
		}
		if one.Name == "" {
			one.Name = "message"
		}
		if got != one || got.ID == "" {
			t.Errorf("%s hears %+v, want %+v", who, got, one)
		}
	}
}

const book = "https://example.org/books/1"

// What a third party publishes is heard by everybody who may, however they come:
// live, when they come back, and after the program was started anew.
//
// Mercure: A1, B11, C3, C5, D2, D8, D12, E1, F1, F2, F3, F4, G1, G2, M1, M2, M3, M4, M5, S1, S2, S3, S4.
func TestWhatIsPublishedIsHeardByWhoMay(t *testing.T) {
	t.Parallel() // most of it is waiting
	folder := t.TempDir()
	s := serve(t, folder, thirdParties...)
	ada := join(t, s, "ada")
	publisher := mint(t, "-dialect", "0.x", "-publish", "*")
	legacy := mint(t, "-dialect", "0.x", "-subscribe", "https://example.org/{+any}")
	modern := mint(t, "-dialect", "1.0", "-match", "urlpattern", "-subscribe", "https://example.org/*")
	other := mint(t, "-dialect", "1.0", "-subscribe", "https://example.org/other")
	listeners := []struct {
		who, token, query string
		private, ownIDs   bool
	}{
		{"0.x", legacy, "topic=https://example.org/books/{id}", true, true},
		{"1.0", modern, "match_urlpattern=https://example.org/books/:id&match=" + book, true, true},
		{"1.0 with another grant", other, "match=" + book, false, true},
		{"both", modern, "topic=" + book + "&match=*", true, true},
		{"nobody", "", "match=" + book, false, true},
		{"nobody, for all", "", "topic=*", false, true},
		{"a user", ada.token, "topic=" + book + "&topic=*", false, false},
	}
	lines := make([]*ssetest.Line, len(listeners))
	for i, l := range listeners {
		lines[i] = s.hubLine(t, l.token, l.query, "")
	}
	first := s.mustPublish(t, publisher, url.Values{"topic": {book}, "data": {"one"}, "type": {"new"}})
	s.mustPublish(t, publisher, url.Values{"topic": {book, "https://example.org/alternate"}, "data": {"secret"}, "private": {"on"}, "id": {"urn:secret"}})
	second := s.mustPublish(t, publisher, url.Values{"topic": {"https://example.org/elsewhere", book}, "data": {"t\r\nw\ro"}, "id": {"urn:second"}})
	s.mustPublish(t, publisher, url.Values{"topic": {book}, "data": {"again"}, "id": {"urn:second"}})
	if !strings.HasPrefix(first, "parley:") || second != "urn:second" {
		t.Errorf("the ids are %q and %q", first, second)
	}
	// hears demands the rest of what was published, from the first that is missing.
	hears := func(i int, line *ssetest.Line, after string) {
		l := listeners[i]
		all := []ssetest.Event{
			{Name: "new", Data: "one", ID: first}, {Data: "secret", ID: "urn:secret"}, {Data: "t\nw\no", ID: "urn:second"}, {Data: "again", ID: "urn:second"},
		}
		if after != "" {
			all = all[1+slices.IndexFunc(all, func(e ssetest.Event) bool { return e.ID == after }):]
		}
		for _, one := range all {
			switch {
			case one.Data == "secret" && !l.private:
				continue
			case !l.ownIDs && one.ID != first:
				one.ID = "" // a cursor
			}
			hearsNext(t, l.who+" after "+after, line, one)
		}
	}
	for i, line := range lines {
		hears(i, line, "")
	}
	ada.at.end(t)
	s = serve(t, folder, thirdParties...)
	ada.at = s
	for i, l := range listeners {
		for _, after := range []string{first, "urn:second"} {
			line := s.hubLine(t, l.token, l.query, after)
			hears(i, line, after)
			if at := line.Header.Get("Mercure-Last-Event-ID"); l.ownIDs && at != after {
				t.Errorf("%s goes on from %q, want %q", l.who, at, after)
			}
		}
		if l.private {
			hears(i, s.hubLine(t, l.token, l.query+"&lastEventID=urn:secret", ""), "urn:secret")
		}
		hears(i, s.hubLine(t, l.token, l.query+"&last_event_id=earliest", ""), "")
	}
	t.Run("what cannot be resumed is said", func(t *testing.T) {
		for query, old := range map[string][]string{"match=" + book: nil, "topic=" + book: {"earliest"}} {
			for _, after := range []string{"urn:unknown", "urn:secret", "parley:nonsense"} {
				line := s.hubLine(t, "", query, after)
				if at := line.Header.Get("Mercure-Last-Event-ID"); at != "earliest" || !slices.Equal(line.Header["Last-Event-Id"], old) {
					t.Errorf("%s after %s goes on from %q and %q", query, after, at, line.Header["Last-Event-Id"])
				}
				id := s.mustPublish(t, publisher, url.Values{"topic": {book}, "data": {"fence after " + after}})
				hearsNext(t, "nobody after "+after, line, ssetest.Event{Data: "fence after " + after, ID: id})
			}
		}
	})
}
