package matching_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/adapters/matching"
	"parley/clients/chromium"
	"parley/domain/hub"
)

// The table is what a browser says, and so do we.
//
// Mercure: B5, C3, C8.
func TestAURLPatternMatchesWhatItDoesInABrowser(t *testing.T) {
	said := []rune(asked(t))
	if len(said) != len(pairs) {
		t.Fatalf("the browser said %q to %d pairs", string(said), len(pairs))
	}
	m := newMatchers(t)
	for i, pair := range pairs {
		if said[i] != pair.want {
			t.Errorf("%q, %q: the browser says %c, the table %c", pair.pattern, pair.topic, said[i], pair.want)
		}
		if ours := outcome(m, pair.pattern, pair.topic); (ours == pair.want) != (pair.but == "") {
			t.Errorf("%q, %q: we say %c, the table %c; %s", pair.pattern, pair.topic, ours, pair.want, pair.but)
		}
	}
}

func outcome(m *matching.Matchers, pattern, topic string) rune {
	matcher, err := m.Compile(hub.URLPattern, pattern)
	switch {
	case err != nil:
		return invalid
	case matcher.Matches(topic):
		return matches
	default:
		return differs
	}
}

// asked lets a browser judge all pairs.
func asked(t *testing.T) string {
	t.Helper()
	var list [][2]string
	for _, pair := range pairs {
		list = append(list, [2]string{pair.pattern, pair.topic})
	}
	return evaluated(t, list, `([pattern, topic]) => {
		try { return new URLPattern(pattern, base).test(topic, base) ? "y" : "n" } catch { return "!" }
	}`)
}

// evaluated calls a function of JavaScript with each item of a list, in a browser,
// and returns what it returned, which may be letters and the like.
func evaluated(t *testing.T, list any, function string) string {
	t.Helper()
	items, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(t.TempDir(), "page.html")
	text := fmt.Sprintf(`<meta charset="utf-8"><pre></pre><script>const base = %q;
document.querySelector("pre").textContent = %s.map(%s).join("")</script>`, hubURL, items, function)
	if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	document := chromium.DumpDOM(t, page)
	_, rest, _ := strings.Cut(document, "<pre>")
	answer, _, found := strings.Cut(rest, "</pre>")
	if !found {
		t.Fatalf("the browser shows\n%s", document)
	}
	return answer
}
