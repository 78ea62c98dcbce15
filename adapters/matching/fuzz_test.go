package matching_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	urlpattern "github.com/dunglas/go-urlpattern"
	"github.com/yosida95/uritemplate/v3"

	"parley/domain/hub"
)

// Whatever is compiled and compared: it takes no more memory than it may, the answer
// is the same each time, and it is the library's own where that is affordable.
//
// Mercure: C4, Q.
func FuzzCompile(f *testing.F) {
	for _, pair := range pairs {
		f.Add(pair.pattern, pair.topic)
	}
	for _, seed := range []string{
		"/{a}/{+b}{?c,d*}{#e}", "/{a,b,c:3}", "{", "{}", "/" + strings.Repeat("{a}", 100),
		"/" + strings.Repeat("(a*)", 30), "/(.{1000})", "/((?:(?:a{9}){9}){9})", "*", "**", "(\\p{L})", "https://xn--é/*",
		"[::1]", "{[::1]}", ":a:b", "?#", "\\", "/(a\\)", "é{é}?é:é", "https://é*é", "/{é}*:a{b}?é*",
	} {
		f.Add(seed, "/a/b?c=d&d=e#e")
	}
	m := newMatchers(f)
	f.Fuzz(func(t *testing.T, text, topic string) {
		for _, by := range []hub.MatchType{hub.Topic, hub.Exact, hub.URLPattern} {
			matcher, err := m.Compile(by, text)
			again, errAgain := newMatchers(t).Compile(by, text)
			if (err == nil) != (errAgain == nil) {
				t.Fatalf("%v %q: first %v, then %v", by, text, err, errAgain)
			}
			if err != nil {
				continue
			}
			got := matcher.Matches(topic)
			if got != matcher.Matches(topic) || got != again.Matches(topic) {
				t.Errorf("%v %q matches %q: %t, and then not", by, text, topic, got)
			}
			if by != hub.URLPattern && !matcher.Matches(text) {
				t.Errorf("%v %q does not match itself", by, text)
			}
			if isCheap(by, text, topic) && got != says(by, text, topic) {
				t.Errorf("%v %q matches %q: %t, and the library says no such thing", by, text, topic, got)
			}
		}
		bounded(t, text)
	})
}

// isCheap reports whether no bound is met, for sure.
func isCheap(by hub.MatchType, text, topic string) bool {
	repeats := strings.Contains(text, "{") && (by == hub.Topic || strings.Contains(text, "("))
	return text != "*" && !repeats && len(text)*len(topic) < 2000
}

// says is what the libraries say, without what is around them here.
func says(by hub.MatchType, text, topic string) (matches bool) {
	if by != hub.URLPattern {
		return text == topic
	}
	defer func() { _ = recover() }() // as it is there
	pattern, err := urlpattern.New(text, hubURL, nil)
	return err == nil && pattern.Test(topic, hubURL)
}

// bounded compiles a text as if it were new.
func bounded(t *testing.T, text string) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, by := range []hub.MatchType{hub.Topic, hub.URLPattern} {
		_, _ = newMatchers(t).Compile(by, text)
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 32<<20 {
		t.Errorf("%q took %d bytes", text, took)
	}
}

// What a template expands to, it matches.
//
// Mercure: C5.
func FuzzTemplate(f *testing.F) {
	f.Add("/a/{id}", "1", "2")
	f.Add("/a{?b,c*}{&d}", "é", " /?")
	f.Add("{+a}{#b}{.c}{/d}{;e}", "x/y", "")
	m := newMatchers(f)
	f.Fuzz(func(t *testing.T, text, one, other string) {
		template, err := uritemplate.New(text)
		matcher, refused := m.Compile(hub.Topic, text)
		if err != nil || refused != nil || len(text)+len(one)+len(other) > 100 || !hub.IsPlain(one+other) {
			return
		}
		values := uritemplate.Values{}
		for i, name := range template.Varnames() {
			values.Set(name, uritemplate.String([]string{one, other}[i%2]))
		}
		topic, err := template.Expand(values)
		if err == nil && len(topic) < 200 && strings.Count(text, "{") < 4 && strings.Count(text, ",") < 4 && !matcher.Matches(topic) {
			t.Errorf("%q does not match %q", text, topic)
		}
	})
}

// To encode what need not be encoded makes no difference, and neither does it who
// asks.
//
// Mercure: D4.
func FuzzReserved(f *testing.F) {
	for topic := range addresses {
		f.Add(topic, uint(1))
		f.Add(topic, ^uint(0))
	}
	m := newMatchers(f)
	f.Fuzz(func(t *testing.T, topic string, which uint) {
		got := m.Reserved(topic)
		if newMatchers(t).Reserved(topic) != got {
			t.Errorf("%q is reserved: %t, and then not", topic, got)
		}
		if encoded := encodedIn(topic, which); len(encoded) <= hub.MaxField && hub.IsPlain(topic) && m.Reserved(encoded) != got {
			t.Errorf("%q is reserved: %t, and %q not", topic, got, encoded)
		}
	})
}

// encodedIn percent-encodes some letters and digits, in a path that begins with a
// slash, up to its end: elsewhere, or of what is encoded, it does make a difference.
func encodedIn(topic string, which uint) string {
	if !strings.HasPrefix(topic, "/") || strings.HasPrefix(topic, "//") || strings.HasPrefix(topic, "/\\") {
		return topic
	}
	var out strings.Builder
	for i := range len(topic) {
		c := topic[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		switch {
		case c == '?' || c == '#':
			return out.String() + topic[i:]
		case letter && which>>(i%64)&1 == 1 && !strings.Contains(topic[max(0, i-2):i], "%"):
			fmt.Fprintf(&out, "%%%02x", c)
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}
