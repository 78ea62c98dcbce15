package ssefeed

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/adapters/form"
)

// A client that takes the id when it parses its line must have the data by then.
func TestABlockEndsWithItsID(t *testing.T) {
	got := string(block{event: "e", retry: 3 * time.Second, data: []byte("{}"), id: "i"}.bytes())
	if want := "event: e\nretry: 3000\ndata: {}\nid: i\n\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestABlockOfAnIDAloneIsNoEvent(t *testing.T) {
	if got, want := string(block{id: "i"}.bytes()), "id: i\n\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheCursorIsTheFirstOfItsPlaces(t *testing.T) {
	for _, c := range []struct{ header, query, want string }{
		{"", "", ""},
		{"h", "last_event_id=a&lastEventID=b&Last-Event-ID=c", "h"},
		{"", "Last-Event-ID=c&lastEventID=b&last_event_id=a", "a"},
		{"", "Last-Event-ID=c&lastEventID=b", "b"},
		{"", "Last-Event-ID=c", "c"},
		{"", "last_event_id=&Last-Event-ID=c", "c"},
	} {
		header := http.Header{}
		if c.header != "" {
			header.Set("Last-Event-ID", c.header)
		}
		query, err := form.Parse(c.query)
		if err != nil {
			t.Fatal(err)
		}
		if got := cursorOf(header, query); got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
	}
}

func TestWhatASubscriptionMayAskFor(t *testing.T) {
	topics := func(n int) (query string) {
		for range n {
			query += "&topic=a"
		}
		return query
	}
	for query, want := range map[string]error{
		"topic=/chat/room/1":               nil,
		"match=/chat/room/1":               nil,
		"match_exact=/chat/room/1&unknown": nil,
		topics(100):                        nil,
		topics(101):                        ErrTooManyTopics,
		"":                                 ErrNoTopic,
		"topi=x":                           ErrNoTopic,
		"match_urlpattern=/x":              ErrMatcher,
		"Match=/chat/room/1":               ErrMatcher,
		"matchmaker=x&topic=y":             ErrMatcher,
		"topic=%00":                        ErrTopic,
		"topic=%FF":                        ErrTopic,
		"match=a%E2%80%8Bb":                ErrTopic,
		strings.Repeat("&x", 5000):         form.ErrTooMany,
	} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.URL.RawQuery = query
		if _, err := parse(request); !errors.Is(err, want) {
			t.Errorf("%.40q: got %v, want %v", query, err, want)
		}
	}
}
