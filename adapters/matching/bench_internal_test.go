package matching

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"parley/domain/hub"
)

// costly are the worst that are not refused, beside what is ordinary: matchers, and
// topics that take longest to tell from what they match. A topic is its beginning,
// then its middle as often as goes before it costs too much, then its end.
var costly = []struct {
	name               string
	by                 hub.MatchType
	text               string
	begin, middle, end string
}{
	{"ordinary/pattern", hub.URLPattern, "https://e.com/books/:id", "https://e.com/books/17", "", ""},
	{"ordinary/template", hub.Topic, "https://e.com/books/{id}", "https://e.com/books/17", "", ""},
	{"hostile/groups", hub.URLPattern, "/" + strings.Repeat("(a*)", 62), "/", "a", "b"},
	{"hostile/groups, text", hub.URLPattern, "/" + strings.Repeat("*a", 62), "/", "a", "b"},
	{"hostile/nested", hub.URLPattern, "/((?:(?:a*)*)*b)", "/", "a", "c"},
	{"hostile/alternatives", hub.URLPattern, "/((?:a|b|ab)+)c", "/", "ab", "d"},
	{"hostile/optional", hub.URLPattern, "/" + strings.Repeat("{a}?", 140) + "*", "/", "a", "\\"},
	{"hostile/repeated", hub.URLPattern, "/((?:a?){300})", "/", "a", "b"},
	{"hostile/long", hub.URLPattern, "/*" + strings.Repeat("a", 900), "/", "a", "b"},
	{"hostile/longest head", hub.URLPattern, "/" + strings.Repeat("a", 2000) + "*", "/", "a", ""},
	{"hostile/wildcards", hub.URLPattern, "/(.*.*.*)b", "/", "a", "c"},
	{"hostile/classes", hub.URLPattern, "/((?:[^c]|\\P{Lu}|[^d-e]|\\p{L})*)b", "/", "a", "c"},
	{"hostile/escaped", hub.URLPattern, "/:x", "/", "é", "/"},
	{"hostile/host", hub.URLPattern, "https://*/:x", "https://" + distinct(80) + "/x", "", ""},
	{"hostile/user", hub.URLPattern, "https://*/:x", "https://" + strings.Repeat("@", 250) + "e.com/x", "", ""},
	{"hostile/variables", hub.Topic, "/" + strings.Repeat("{a}", 60), "/", "a", "/"},
	{"hostile/list", hub.Topic, "/{a" + strings.Repeat(",a", 120) + "}x", "/", ",", "/"},
	{"hostile/paths", hub.Topic, "/" + strings.Repeat("{/a*}", 50), "/", "/", "?"},
}

func distinct(n int) string {
	var out strings.Builder
	for i := range n {
		out.WriteRune(rune(0x4e00 + i))
	}
	return out.String()
}

// worst is a matcher and the worst topic that it is compared with.
func worst(t testing.TB, m *Matchers, i int) (hub.Matcher, string) {
	t.Helper()
	c := costly[i]
	matcher, err := m.Compile(c.by, c.text)
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	if c.middle == "" {
		return matcher, c.begin
	}
	found, _ := m.patterns.get(string(rune(c.by)) + c.text)
	room := min(maxTopic, maxCost/costOf(t, found.Pattern)) - len(c.begin) - len(c.end)
	return matcher, c.begin + strings.Repeat(c.middle, max(0, room/len(c.middle))) + c.end
}

func costOf(t testing.TB, p hub.Pattern) int {
	t.Helper()
	switch p := p.(type) {
	case *urlPattern:
		return p.cost
	case *template:
		return p.cost
	default:
		t.Fatalf("%T", p)
		return 0
	}
}

// BenchmarkCompile compiles what nobody has compiled before.
func BenchmarkCompile(b *testing.B) {
	for _, c := range costly {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := hubOf(b).Compile(c.by, c.text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMatch matches a topic that the hub has just seen.
func BenchmarkMatch(b *testing.B) {
	for i, c := range costly {
		b.Run(c.name, func(b *testing.B) {
			matcher, topic := worst(b, hubOf(b), i)
			b.ReportAllocs()
			for b.Loop() {
				matcher.Matches(topic)
			}
			b.ReportMetric(float64(len(topic)), "topic-B")
		})
	}
}

// BenchmarkNoMatch asks ten thousand patterns that a topic is of no concern to.
func BenchmarkNoMatch(b *testing.B) {
	matchers := tenThousand(b, hubOf(b), distinctly)
	b.ReportAllocs()
	for b.Loop() {
		for _, matcher := range matchers {
			if matcher.Matches("https://e.com/books/17") {
				b.Fatal("it matches")
			}
		}
	}
}

// BenchmarkTenThousand compiles ten thousand matchers, and says what they leave,
// while they are in use and after.
func BenchmarkTenThousand(b *testing.B) {
	for name, text := range map[string]func(int) string{
		"distinct": distinctly,
		"same":     func(int) string { return distinctly(0) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m, before := hubOf(b), heap()
				matchers := tenThousand(b, m, text)
				b.ReportMetric(heap()-before, "used-B")
				runtime.KeepAlive(matchers)
				b.ReportMetric(heap()-before, "kept-B")
				runtime.KeepAlive(m)
			}
		})
	}
}

// heap is what is in use.
func heap() float64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc)
}

func distinctly(i int) string { return fmt.Sprintf("https://e.com/%d/:id", i) }

func tenThousand(b *testing.B, m *Matchers, text func(int) string) []hub.Matcher {
	b.Helper()
	matchers := make([]hub.Matcher, 10_000)
	for i := range matchers {
		var err error
		if matchers[i], err = m.Compile(hub.URLPattern, text(i)); err != nil {
			b.Fatal(err)
		}
	}
	return matchers
}

// BenchmarkReserved asks for topics that nobody has asked for before.
func BenchmarkReserved(b *testing.B) {
	for name, topic := range map[string]string{
		"ordinary":        "https://e.com/books/17",
		"hostile/host":    "https://" + distinct(80) + "/chat",
		"hostile/user":    "https://" + strings.Repeat("@", 250) + "e.com/chat",
		"hostile/dots":    strings.Repeat("/a/..", 800) + "/chat",
		"hostile/slashes": strings.Repeat("\\", 4000),
	} {
		b.Run(name, func(b *testing.B) {
			m := hubOf(b)
			b.ReportAllocs()
			for b.Loop() {
				m.places = newRecent[place](0)
				m.Reserved(topic)
			}
		})
	}
}

func hubOf(b *testing.B) *Matchers {
	b.Helper()
	m, err := New("https://hub.example/.well-known/mercure")
	if err != nil {
		b.Fatal(err)
	}
	return m
}
