package ssefeed

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"parley/adapters/form"
	"parley/adapters/wire"
	"parley/domain/hub"
	"parley/domain/identity"
)

// asking is a feed that compiles everything but "[" to a name.
func asking() *Feed {
	return &Feed{
		Cursors: wire.NewCursors([16]byte{1}),
		Match: func(by hub.MatchType, text string) (hub.Matcher, error) {
			if text == "[" {
				return hub.Matcher{}, errors.New("no pattern")
			}
			return hub.Matching(by, text, nil), nil
		},
	}
}

// ask reads what a request asks for by its query and its body.
func ask(by hub.Bearer, header http.Header, query, body string) (request, error) {
	r := httptest.NewRequest(QUERY, "/", strings.NewReader(body))
	r.URL.RawQuery = query
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	sent, err := readFields(httptest.NewRecorder(), r)
	if err != nil {
		return request{}, err
	}
	return asking().parse(by, header, sent)
}

func aUser(t *testing.T) hub.Bearer {
	t.Helper()
	id, err := identity.UserIDFrom(1)
	if err != nil {
		t.Fatal(err)
	}
	return hub.Bearer{Caller: identity.Caller{User: id}}
}

// Mercure: A4, M1, S2, S3.
func TestTheCursorIsTheFirstOfItsPlaces(t *testing.T) {
	for _, c := range []struct{ header, query, body, want string }{
		{"", "", "", ""},
		{"h", "last_event_id=a&lastEventID=b&Last-Event-ID=c", "last_event_id=d", "h"},
		{"", "Last-Event-ID=c&lastEventID=b&last_event_id=a", "last_event_id=d", "a"},
		{"", "Last-Event-ID=c&lastEventID=b", "last_event_id=d", "b"},
		{"", "Last-Event-ID=c", "last_event_id=d", "c"},
		{"", "last_event_id=&Last-Event-ID=c", "", "c"},
		{"", "", "Last-Event-ID=f&lastEventID=e&last_event_id=d", "d"},
		{"", "last_event_id=", "lastEventID=e", "e"},
		{"", "last-event-id=a&LASTEVENTID=b", "", ""},
	} {
		header := http.Header{}
		if c.header != "" {
			header.Set("Last-Event-ID", c.header)
		}
		asked, err := ask(hub.Bearer{}, header, "match=a&"+c.query, c.body)
		if err != nil || asked.cursor != c.want {
			t.Errorf("%+v: got %q, %v", c, asked.cursor, err)
		}
	}
}

// Mercure: S4.
func TestWhoAsksInTheWordsOfOldIsKnownByThem(t *testing.T) {
	for query, want := range map[string]bool{
		"match=a": false, "match=a&last_event_id=b": false, "match=a&lastEventID=b": true, "match=a&Last-Event-ID=": true,
		"topic=a": true, "match=a&topic=b": true,
	} {
		if asked, err := ask(hub.Bearer{}, http.Header{"Last-Event-Id": {"h"}}, query, ""); err != nil || asked.legacy != want {
			t.Errorf("%s: got %v, %v", query, asked.legacy, err)
		}
	}
}

// Mercure: A3, A4, B1, B2, B3, B4, B5, B8, B10, B13, C6, S13, U2.
func TestWhatASubscriptionMayAskFor(t *testing.T) {
	many := func(name string, n int) string { return strings.Repeat("&"+name+"=a", n) }
	user := aUser(t)
	for _, c := range []struct {
		by          hub.Bearer
		query, body string
		want        error
	}{
		{user, "topic=/chat/room/1", "", nil},
		{user, "match=/chat/room/1", "", nil},
		{user, "match_exact=/chat/room/1&unknown", "", nil},
		{user, "match_urlpattern=/x", "", nil},
		{user, "match_urlpattern=[", "", ErrPattern},
		{user, many("topic", 100), "", nil},
		{user, many("topic", 101), "", ErrTooManyTopics},
		{user, many("topic", 50) + many("match", 51), "", ErrTooManyTopics},
		{user, "", "", ErrNoTopic},
		{user, "topi=x", "", ErrNoTopic},
		{user, "Topic=x", "", ErrNoTopic},
		{user, "Match=/chat/room/1", "", ErrMatcher},
		{user, "matchmaker=x&topic=y", "", ErrMatcher},
		{user, "mAtCh_foo&topic=y", "", ErrMatcher},
		{user, "topic=y", "MATCH=x", ErrMatcher},
		{user, "topic=%00", "", ErrTopic},
		{user, "topic=%FF", "", ErrTopic},
		{user, "match=a%E2%80%8Bb", "", ErrTopic},
		{user, "match=a%7F", "", ErrTopic},
		{user, "match=a%C2%85", "", ErrTopic},
		{user, "match=", "", nil},
		{user, "match", "", nil},
		{user, "topic=" + strings.Repeat("a", 4096), "", nil},
		{user, "topic=" + strings.Repeat("a", 4097), "", ErrTopic},
		{user, strings.Repeat("&x", 5000), "", form.ErrTooMany},
		{hub.Bearer{}, many("topic", 1000) + many("match", 60) + many("match_urlpattern", 40), "", nil},
		{hub.Bearer{}, many("topic", 1001), "", ErrTooManyTopics},
		{hub.Bearer{}, many("match", 60), many("match_urlpattern", 41), ErrTooManyTopics},
		{hub.Bearer{}, "", "match=a", nil},
		{hub.Bearer{}, "", "", ErrNoTopic},
		{hub.Bearer{}, "topic=a", strings.Repeat("a", maxAsking), nil},
		{hub.Bearer{}, "topic=a", strings.Repeat("a", maxAsking+1), hub.ErrTooLarge},
	} {
		if _, err := ask(c.by, http.Header{}, c.query, c.body); !errors.Is(err, c.want) {
			t.Errorf("%.40q and %.40q: got %v, want %v", c.query, c.body, err, c.want)
		}
	}
}

// Mercure: A4.
func TestWhatIsAskedForInTheQueryAndInTheBodyIsAskedForTogether(t *testing.T) {
	asked, err := ask(hub.Bearer{}, http.Header{}, "topic=a&match=b", "match_exact=c&topic=d&other=e&match_urlpattern=%2A")
	if want := []string{"a", "b", "c", "d", "*"}; err != nil || !slices.Equal(asked.topics, want) {
		t.Errorf("got %q, %v", asked.topics, err)
	}
}

// Mercure: B1, B2.
func TestEachNameStandsForItsKindOfMatcher(t *testing.T) {
	feed, got := asking(), []hub.MatchType{}
	feed.Match = func(by hub.MatchType, text string) (hub.Matcher, error) {
		got = append(got, by)
		return hub.Matching(by, text, nil), nil
	}
	names := []form.Pair{{Name: "topic"}, {Name: "match"}, {Name: "match_exact"}, {Name: "match_urlpattern"}}
	_, err := feed.parse(hub.Bearer{}, http.Header{}, fields{query: names})
	if want := []hub.MatchType{hub.Topic, hub.Exact, hub.Exact, hub.URLPattern}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}

// Mercure: A3, D1.
func TestABodyIsAFormAsItIs(t *testing.T) {
	for _, c := range []struct {
		media, coding, body string
		want                error
	}{
		{"application/x-www-form-urlencoded", "", "match=a", nil},
		{"Application/X-WWW-Form-URLEncoded; charset=UTF-8", "identity", "match=a", nil},
		{"", "", "match=a", errMediaType},
		{"application/json", "", "{}", errMediaType},
		{"multipart/form-data; boundary=a", "", "--a--", errMediaType},
		{"application/x-www-form-urlencoded", "gzip", "match=a", errMediaType},
		{"nonsense/", "", "match=a", errMediaType},
	} {
		r := httptest.NewRequest(QUERY, "/", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.media)
		r.Header.Set("Content-Encoding", c.coding)
		if _, err := readFields(httptest.NewRecorder(), r); !errors.Is(err, c.want) {
			t.Errorf("%q, %q: got %v, want %v", c.media, c.coding, err, c.want)
		}
	}
}
