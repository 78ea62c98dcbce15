package ssefeed

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"parley/adapters/form"
	"parley/application/delivery"
	"parley/domain/fault"
	"parley/domain/identity"
)

// MaxTopics is how many topics a user's stream can ask for.
const MaxTopics = 100

// What is refused, and why.
var (
	ErrNoTopic       = fault.New(fault.Malformed, "invalid-request", "A stream asks for at least one topic.")
	ErrTooManyTopics = fault.New(fault.Malformed, "invalid-request", "A stream asks for 100 topics at most.")
	ErrMatcher       = fault.New(fault.Malformed, "invalid-request", "There is no such matcher.")
	ErrTopic         = fault.New(fault.Malformed, "invalid-request", "A topic is valid UTF-8 without control or format characters.")
	ErrTokenInURL    = fault.New(fault.Unproven, "token-in-url-refused", "A token does not belong into a URL.")
)

// request is what a stream asks for.
type request struct {
	what   delivery.Selection
	topics []string // as they were asked for
	cursor string   // as it was sent; empty: none
}

// parse reads a subscription of either dialect of the Mercure protocol: topic
// (draft 07: a name, a template or *) and match, match_exact (draft 08: a name
// or *).
func parse(r *http.Request) (request, error) {
	var asked request
	query, err := form.Parse(r.URL.RawQuery)
	if err != nil {
		return request{}, err
	}
	for _, pair := range query {
		switch pair.Name {
		case "topic":
			asked.what.Pattern(pair.Value)
		case "match", "match_exact":
			if pair.Value == "*" {
				asked.what.Pattern(pair.Value)
			} else {
				asked.what.Topic(pair.Value)
			}
		default:
			if len(pair.Name) >= len("match") && strings.EqualFold(pair.Name[:len("match")], "match") {
				return request{}, ErrMatcher
			}
			continue
		}
		if !utf8.ValidString(pair.Value) || strings.ContainsFunc(pair.Value, isHidden) {
			return request{}, ErrTopic
		}
		asked.topics = append(asked.topics, pair.Value)
	}
	switch {
	case len(asked.topics) == 0:
		return request{}, ErrNoTopic
	case len(asked.topics) > MaxTopics:
		return request{}, ErrTooManyTopics
	}
	asked.cursor = cursorOf(r.Header, query)
	return asked, nil
}

func isHidden(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }

// cursorOf returns the cursor that was sent: in the header, or in the query by
// the name that each dialect and the clients of old give it.
func cursorOf(header http.Header, query []form.Pair) string {
	if cursor := header.Get("Last-Event-ID"); cursor != "" {
		return cursor
	}
	for _, name := range []string{"last_event_id", "lastEventID", "Last-Event-ID"} {
		for _, pair := range query {
			if pair.Name == name && pair.Value != "" {
				return pair.Value
			}
		}
	}
	return ""
}

// start is where the stream begins.
func (f *Feed) start(cursor string) delivery.Start {
	switch cursor {
	case "":
		return delivery.Start{}
	case "earliest":
		return delivery.FromEarliest()
	}
	if place, ok := f.Cursors.Open(cursor); ok {
		return delivery.FromPlace(place)
	}
	return delivery.FromUnreadable()
}

// presented is a token as it was presented.
type presented struct {
	token    string
	byCookie bool
}

// token finds the token. The first that is found is used, and nothing stands in
// for a bad one.
func token(r *http.Request, query []form.Pair, cookies []string) (presented, error) {
	if headers, ok := r.Header["Authorization"]; ok {
		scheme, token, found := strings.Cut(headers[0], " ")
		if len(headers) != 1 || !found || !strings.EqualFold(scheme, "Bearer") {
			return presented{}, identity.ErrInvalidToken
		}
		return presented{token: strings.TrimSpace(token)}, nil
	}
	for _, pair := range query {
		if pair.Name == "authorization" {
			return presented{}, ErrTokenInURL
		}
	}
	for _, name := range cookies {
		if cookie, err := r.Cookie(name); err == nil {
			return presented{token: cookie.Value, byCookie: true}, nil
		}
	}
	return presented{}, identity.ErrUnauthenticated
}
