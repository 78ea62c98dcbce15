package matching_test

import (
	"errors"
	"strings"
	"testing"

	"parley/adapters/matching"
	"parley/domain/hub"
)

func TestAHubHasAURL(t *testing.T) {
	for url, want := range map[string]bool{
		hubURL:                            true,
		"http://localhost:8080/hub?x#y":   true,
		"":                                false,
		"/.well-known/mercure":            false,
		"urn:hub":                         false,
		"https://hub.example:99999/":      false,
		"unix:///.well-known/mercure":     false,
		"https://%zz/.well-known/mercure": false,
	} {
		if _, err := matching.New(url); (err == nil) != want {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// Mercure: I3.
func TestTheNamesOfTypes(t *testing.T) {
	for name, want := range map[string]hub.MatchType{
		"": hub.Exact, "exact": hub.Exact, "urlpattern": hub.URLPattern,
		"Exact": 0, "URLPattern": 0, "topic": 0, "regexp": 0, " exact": 0,
	} {
		if got, ok := matching.ParseMatchType(name); got != want || ok != (want != 0) {
			t.Errorf("%q is %v, %t", name, got, ok)
		}
	}
}

// "*" is looked for before the type is.
//
// Mercure: C1.
func TestAStarMatchesEverythingWhateverItsType(t *testing.T) {
	m := newMatchers(t)
	for _, by := range []hub.MatchType{hub.Topic, hub.Exact, hub.URLPattern} {
		matcher := compiled(t, m, by, "*")
		if !matcher.All() || !matcher.Matches("https://a b/") || matcher.Type != by || matcher.Text != "*" {
			t.Errorf("%v: %+v", by, matcher)
		}
	}
}

// Mercure: C2.
func TestAnExactMatcherMatchesItsBytes(t *testing.T) {
	m := newMatchers(t)
	for _, c := range []struct {
		text, topic string
		want        bool
	}{
		{"/a", "/a", true},
		{"/a", "https://hub.example/a", false},
		{"/a/{id}", "/a/{id}", true},
		{"/a/{id}", "/a/1", false},
		{"/a/:id", "/a/1", false},
		{"/é", "/é", true},
		{"/é", "/e\u0301", false},
		{"/é", "/%C3%A9", false},
		{"/%c3", "/%C3", false},
		{"", "", true},
		{"", "/", false},
		{"**", "a", false},
	} {
		matcher := compiled(t, m, hub.Exact, c.text)
		if got := matcher.Matches(c.topic); got != c.want {
			t.Errorf("%q matches %q: %t", c.text, c.topic, got)
		}
		if only, ok := matcher.Only(); !ok || only != c.text {
			t.Errorf("%q can match only %q, %t", c.text, only, ok)
		}
	}
}

// What hubs of 0.x do, among it what is not obvious: a variable can be empty, and
// has no letters beyond ASCII.
//
// Mercure: C5, C9.
func TestATopicIsItselfOrATemplate(t *testing.T) {
	m := newMatchers(t)
	for _, c := range []struct {
		text, topic string
		want        bool
	}{
		{"/books/{id}", "/books/1", true},
		{"/books/{id}", "/books/", true},
		{"/books/{id}", "/books/1/2", false},
		{"/books/{id}", "/books/1?x", false},
		{"/books/{id}", "/books", false},
		{"/books/{id}", "x/books/1", false},
		{"/books/{id}", "/books/1\n", false},
		{"/books/{id}", "/books/%C3%A9", true},
		{"/books/{id}", "/books/é", false},
		{"/books/{id}", "/books/{id}", true},
		{"/books/{id}", "https://hub.example/books/1", false},
		{"/books/{id}.json", "/books/1.json", true},
		{"/books/{id}.json", "/books/1xjson", false},
		{"/{a}/{b}", "/1/2", true},
		{"/{a,b}", "/1,2", true},
		{"/{+path}", "/a/b/c?d#e", true},
		{"/a{/b,c}", "/a/1/2", true},
		{"/a{/b*}", "/a/1/2/3", true},
		{"/a{.ext}", "/a.txt", true},
		{"/a{#h}", "/a#b/c", true},
		{"/a{;x}", "/a;x=1", true},
		{"https://e.com/u/{?topic}", "https://e.com/u/?topic=%2Fa", true},
		{"https://e.com/u/{?topic}", "https://e.com/u/", true},
		{"https://e.com/u/{?topic}", "https://e.com/u/x", false},
		{"rel/{id}", "rel/7", true},
		{"urn:uuid:{id}", "urn:uuid:abc", true},
		{"{x}", "abc", true},
		{"{+x}", "https://e.com/a", true},
		{"/a/{id:3}", "/a/abc", true},
		{"/.*/{id}", "/xy/1", false},

		// No templates, so just names.
		{"/a/{id", "/a/{id", true},
		{"/a/{id", "/a/1", false},
		{"/a/{}", "/a/{}", true},
		{"/a/{}", "/a/", false},
		{"/a/id}", "/a/id}", true},
		{"/a/{!x}", "/a/{!x}", true},
		{"/a/{x y}", "/a/1", false},
		{"/a/:id", "/a/1", false},
		{"/a/*", "/a/1", false},
		{"/a", "/a", true},
		{"/a", "/A", false},
	} {
		if got := compiled(t, m, hub.Topic, c.text).Matches(c.topic); got != c.want {
			t.Errorf("%q matches %q: %t", c.text, c.topic, got)
		}
	}
}

// Whoever keeps an index of topics wants to know which matchers are but names.
func TestWhatIsNoTemplateMatchesButItself(t *testing.T) {
	m := newMatchers(t)
	for text, want := range map[string]bool{"/a": true, "/a/{id": true, "/a/{}": true, "/a/{id}": false, "*": false} {
		if _, only := compiled(t, m, hub.Topic, text).Only(); only != want {
			t.Errorf("%q: %t", text, only)
		}
	}
}

// Mercure: B4, B5, B8, C6, Q.
func TestWhatIsNoMatcherIsRefused(t *testing.T) {
	m := newMatchers(t)
	all := []hub.MatchType{hub.Topic, hub.Exact, hub.URLPattern}
	for _, c := range []struct {
		by   []hub.MatchType
		text string
		want error
	}{
		{all, "/" + strings.Repeat("a", 4096), matching.ErrTooLong},
		{all, "/\xff", matching.ErrText},
		{all, "/\x00", matching.ErrText},
		{all, "/\n", matching.ErrText},
		{all, "/\u0085", matching.ErrText},
		{all, "/\u200b", matching.ErrText},
		{all, "/\x7f", matching.ErrText},
		{[]hub.MatchType{0, 4, -1}, "/a", matching.ErrType},
		{[]hub.MatchType{0, 4}, "*", matching.ErrType},
		{[]hub.MatchType{hub.URLPattern}, "/(", matching.ErrPattern},
		{[]hub.MatchType{hub.URLPattern}, "https://[", matching.ErrPattern},
		{[]hub.MatchType{hub.URLPattern}, "/{a", matching.ErrPattern},

		// A few bytes can be much.
		{[]hub.MatchType{hub.URLPattern}, "/(.{1000}){" + "}(.{1000})(.{1000})", matching.ErrCostly},
		{[]hub.MatchType{hub.URLPattern}, "/((?:(?:[ab]{10}){10}){10})", matching.ErrCostly},
		{[]hub.MatchType{hub.URLPattern}, "/([\\p{L}\\p{L}\\p{L}\\p{L}\\p{L}])", matching.ErrCostly},
		{[]hub.MatchType{hub.URLPattern}, strings.Repeat("/:a", 65), matching.ErrCostly},
		{[]hub.MatchType{hub.URLPattern}, "/(" + captures(70) + ")", matching.ErrCostly},
		{[]hub.MatchType{hub.URLPattern}, strings.Repeat("{a}?", 800), matching.ErrCostly},
		{[]hub.MatchType{hub.Topic}, "/" + strings.Repeat("{a}", 1000), matching.ErrCostly},
		{[]hub.MatchType{hub.Topic}, "/{a" + strings.Repeat(",a", 1900) + "}", matching.ErrCostly},
	} {
		for _, by := range c.by {
			if _, err := m.Compile(by, c.text); !errors.Is(err, c.want) {
				t.Errorf("%v %.40q: %v, want %v", by, c.text, err, c.want)
			}
		}
	}
	for _, by := range all {
		if _, err := m.Compile(by, "/"+strings.Repeat("a", 2000)); err != nil {
			t.Errorf("%v of 2001 bytes: %v", by, err)
		}
	}
}

func compiled(t testing.TB, m *matching.Matchers, by hub.MatchType, text string) hub.Matcher {
	t.Helper()
	matcher, err := m.Compile(by, text)
	if err != nil {
		t.Fatalf("%v %.60q: %v", by, text, err)
	}
	return matcher
}
