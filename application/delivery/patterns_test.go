package delivery

import (
	"fmt"
	"testing"

	"parley/domain/hub"
)

// matching matches every topic, as a pattern that is not known by name.
type matching struct{}

func (matching) Match(string) bool { return true }

// What is remembered of a topic is gone through under the tail's lock for each
// update on it. So it may not grow with those who have come and gone.
func TestWhoHasGoneIsNotRememberedWithATopic(t *testing.T) {
	const topic = "https://example.com/news"
	p := newPatterns()
	stays := p.hold(hub.Matching(hub.URLPattern, "/stays", matching{}))
	for i := range 1000 {
		one := p.hold(hub.Matching(hub.URLPattern, fmt.Sprintf("/%d", i), matching{}))
		p.of(topic)
		p.letGo(one)
	}
	found := p.of(topic)
	if len(found) == 0 || found[0] != stays {
		t.Fatalf("found %d patterns, and not first the one that is held all the while", len(found))
	}
	if len(found) > 2 {
		t.Errorf("of 1,001 patterns one is held, and %d are found", len(found))
	}
}
