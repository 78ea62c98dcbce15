package ssefeed_test

import (
	"net/http"
	"testing"

	"parley/domain/sequence"
)

// Where a stream stands is told to an EventSource by a block of its own. Who reads
// with fetch would take that for an event without data, and is told in the
// beginning of the next block.
//
// Mercure: E1, E4, M1.
func TestWhoReadsWithFetchIsHandedNoBlockWithoutData(t *testing.T) {
	s := serve(t, opensAndCloses, anonymous)
	at, passed := s.feed.Cursors.Seal(sequence.Place{Position: 7, Mark: 8}), s.feed.Cursors.Seal(sequence.Place{Position: 9, Mark: 1})
	ended := "id: " + at + "\n\n:\nid: " + passed + "\n\nretry: 2000\n\n"
	open := "id: " + at + "\n:\nid: " + passed + "\nretry: 2000\n"
	for name, c := range map[string]struct {
		mode, cache, want string
	}{
		"nothing is known":          {"", "", ended},
		"an EventSource":            {"cors", "no-cache", ended},
		"an EventSource of old":     {"", "no-cache", ended},
		"who has typed the address": {"navigate", "", ended},
		"fetch":                     {"cors", "", open},
		"fetch, of the same origin": {"same-origin", "", open},
		"fetch that reloads":        {"cors", "max-age=0", open},
	} {
		_, body := s.get(t, "topic=x", func(r *http.Request) {
			for field, value := range map[string]string{"Sec-Fetch-Mode": c.mode, "Cache-Control": c.cache} {
				if value != "" {
					r.Header.Set(field, value)
				}
			}
		})
		if body != c.want {
			t.Errorf("%s: got %q, want %q", name, body, c.want)
		}
	}
}
