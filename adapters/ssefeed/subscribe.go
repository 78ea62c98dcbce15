package ssefeed

import (
	"errors"
	"net/http"
	"time"

	"parley/application/delivery"
	"parley/domain/fault"
	"parley/domain/hub"
)

// line is a stream to whoever it is of.
type line interface {
	delivery.Sink
	// turnAway answers a stream that cannot begin now: come again, after a while.
	turnAway(c *delivery.Closing, retry time.Duration)
}

// subscribe serves one stream until it ends.
//
// A browser's EventSource gives up for good on any status but 200. So what will
// pass is answered 200 with a time to come again; only what is final is refused.
func (f *Feed) subscribe(w http.ResponseWriter, r *http.Request) {
	sent, err := readFields(w, r)
	if err != nil {
		f.Refuse(w, r, err)
		return
	}
	out := &stream{feed: f, to: w, control: http.NewResponseController(w), fetched: isFetched(r.Header)}
	bearer, closing, err := f.ofWhom(r, sent)
	if err != nil {
		out.refuse(r, err)
		return
	}
	if out.asked, err = f.parse(bearer, r.Header, sent); err != nil {
		f.Refuse(w, r, err)
		return
	}
	out.format = f.format.tokens
	to := line(tokenStream{out})
	if bearer.IsUser() {
		out.format = f.format.users
		to = userStream{out}
	}
	switch {
	case r.Method == http.MethodHead:
		out.begin(f.head(out.asked))
	case closing != nil:
		to.turnAway(closing, renewing)
	default:
		f.follow(r, bearer, out, to)
	}
}

// head is where a stream that is only asked about would go on. Whether a cursor can
// be resumed from is found out by opening the stream, so of one nothing is said
// (RFC 9110, section 9.3.2).
func (f *Feed) head(asked request) string {
	if asked.cursor != "" {
		return ""
	}
	return f.cursor()
}

func (f *Feed) ofWhom(r *http.Request, sent fields) (hub.Bearer, *delivery.Closing, error) {
	shown, err := f.present(r, sent.query)
	if err != nil {
		return hub.Bearer{}, nil, err
	}
	return f.listener(r, shown)
}

// follow runs the stream, and says what came in its way before it began.
func (f *Feed) follow(r *http.Request, by hub.Bearer, out *stream, to line) {
	query := delivery.FollowQuery{Who: by.Caller, What: out.asked.what, From: f.start(out.asked.cursor), Until: by.Until}
	if !by.IsUser() {
		query.Grant, query.Address = by.Grant, f.Address(r)
		known, stop := f.known(to, query)
		defer stop()
		to = known
	}
	err := f.Follow(r.Context(), query, to)
	switch {
	case err == nil || out.begun:
	case errors.Is(err, delivery.ErrTooMany):
		to.turnAway(&delivery.Closing{Reason: delivery.TooMany, Advice: delivery.Resume}, crowded)
	default:
		out.refuse(r, err)
	}
}

// refuse says why no stream begins: what is final as what it is, and what will
// pass with a time to come again.
func (s *stream) refuse(r *http.Request, err error) {
	refusal := new(fault.Fault)
	if errors.As(err, &refusal) && refusal.Kind() != fault.Unavailable {
		s.feed.Refuse(s.to, r, err)
		return
	}
	s.begin("")
	_ = s.silent(block{retry: milliseconds(s.feed.Jitter(10 * time.Second))}) // whom it does not reach will come again anyway
}
