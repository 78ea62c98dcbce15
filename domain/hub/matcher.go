package hub

// MatchType says how a matcher tells topics apart.
type MatchType int

// The types. Topic is that of Mercure 0.x: the topic itself, or a URI Template
// (RFC 6570). The others are those of 1.0.
const (
	Topic MatchType = iota + 1
	Exact
	URLPattern
)

// Pattern tells topics apart by more than their name. Its cost is bounded: what
// would cost too much does not match. Many may ask it at the same time.
type Pattern interface {
	Match(topic string) bool
}

// Matcher is what somebody asks to hear, or may hear or publish. Its zero value
// matches nothing.
type Matcher struct {
	Type    MatchType
	Text    string // as it was sent
	pattern Pattern
}

// MatchExact matches the topic of just this name, and "*" all topics.
func MatchExact(text string) Matcher { return Matcher{Type: Exact, Text: text} }

// Matching matches by a pattern; as for all types, "*" matches all topics. A nil
// pattern matches the topic of just this name, as does every Topic.
func Matching(by MatchType, text string, pattern Pattern) Matcher {
	return Matcher{Type: by, Text: text, pattern: pattern}
}

// All reports whether the matcher matches all topics, whatever they are called.
func (m Matcher) All() bool { return m.Type != 0 && m.Text == Everything }

// Only returns the one topic that the matcher can match; false if it can match
// others.
func (m Matcher) Only() (topic string, only bool) {
	return m.Text, m.Type != 0 && m.pattern == nil && m.Text != Everything
}

// Matches reports whether the matcher matches a topic.
func (m Matcher) Matches(topic string) bool {
	switch {
	case m.Type == 0:
		return false
	case m.All():
		return true
	case m.pattern == nil, m.Type == Topic && m.Text == topic:
		return m.Text == topic
	default:
		return m.pattern.Match(topic)
	}
}

// MatchesAny reports whether the matcher matches one of the topics.
func (m Matcher) MatchesAny(topics []string) bool {
	for _, topic := range topics {
		if m.Matches(topic) {
			return true
		}
	}
	return false
}
