package ssefeed

import (
	"errors"
	"net/http"
	"strings"

	"parley/adapters/form"
	"parley/application/delivery"
	"parley/domain/fault"
	"parley/domain/hub"
)

// How much one stream can ask for. Beyond that it is ErrTooManyTopics. The protocol
// wants such limits and leaves the numbers open (Mercure draft 08).
const (
	MaxTopics   = 100  // of any kind, on a user's stream
	MaxMatchers = 100  // match and the like, on another one
	MaxLegacy   = 1000 // topic, on another one
)

// What is refused, and why.
var (
	ErrNoTopic       = fault.New(fault.Malformed, "invalid-request", "A stream asks for at least one topic.")
	ErrTooManyTopics = fault.New(fault.Malformed, "invalid-request", "That is more than one stream can ask for.")
	ErrMatcher       = fault.New(fault.Malformed, "invalid-request", "There is no such matcher.")
	ErrPattern       = fault.New(fault.Malformed, "invalid-request", "This is no pattern, or none that the hub takes.")
	ErrTopic         = fault.New(fault.Malformed, "invalid-request", "A topic is valid UTF-8 without control or format characters, and not too long.")
)

// request is what a stream asks for.
type request struct {
	what   delivery.Selection
	topics []string // as they were asked for
	cursor string   // as it was sent; empty: none
	legacy bool     // it is asked in the words of Mercure 0.x
}

// parse reads a subscription of either dialect of the Mercure protocol, or of
// both: topic (draft 07), match, match_exact and match_urlpattern (draft 08).
func (f *Feed) parse(by hub.Bearer, header http.Header, sent fields) (request, error) {
	var asked request
	topics, matchers := 0, 0
	for _, pair := range sent.all() {
		kind := matchType(pair.Name)
		switch {
		case kind == hub.Topic:
			topics++
			asked.legacy = true
		case kind != 0:
			matchers++
		case isReserved(pair.Name):
			return request{}, ErrMatcher
		default:
			continue
		}
		if !mayAsk(by, topics, matchers) {
			return request{}, ErrTooManyTopics
		}
		if err := f.add(&asked, kind, pair.Value); err != nil {
			return request{}, err
		}
	}
	if len(asked.topics) == 0 {
		return request{}, ErrNoTopic
	}
	asked.addCursor(header, sent)
	return asked, nil
}

// matchType is how the values by this name match; 0 if the name is none of those.
func matchType(name string) hub.MatchType {
	switch name {
	case "topic":
		return hub.Topic
	case "match", "match_exact":
		return hub.Exact
	case "match_urlpattern":
		return hub.URLPattern
	default:
		return 0
	}
}

// isReserved reports whether a name is kept for matchers of other kinds.
func isReserved(name string) bool {
	const prefix = "match"
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}

func mayAsk(by hub.Bearer, topics, matchers int) bool {
	if by.IsUser() {
		return topics+matchers <= MaxTopics
	}
	return topics <= MaxLegacy && matchers <= MaxMatchers
}

// add adds one thing that is asked for.
func (f *Feed) add(asked *request, kind hub.MatchType, value string) error {
	if !hub.IsPlain(value) || len(value) > hub.MaxField {
		return ErrTopic
	}
	matcher, err := f.Match(kind, value)
	if refusal := new(fault.Fault); err != nil && !errors.As(err, &refusal) {
		return ErrPattern
	}
	if err != nil {
		return err
	}
	asked.what.Match(matcher)
	asked.topics = append(asked.topics, value)
	return nil
}

// addCursor finds the cursor that was sent: in the header, in the URL or in the
// body, there by the name that each dialect and the clients of old give it.
func (asked *request) addCursor(header http.Header, sent fields) {
	asked.cursor = header.Get("Last-Event-ID")
	for _, pairs := range [][]form.Pair{sent.query, sent.body} {
		for _, name := range []string{"last_event_id", "lastEventID", "Last-Event-ID"} {
			value, found := first(pairs, name)
			asked.legacy = asked.legacy || found && name != "last_event_id"
			if asked.cursor == "" {
				asked.cursor = value
			}
		}
	}
}

// start is where the stream begins. What is no place of the log may be what an
// update is called by its publisher.
func (f *Feed) start(cursor string) delivery.Start {
	switch cursor {
	case "":
		return delivery.Start{}
	case hub.Earliest:
		return delivery.FromEarliest()
	}
	if place, ok := f.Cursors.Open(cursor); ok {
		return delivery.FromPlace(place)
	}
	if hub.IsID(cursor) {
		return delivery.FromNamed(cursor)
	}
	return delivery.FromUnreadable()
}
