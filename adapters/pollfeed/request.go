package pollfeed

import (
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/application/delivery"
	"parley/domain/fault"
)

const (
	// MaxTopics is how many topics a poll can ask for.
	MaxTopics = 100
	// MaxWait is how long a poll can wait for the first event.
	MaxWait = 60 * time.Second
	// usualWait is how long it waits if it does not say.
	usualWait = 25 * time.Second

	chatTopics = "/chat/"
)

// What is refused, and why.
var (
	ErrNoTopic       = fault.Of("topic", fault.Invalid, "invalid-request", "A poll asks for at least one topic.")
	ErrTooManyTopics = fault.Of("topic", fault.Invalid, "invalid-request", "A poll asks for 100 topics at most.")
	ErrTopic         = fault.Of("topic", fault.Invalid, "invalid-request", "A poll asks for topics under /chat/ alone, in valid UTF-8 without control or format characters.")
	ErrWait          = fault.Of("wait", fault.Invalid, "invalid-request", "A poll waits for a whole number of seconds from 0 to 60.")
)

// request is what a poll asks for.
type request struct {
	what   delivery.Selection
	topics []string // as they were asked for
	after  string   // as it was sent; empty: none
	wait   time.Duration
}

func parse(query url.Values) (request, error) {
	asked := request{topics: query["topic"], after: query.Get("after"), wait: usualWait}
	switch {
	case len(asked.topics) == 0:
		return request{}, ErrNoTopic
	case len(asked.topics) > MaxTopics:
		return request{}, ErrTooManyTopics
	}
	for _, topic := range asked.topics {
		if !isTopic(topic) {
			return request{}, ErrTopic
		}
		asked.what.Pattern(topic)
	}
	if query.Has("wait") {
		seconds, err := strconv.ParseUint(query.Get("wait"), 10, 16)
		asked.wait = time.Duration(seconds) * time.Second
		if err != nil || asked.wait > MaxWait {
			return request{}, ErrWait
		}
	}
	return asked, nil
}

func isTopic(name string) bool {
	hidden := func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }
	return strings.HasPrefix(name, chatTopics) && utf8.ValidString(name) && !strings.ContainsFunc(name, hidden)
}
