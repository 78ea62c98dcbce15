package delivery //nolint:testpackage // what is remembered cannot be seen from outside

import (
	"fmt"
	"runtime"
	"testing"
	"weak"

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
		p.find(topic, inTime)
		p.letGo(one)
	}
	p.find(topic, inTime)
	found, _ := p.likely(topic)
	if len(found) == 0 || found[0] != stays {
		t.Fatalf("found %d patterns, and not first the one that is held all the while", len(found))
	}
	if len(found) > 2 {
		t.Errorf("of 1,001 patterns one is held, and %d are found", len(found))
	}
}

// large matches every topic, and takes as much as a pattern may that is compiled.
type large [100 << 10]byte

func (*large) Match(string) bool { return true }

// Answers are weighed without what their patterns were compiled to, so they must
// not hold it: whoever may listen could fill the memory with patterns of their own.
func TestAnswersDoNotHoldWhatPatternsWereCompiledTo(t *testing.T) {
	const topic = "https://example.com/news"
	for name, ask := range map[string]func(*patterns, *pattern){
		"which patterns match": func(p *patterns, _ *pattern) { p.find(topic, inTime) },
		"whether one matches":  func(p *patterns, one *pattern) { p.any(map[*pattern]bool{one: true}, one.number, topic) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPatterns()
			compiled := &large{}
			seen := weak.Make(compiled)
			one := p.hold(hub.Matching(hub.URLPattern, "/:any", compiled))
			ask(p, one)
			p.letGo(one)
			runtime.GC()
			if seen.Value() != nil {
				t.Error("nobody holds the pattern, and what it was compiled to is still there")
			}
			runtime.KeepAlive(p)
			runtime.KeepAlive(one)
		})
	}
}

func inTime() bool { return false }
