package hub_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"parley/domain/hub"
)

type prefixed string

func (p prefixed) Match(topic string) bool { return strings.HasPrefix(topic, string(p)) }

// Mercure: N2.
func TestEachDialectNamesASubscriptionInItsWay(t *testing.T) {
	for _, c := range []struct {
		match          hub.Matcher
		legacy, modern string
	}{
		{hub.MatchExact("https://example.com/a b/1"), "https%3A%2F%2Fexample.com%2Fa%20b%2F1", "exact/https%3A%2F%2Fexample.com%2Fa%20b%2F1"},
		{hub.Matching(hub.Topic, "books", nil), "books", "exact/books"},
		{hub.Matching(hub.Topic, "*", nil), "%2A", "exact/%2A"},
		{hub.Matching(hub.Topic, "/b/{id}", prefixed("/b/")), "%2Fb%2F%7Bid%7D", "topic/%2Fb%2F%7Bid%7D"},
		{hub.Matching(hub.URLPattern, "/b/:id", prefixed("/b/")), "%2Fb%2F%3Aid", "urlpattern/%2Fb%2F%3Aid"},
		{hub.MatchExact("50%25 ~é+;?#"), "50%2525%20~%C3%A9%2B%3B%3F%23", "exact/50%2525%20~%C3%A9%2B%3B%3F%23"},
		{hub.MatchExact(""), "", "exact/"},
	} {
		s := hub.Subscriptions("urn:uuid:1", []hub.Matcher{c.match}, hub.Grant{})[0]
		const root, end = "/.well-known/mercure/subscriptions/", "/urn%3Auuid%3A1"
		if got, want := s.Topic(hub.Legacy), root+c.legacy+end; got != want {
			t.Errorf("0.x: %s, want %s", got, want)
		}
		if got, want := s.Topic(hub.Modern), root+c.modern+end; got != want {
			t.Errorf("1.0: %s, want %s", got, want)
		}
		segments := strings.Split(strings.TrimPrefix(s.Topic(hub.Modern), root), "/")
		if text, err := url.PathUnescape(segments[1]); err != nil || text != c.match.Text || len(segments) != 3 {
			t.Errorf("%q comes back as %q, %v", c.match.Text, text, err)
		}
	}
}

// Mercure: N4, I4.
func TestASubscriptionShowsWhatTheTokenGrantsWithIt(t *testing.T) {
	modern := hub.Grant{Dialect: hub.Modern, Subscribe: []hub.Detail{
		{Topics: []hub.Matcher{hub.MatchExact("a")}, Payload: []byte(`1`)},
		{Topics: []hub.Matcher{hub.MatchExact("a"), hub.Matching(hub.URLPattern, "b", prefixed("b"))}, Payload: []byte(`2`)},
	}}
	legacy := modern
	legacy.Dialect = hub.Legacy
	matchers := []hub.Matcher{hub.MatchExact("a"), hub.MatchExact("bc"), hub.MatchExact("c"), hub.MatchExact("a"), hub.Matching(hub.Topic, "a", nil)}
	for _, c := range []struct {
		grant hub.Grant
		want  []string
	}{{modern, []string{"1", "2", ""}}, {legacy, []string{"1", "1", "1"}}, {hub.Grant{}, []string{"", "", ""}}} {
		var got []string
		for _, s := range hub.Subscriptions("s", matchers, c.grant) {
			got = append(got, string(s.Payload))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("payloads of %v: %q, want %q", c.grant.Dialect, got, c.want)
		}
	}
}

func TestWhatAMatcherCannotMatchIsTold(t *testing.T) {
	pattern := func(of hub.MatchType, text string) hub.Matcher { return hub.Matching(of, text, prefixed("")) }
	const below = hub.SubscriptionsPath + "/"
	for _, c := range []struct {
		m   hub.Matcher
		may bool
	}{
		{hub.Matcher{}, false},
		{hub.MatchExact("*"), true},
		{hub.MatchExact("https://example.com/"), false},
		{hub.MatchExact(below + "exact/a/s"), true},
		{pattern(hub.Topic, "https://example.com/{id}"), false},
		{pattern(hub.Topic, below+"{topic}/{subscriber}"), true},
		{pattern(hub.Topic, hub.SubscriptionsPath+"{/topic}{/subscriber}"), true},
		{pattern(hub.Topic, "{+all}"), true},
		{pattern(hub.URLPattern, "https://example.com/books/:id"), false},
		{pattern(hub.URLPattern, "https://localhost:8080/books/:id"), false},
		{pattern(hub.URLPattern, "https://:any.example.com/books/:id"), false},
		{pattern(hub.URLPattern, "https://*/:a/:b"), true},
		{pattern(hub.URLPattern, "https://example.com"+below+":a/:b"), true},
		{pattern(hub.URLPattern, "https://example.com{/books}?/.well-known/*"), true},
		{pattern(hub.URLPattern, "/books/../.well-known/*"), true},
		{pattern(hub.URLPattern, "/books/*"), false},
		{pattern(hub.URLPattern, "/.well-known/mercure/sub/:x?scriptions/a"), true},
		{pattern(hub.URLPattern, "mercure/subscriptions/*"), true},
		{pattern(hub.URLPattern, "//example.com/x/*"), true},
		{pattern(hub.URLPattern, "/%2Ewell-known/*"), true},
		{pattern(hub.URLPattern, ":all"), true},
	} {
		if got := c.m.MayMatchBelow(below); got != c.may {
			t.Errorf("%q may match a subscription: %t, want %t", c.m.Text, got, c.may)
		}
	}
}
