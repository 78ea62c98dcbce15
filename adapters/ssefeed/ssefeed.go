// Package ssefeed serves the log as Server-Sent Events, on the URL and with the
// parameters of the Mercure protocol.
package ssefeed

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"parley/adapters/form"
	"parley/adapters/wire"
	"parley/application/delivery"
	"parley/domain/fault"
	"parley/domain/identity"
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

// Feed is the handler of the stream.
type Feed struct {
	Follow  func(context.Context, delivery.FollowQuery, delivery.Sink) error
	Verify  func(token string) (identity.Proof, error)
	Admit   func(context.Context, identity.Caller) error // whether the session lasts
	Cursors *wire.Cursors
	Cookies []string // the names of the cookies that may carry the token, first match
	Now     func() time.Time
	Jitter  func(time.Duration) time.Duration // a time around the given one, at random
	Refuse  func(http.ResponseWriter, *http.Request, error)

	once   sync.Once
	format *delivery.Format
}

// ServeHTTP serves one stream until it ends.
//
// A browser's EventSource gives up for good on any status but 200. So what will
// pass is answered 200 with a time to come again; only what is final is refused.
func (f *Feed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.once.Do(func() { f.format = &delivery.Format{Encode: f.encode} })
	proof, closing, err := f.authenticate(r)
	refusal := new(fault.Fault)
	if errors.As(err, &refusal) && refusal.Kind() == fault.Unavailable {
		f.stream(w).turnAway(nil, f.Jitter(10*time.Second))
		return
	}
	if err != nil {
		f.Refuse(w, r, err)
		return
	}
	asked, err := parse(r)
	if err != nil {
		f.Refuse(w, r, err)
		return
	}
	out := f.stream(w)
	out.asked = asked
	switch {
	case r.Method == http.MethodHead:
		out.begin("")
	case closing != nil:
		out.turnAway(closing, renewing)
	default:
		f.follow(r, proof, out)
	}
}

func (f *Feed) stream(w http.ResponseWriter) *stream {
	return &stream{feed: f, to: w, control: http.NewResponseController(w)}
}

// follow runs the stream, and says what came in its way before it began.
func (f *Feed) follow(r *http.Request, proof identity.Proof, out *stream) {
	err := f.Follow(r.Context(), delivery.FollowQuery{
		Who:   proof.Caller,
		What:  out.asked.what,
		From:  f.start(out.asked.cursor),
		Until: proof.Until,
	}, out)
	refusal := new(fault.Fault)
	switch {
	case err == nil || out.begun:
	case errors.Is(err, delivery.ErrTooMany):
		out.turnAway(&delivery.Closing{Reason: delivery.TooMany, Advice: delivery.Resume}, crowded)
	case errors.As(err, &refusal) && refusal.Kind() != fault.Unavailable:
		f.Refuse(out.to, r, err)
	default:
		out.turnAway(nil, f.Jitter(10*time.Second))
	}
}

// authenticate returns who listens. closing says that they are to renew their
// token first.
func (f *Feed) authenticate(r *http.Request) (proof identity.Proof, closing *delivery.Closing, err error) {
	query, err := form.Parse(r.URL.RawQuery)
	if err != nil {
		return identity.Proof{}, nil, err
	}
	shown, err := token(r, query, f.Cookies)
	if err != nil {
		return identity.Proof{}, nil, err
	}
	proof, err = f.Verify(shown.token)
	late := shown.byCookie && errors.Is(err, identity.ErrExpiredToken) && f.Now().Sub(proof.Until) <= grace
	if !late && (err != nil || r.Method != http.MethodHead) {
		return proof, nil, err // whose stream opens is admitted then
	}
	if err := f.Admit(r.Context(), proof.Caller); err != nil {
		return identity.Proof{}, nil, err
	}
	if !late {
		return proof, nil, nil
	}
	return proof, &delivery.Closing{Reason: delivery.Expired, Advice: delivery.Reauthenticate}, nil
}
