package matching_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"parley/adapters/matching"
	"parley/domain/hub"
)

// costly are the worst that are not refused, beside what is ordinary: matchers, and
// topics that take longest to tell from what they match.
var costly = []struct {
	name  string
	by    hub.MatchType
	text  string
	topic string
}{
	{"ordinary/pattern", hub.URLPattern, "https://e.com/books/:id", "https://e.com/books/17"},
	{"ordinary/template", hub.Topic, "https://e.com/books/{id}", "https://e.com/books/17"},
	{"hostile/groups", hub.URLPattern, "/" + strings.Repeat("(a*)", 60), longest("/", "a", "b", 46)},
	{"hostile/groups and text", hub.URLPattern, "/" + strings.Repeat("*a", 64), longest("/", "a", "b", 55)},
	{"hostile/nested", hub.URLPattern, "/((?:(?:a*)*)*b)", longest("/", "a", "c", 1000)},
	{"hostile/a+", hub.URLPattern, "/((?:a|b|ab)+)c", longest("/", "ab", "d", 500)},
	{"hostile/optional", hub.URLPattern, "/" + strings.Repeat("{a}?", 300) + "*", longest("/", "a", "b", 20)},
	{"hostile/repeated", hub.URLPattern, "/((?:a?){900})", longest("/", "a", "b", 17)},
	{"hostile/long", hub.URLPattern, "/*" + strings.Repeat("a", 1000), longest("/", "a", "b", 31)},
	{"hostile/one wildcard", hub.URLPattern, "/(.*.*.*)b", longest("/", "a", "c", 1000)},
	{"hostile/escaped", hub.URLPattern, "/:x", longest("/", "é", "/", 1300)},
	{"hostile/host", hub.URLPattern, "https://*/:x", "https://" + distinct(160) + "/x"},
	{"hostile/user", hub.URLPattern, "https://*/:x", "https://" + strings.Repeat("@", 500) + "e.com/x"},
	{"hostile/variables", hub.Topic, "/" + strings.Repeat("{a}", 60), longest("/", "a", "/", 38)},
	{"hostile/list", hub.Topic, "/{a" + strings.Repeat(",a", 100) + "}x", longest("/", ",", "/", 40)},
	{"hostile/paths", hub.Topic, "/" + strings.Repeat("{/a*}", 40), longest("/", "/", "?", 28)},
}

func longest(begin, often, end string, times int) string {
	return begin + strings.Repeat(often, times) + end
}

func distinct(n int) string {
	var out strings.Builder
	for i := range n {
		out.WriteRune(rune(0x4e00 + i))
	}
	return out.String()
}

// BenchmarkCompile compiles what nobody has compiled before.
func BenchmarkCompile(b *testing.B) {
	for _, c := range costly {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				compiled(b, newMatchers(b), c.by, c.text)
			}
		})
	}
}

// BenchmarkMatch matches topics that nobody has looked at before in this way.
func BenchmarkMatch(b *testing.B) {
	for _, c := range costly {
		b.Run(c.name, func(b *testing.B) {
			m := newMatchers(b)
			matcher := compiled(b, m, c.by, c.text)
			b.ReportAllocs()
			for b.Loop() {
				matcher.Matches(c.topic)
			}
		})
	}
}

// BenchmarkNoMatch asks ten thousand patterns that a topic is of no concern to.
func BenchmarkNoMatch(b *testing.B) {
	m := newMatchers(b)
	matchers := tenThousand(b, m, "https://e.com/%d/:id")
	b.ReportAllocs()
	for b.Loop() {
		for _, matcher := range matchers {
			if matcher.Matches("https://e.com/books/17") {
				b.Fatal("it matches")
			}
		}
	}
}

// BenchmarkTenThousand compiles ten thousand matchers, and says what they leave.
func BenchmarkTenThousand(b *testing.B) {
	for _, c := range []struct{ name, format string }{
		{"distinct", "https://e.com/books/%d/:id"},
		{"the same", "https://e.com/books/%.0d/:id"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var before, after runtime.MemStats
			for b.Loop() {
				runtime.GC()
				runtime.ReadMemStats(&before)
				m := newMatchers(b)
				matchers := tenThousand(b, m, c.format)
				runtime.GC()
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(after.HeapAlloc)-float64(before.HeapAlloc), "kept-B")
				runtime.KeepAlive(matchers)
				runtime.KeepAlive(m)
			}
		})
	}
}

func tenThousand(b *testing.B, m *matching.Matchers, format string) []hub.Matcher {
	b.Helper()
	matchers := make([]hub.Matcher, 0, 10_000)
	for i := range 10_000 {
		matchers = append(matchers, compiled(b, m, hub.URLPattern, fmt.Sprintf(format, i)))
	}
	return matchers
}

func BenchmarkReserved(b *testing.B) {
	for name, topic := range map[string]string{
		"ordinary":      "https://e.com/books/17",
		"hostile/host":  "https://" + distinct(160) + "/chat",
		"hostile/user":  "https://" + strings.Repeat("@", 500) + "e.com/chat",
		"hostile/dots":  strings.Repeat("/a/..", 800) + "/chat",
		"hostile/slash": strings.Repeat("\\", 4000),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				newMatchers(b).Reserved(topic)
			}
		})
	}
}
