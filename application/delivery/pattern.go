package delivery

import (
	"sync/atomic"

	"parley/domain/hub"
)

// pattern is a matcher that can match many topics, once for all who have it.
type pattern struct {
	key     patternKey
	matcher atomic.Pointer[hub.Matcher] // nil: nobody holds it any more
	number  int64                       // later ones have higher ones
	holders int
}

// matches reports whether the pattern matches a topic. What nobody holds matches
// nothing.
func (one *pattern) matches(topic string) bool {
	m := one.matcher.Load()
	return m != nil && m.Matches(topic)
}

// prefix is what all topics begin with that a pattern matches, or the beginning of
// that.
func (one *pattern) prefix() string {
	prefix := literal(hub.Matcher{Type: one.key.by, Text: one.key.text})
	return prefix[:min(len(prefix), longestPrefix-1)]
}
