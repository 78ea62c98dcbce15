package matching_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley/adapters/matching"
	"parley/domain/hub"
)

// captures are groups within a group.
func captures(n int) (text string) {
	for i := range n {
		text += fmt.Sprintf("(?<g%d>a)", i)
	}
	return text
}

// To see that they are none would take the library a tenth of a second each.
//
// Mercure: Q.
func TestWhatIsHardToReadIsRefusedWithoutTheLibrary(t *testing.T) {
	m := newMatchers(t)
	for _, text := range []string{
		"/" + strings.Repeat("(?", 2000),
		"/(a" + strings.Repeat("(?:", 1300),
		"/" + strings.Repeat("(é", 1000),
		"/(" + strings.Repeat("(", 4000),
		"/(" + strings.Repeat(`\\\\`, 1000) + `\\`,
	} {
		allocated := testing.AllocsPerRun(1, func() {
			if _, err := m.Compile(hub.URLPattern, text); !errors.Is(err, matching.ErrPattern) {
				t.Errorf("%.20q: %v", text, err)
			}
		})
		if allocated > 5 {
			t.Errorf("%.20q is refused after %v allocations", text, allocated)
		}
	}
}

// A topic that would take too long is not matched. What is named still is.
//
// Mercure: C4.
func TestWhatWouldTakeTooLongDoesNotMatch(t *testing.T) {
	m := newMatchers(t)
	for _, c := range []struct {
		by          hub.MatchType
		text        string
		short, long string
	}{
		{hub.Topic, "/" + strings.Repeat("{a}", 40), "/a", "/" + strings.Repeat("a", 500)},
		{hub.Topic, "/{+a}", "/a", "/" + strings.Repeat("a", 4096)},
		{hub.URLPattern, "/" + strings.Repeat("(a*)", 60), "/a", "/" + strings.Repeat("a", 500)},
		{hub.URLPattern, "/*", "/a", "/" + strings.Repeat("a", 4096)},
		{hub.URLPattern, "*", "/a", ""},
		{hub.URLPattern, "https://*/*", "https://a/", "https://" + strings.Repeat("a", 600) + "/"},
	} {
		matcher := compiled(t, m, c.by, c.text)
		if !matcher.Matches(c.short) {
			t.Errorf("%.20q does not match %q", c.text, c.short)
		}
		if c.long != "" && matcher.Matches(c.long) {
			t.Errorf("%.20q matches %.20q", c.text, c.long)
		}
	}
}

// What is in use is compiled once, and what is kept has a bound.
func TestTheSamePatternIsCompiledOnce(t *testing.T) {
	m := newMatchers(t)
	compile := func() { compiled(t, m, hub.URLPattern, "https://e.com/books/:id") }
	compile()
	for i := range 5_000 {
		compiled(t, m, hub.Topic, fmt.Sprintf("/books/%d/{page}", i))
		if i%100 == 0 {
			if allocated := testing.AllocsPerRun(1, compile); allocated > 5 {
				t.Fatalf("after %d others the pattern is compiled again: %v allocations", i, allocated)
			}
		}
	}
}
