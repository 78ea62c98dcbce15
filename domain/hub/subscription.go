package hub

import (
	"strings"
	"unicode/utf8"
)

// Path is where the hub is: the URL that Mercure 0.x prescribes and 1.0 recommends.
// What is below it is the hub's own.
const Path = "/.well-known/mercure"

// SubscriptionsPath is where the subscriptions that are active are found, and
// with a slash the beginning of all their topics.
const SubscriptionsPath = Path + "/subscriptions"

// Subscription is one of the matchers with which somebody listens. It is a
// resource of the hub's own, which each dialect names and describes in its way
// (Mercure drafts 07 and 08, active subscriptions).
type Subscription struct {
	Type       MatchType // Topic is that of templates; a topic that is none is matched as an exact one is
	Text       string    // of the matcher
	Subscriber string    // unique to each stream, and the same for all its matchers
	Payload    []byte    // JSON that the token shows with it; nil: none
	Active     bool      // somebody listens; false: no more
}

// Subscriptions are those of a stream, all active: one for each matcher, without
// repeats. In each is the payload that the grant has for it.
func Subscriptions(subscriber string, matchers []Matcher, g Grant) []Subscription {
	type resource struct {
		by   MatchType
		text string
	}
	seen := make(map[resource]bool, len(matchers))
	all := make([]Subscription, 0, len(matchers))
	for _, m := range matchers {
		by := m.Type
		if _, only := m.Only(); only || m.All() && by == Topic {
			by = Exact
		}
		s := Subscription{Type: by, Text: m.Text, Subscriber: subscriber, Payload: g.payloadFor(m.Text), Active: true}
		if is := (resource{by, m.Text}); !seen[is] {
			seen[is] = true
			all = append(all, s)
		}
	}
	return all
}

// payloadFor is what the token shows with a subscription: in 1.0 what the detail
// has that grants the matcher, in 0.x all that there is.
func (g Grant) payloadFor(matcher string) []byte {
	if g.Dialect == Legacy && len(g.Subscribe) > 0 {
		return g.Subscribe[0].Payload
	}
	return g.PayloadOf(matcher)
}

// Name is how a type of matcher is called; empty for what is none.
func (t MatchType) Name() string {
	switch t {
	case Topic:
		return "topic"
	case Exact:
		return "exact"
	case URLPattern:
		return "urlpattern"
	default:
		return ""
	}
}

// Topic is the topic of the subscription as a dialect spells it, which is also
// where it is found, and its id. Each part of it is percent-encoded once.
func (s Subscription) Topic(in Dialect) string {
	text, subscriber := EncodeSegment(s.Text), EncodeSegment(s.Subscriber)
	if in == Legacy {
		return SubscriptionsPath + "/" + text + "/" + subscriber
	}
	return SubscriptionsPath + "/" + s.Type.Name() + "/" + text + "/" + subscriber
}

// EncodeSegment percent-encodes all but the unreserved characters of RFC 3986,
// as the simple expansion of a URI Template does. So a space is %20, and what
// stands in a segment of a path is never taken for the end of it.
func EncodeSegment(text string) string {
	const hex = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(text) {
		c := text[i]
		if c < utf8.RuneSelf && (isLetter(c) || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0) {
			out.WriteByte(c)
			continue
		}
		out.WriteByte('%')
		out.WriteByte(hex[c>>4])
		out.WriteByte(hex[c&15])
	}
	return out.String()
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// MayMatchBelow reports whether the matcher can match any topic that begins with
// prefix, as far as its text tells without being tried: false only if it cannot.
// A prefix is a path that a URL would not write in another way.
func (m Matcher) MayMatchBelow(prefix string) bool {
	if m.Type == 0 {
		return false
	}
	if topic, only := m.Only(); only {
		return strings.HasPrefix(topic, prefix)
	}
	if m.All() {
		return true
	}
	literal, told := m.Text, true
	switch m.Type {
	case Topic:
		literal, _, _ = strings.Cut(literal, "{")
	case URLPattern:
		literal, told = literalPath(literal)
	case Exact:
	default:
		told = false
	}
	return !told || strings.HasPrefix(literal, prefix) || strings.HasPrefix(prefix, literal)
}

// literalPath is what of a URL Pattern each path that it matches begins with;
// false if that cannot be told from the text alone. It looks at no scheme and no
// host, for these may be the hub's own.
func literalPath(pattern string) (path string, told bool) {
	if scheme, rest, found := strings.Cut(pattern, "://"); found && isScheme(scheme) {
		slash := strings.IndexByte(rest, '/')
		if slash < 0 || strings.ContainsAny(rest[:slash], special[1:]) { // a colon ends no host here
			return "", false
		}
		pattern = rest[slash:]
	}
	if !strings.HasPrefix(pattern, "/") || strings.HasPrefix(pattern, "//") {
		return "", false
	}
	if end := strings.IndexAny(pattern, special); end >= 0 {
		pattern = pattern[:end]
	}
	dots := strings.Contains(pattern, "/./") || strings.Contains(pattern, "/../")
	if dots || strings.HasSuffix(pattern, "/.") || strings.HasSuffix(pattern, "/..") {
		return "", false
	}
	return strings.TrimSuffix(pattern, "/"), true // what follows may be optional, and then the slash is
}

// special is what means more than itself in a URL Pattern, or may be written in
// another way in a URL.
const special = `:*{}()?+#\% `

func isScheme(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf || !isLetter(byte(r)) })
}
