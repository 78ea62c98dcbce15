// Package ssefeed is the hub: it serves the log as Server-Sent Events, and takes
// what third parties publish, on the URL and in both dialects of the Mercure
// protocol.
package ssefeed

import (
	"context"
	"net/http"
	"sync"
	"time"

	"parley/adapters/wire"
	"parley/application/delivery"
	"parley/application/subscriptions"
	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/sequence"
)

const (
	// grace is how long after the end of its token a page that comes with its
	// cookie is not turned away for good: it is just renewing it.
	grace = 2 * time.Minute
	// renewing is when such a page is to come again.
	renewing = 3 * time.Second
	// crowded is when somebody with too many streams is to come again.
	crowded = 30 * time.Second
	// stalled is how long a write may take before its reader counts as gone.
	stalled = 30 * time.Second
)

// QUERY is the method that asks as GET does, with a body.
const QUERY = "QUERY"

// Feed is the handler of the hub.
type Feed struct {
	Follow  func(context.Context, delivery.FollowQuery, delivery.Sink) error
	Publish func(context.Context, hub.Grant, hub.Update) (sequence.Place, error)

	// Subscriber and Publisher verify a token by the keys of that role. Of a token
	// that has expired they say whose it was, beside identity.ErrExpiredToken.
	Subscriber func(token string) (hub.Bearer, error)
	Publisher  func(token string) (hub.Bearer, error)
	Admit      func(context.Context, identity.Caller) error // whether the session lasts

	Match    func(hub.MatchType, string) (hub.Matcher, error) // compiles
	Reserved func(topic string) bool                          // whether no third party may publish on it

	Anonymous  bool                       // whether somebody without a token may listen
	QueryToken bool                       // whether a token may stand in the URL
	Cookies    []string                   // the names of the cookies that may carry the token, first match
	Origins    []string                   // of pages that may publish by a cookie, exact
	Address    func(*http.Request) string // where a request comes from, as limits count it
	Cursors    *wire.Cursors
	Now        func() time.Time
	Jitter     func(time.Duration) time.Duration // a time around the given one, at random
	Refuse     func(http.ResponseWriter, *http.Request, error)

	// Registry knows who listens; nil: nobody does. Place is up to where this node
	// has read the log.
	Registry *subscriptions.Registry
	Place    func() sequence.Place

	once   sync.Once
	format formats
	large  chan struct{} // one for each large update that is read at this moment
}

// ServeHTTP serves one stream until it ends (GET and QUERY), takes one update (POST),
// or answers what is below the hub with the subscriptions that are active. What is
// wrong with a request goes to Refuse, unless a stream has begun.
func (f *Feed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.once.Do(func() { f.format, f.large = f.formats(), make(chan struct{}, manyLarge) })
	if isBelow(r) {
		f.subscriptions(w, r)
		return
	}
	if r.Method == http.MethodPost {
		f.publish(w, r)
		return
	}
	f.subscribe(w, r)
}
