package hub

import (
	"time"

	"parley/domain/identity"
)

// Dialect is one of the two versions of the Mercure protocol that are spoken.
type Dialect int

// The dialects.
const (
	Legacy Dialect = iota + 1 // 0.x, draft 07
	Modern                    // 1.0, draft 08
)

// Grant is what the claims of a Mercure token allow. The zero Grant is that of
// somebody without a token: what is public may be heard, and nothing published.
type Grant struct {
	Dialect   Dialect
	Publish   []Matcher
	Subscribe []Detail
}

// Detail grants to subscribe to topics.
type Detail struct {
	Topics  []Matcher
	Payload []byte // JSON that is shown with the subscriptions it grants; nil: none
}

// MayPublish reports whether an update with these topics may be published: there
// is one, and every one of them is granted (Mercure drafts 07 and 08).
func (g Grant) MayPublish(topics []string) bool {
	for _, topic := range topics {
		if !anyMatches(g.Publish, topic) {
			return false
		}
	}
	return len(topics) > 0
}

// MayHear reports whether an update on these topics may be heard: it is public,
// or one of its topics is granted (Mercure drafts 07 and 08, private updates).
func (g Grant) MayHear(topics []string, private bool) bool {
	if !private {
		return true
	}
	for _, topic := range topics {
		if g.MaySubscribe(topic) {
			return true
		}
	}
	return false
}

// MaySubscribe reports whether the claims grant to subscribe to a topic.
func (g Grant) MaySubscribe(topic string) bool {
	for _, detail := range g.Subscribe {
		if anyMatches(detail.Topics, topic) {
			return true
		}
	}
	return false
}

// PayloadOf is the payload of the first detail that grants a matcher, taken as a
// topic; nil if there is none (Mercure draft 08, authorization details).
func (g Grant) PayloadOf(matcher string) []byte {
	for _, detail := range g.Subscribe {
		if anyMatches(detail.Topics, matcher) {
			return detail.Payload
		}
	}
	return nil
}

func anyMatches(matchers []Matcher, topic string) bool {
	for _, m := range matchers {
		if m.Matches(topic) {
			return true
		}
	}
	return false
}

// Bearer is who comes to the hub: a user, whoever has a Mercure token, or nobody
// in particular, with the zero Bearer.
type Bearer struct {
	Caller identity.Caller // of a user's token; else zero
	Grant  Grant           // of a Mercure token; else zero
	Until  time.Time       // when the token ends; zero: it has no end
}

// IsUser reports whether the bearer is a user of the chat.
func (b Bearer) IsUser() bool { return b.Caller != identity.Caller{} }
