// Package matching compiles what tells topics apart, in both dialects of the
// Mercure protocol: topics themselves, URI Templates (RFC 6570) and URL Patterns
// (WHATWG). It also knows which topics are the hub's own.
//
// Whoever may subscribe, publish or sign a token sends matchers and topics, so
// both cost no more than they may, whatever they are. A matcher that is too long
// or would be too large is refused before it is compiled. A topic is compared in
// linear time, and one for which even that would be too long is not matched:
//
//   - A matcher has at most 4096 bytes. What a pattern or template compiles to is
//     weighed first and has at most 2048 steps, about, and a pattern 64 groups. So
//     compiling takes 2 ms and 3 MB at most, and leaves 0.1 MB; what is ordinary takes
//     0.05 ms and 30 kB, and leaves 7 kB.
//   - The steps of a pattern from its first group or variable on, times the bytes
//     of a topic, are at most 131,072. So comparing takes a millisecond at most;
//     what is ordinary takes 0.01 ms, and to see that a topic is on another host, or
//     that its path begins otherwise, a hundredth of that.
//   - A topic has at most 4096 bytes, and what is a host in it 256.
//
// The package's benchmarks show it on the two cores of 2026.
package matching

import (
	"fmt"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"

	"parley/domain/fault"
	"parley/domain/hub"
)

// MaxText is how many bytes a matcher can have. The protocol wants such a limit and
// leaves the number open (Mercure draft 08).
const MaxText = 4096

const (
	maxSize  = 2048    // of a compiled pattern or template, in steps; about
	maxCost  = 1 << 17 // of comparing a topic: steps for each of its bytes
	maxTopic = hub.MaxField
)

// What is refused, and why. [Matchers.Compile] has no other errors.
var (
	ErrText    = fault.New(fault.Malformed, "invalid-request", "A matcher is valid UTF-8 without control or format characters.")
	ErrTooLong = fault.New(fault.Malformed, "invalid-request", "A matcher has 4096 bytes at most.")
	ErrPattern = fault.New(fault.Malformed, "invalid-request", "This is no URL pattern.")
	ErrCostly  = fault.New(fault.Malformed, "invalid-request", "This pattern would cost too much.")
	ErrType    = fault.New(fault.Malformed, "invalid-request", "There is no such type of matcher.")
)

// Matchers compiles matchers for a hub. What it has compiled it keeps for the next
// who asks for the same, up to a bound. It is safe for concurrent use.
type Matchers struct {
	hubURL   string
	reserved []string // paths: these and all below them are the hub's own
	patterns *recent[pattern]
	places   *recent[place]
}

// pattern is a compiled one under its name.
type pattern struct {
	hub.Pattern
	size int
}

// How much is kept, in each of the two halves of what was used of late: patterns by
// their steps, and what topics resolve to by their bytes.
const (
	keptSteps         = 1 << 18 // 20 MB together, 50 MB where all are made to be large
	overheadOfPattern = 128     // what the smallest takes, in steps
	keptBytes         = 4 << 20
)

// New returns what compiles matchers for the hub with this URL: relative patterns
// and topics resolve against it. Its path and "/chat" are its own, and all below.
func New(hubURL string) (*Matchers, error) {
	own, err := whatwg.Parse(hubURL)
	if err != nil {
		return nil, fmt.Errorf("the URL of the hub: %w", err)
	}
	if own.OpaquePath() || own.Hostname() == "" {
		return nil, fmt.Errorf("the URL of the hub has no host: %s", hubURL)
	}
	return &Matchers{
		hubURL:   hubURL,
		reserved: []string{strings.TrimSuffix(unescaped(own.Pathname()), "/"), chatPath},
		patterns: newRecent[pattern](keptSteps),
		places:   newRecent[place](keptBytes),
	}, nil
}

// ParseMatchType reads the name of a type of matcher as the claims of a token have
// it: "exact", which is also what no name means, or "urlpattern" (Mercure draft 08,
// authorization details). It reports false for every other name.
func ParseMatchType(name string) (hub.MatchType, bool) {
	switch name {
	case "", "exact":
		return hub.Exact, true
	case "urlpattern":
		return hub.URLPattern, true
	default:
		return 0, false
	}
}

// Compile returns the matcher with this text. A Topic that is no valid URI Template
// (RFC 6570) is the topic of just this name; a URLPattern has to be valid by the
// WHATWG standard, else it is ErrPattern. What is too long is ErrTooLong, what has
// control or format characters ErrText, and what would take too long ErrCostly.
func (m *Matchers) Compile(by hub.MatchType, text string) (hub.Matcher, error) {
	switch {
	case len(text) > MaxText:
		return hub.Matcher{}, ErrTooLong
	case !hub.IsPlain(text):
		return hub.Matcher{}, ErrText
	case text == hub.Everything && (by == hub.Topic || by == hub.Exact || by == hub.URLPattern):
		return hub.Matching(by, text, nil), nil
	}
	switch by {
	case hub.Exact:
		return hub.MatchExact(text), nil
	case hub.Topic:
		if !isTemplate(text) {
			return hub.Matching(by, text, nil), nil
		}
		return m.compiled(by, text, compileTemplate)
	case hub.URLPattern:
		return m.compiled(by, text, m.compileURLPattern)
	default:
		return hub.Matcher{}, ErrType
	}
}

// compiled takes a pattern from those that are kept, or compiles and keeps it.
func (m *Matchers) compiled(by hub.MatchType, text string, compile func(string) (pattern, error)) (hub.Matcher, error) {
	key := string(rune(by)) + text
	found, ok := m.patterns.get(key)
	if !ok {
		var err error
		if found, err = compile(text); err != nil {
			return hub.Matcher{}, err
		}
		m.patterns.put(key, found, overheadOfPattern+found.size)
	}
	return hub.Matching(by, text, found.Pattern), nil
}
