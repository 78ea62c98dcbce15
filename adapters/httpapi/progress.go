package httpapi

import (
	"net/http"
	"time"
)

const (
	// arriving is how long the body of a request may take.
	arriving = 5 * time.Second
	// stalled is how long a piece of an answer may take before its reader counts as
	// gone, and piece how much that is, in bytes.
	stalled = 30 * time.Second
	piece   = 32 << 10
)

// progress keeps those from holding a connection who do not send the body that
// they have announced, or do not read their answer. The streams and polls have
// times of their own for what they write.
func (s Server) progress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		if r.ContentLength != 0 {
			_ = control.SetReadDeadline(s.Now().Add(arriving)) // what has no deadlines has no connection to hold
		}
		if r.URL.Path == FeedPath || r.URL.Path == PollPath {
			_ = control.SetWriteDeadline(time.Time{}) // of what the connection served before
			next.ServeHTTP(w, r)
			return
		}
		answer := &steady{ResponseWriter: w, control: control, now: s.Now}
		answer.extend()
		next.ServeHTTP(answer, r)
	})
}

// steady is an answer of which each piece has its time.
type steady struct {
	http.ResponseWriter
	control *http.ResponseController
	now     func() time.Time
}

func (a *steady) extend() { _ = a.control.SetWriteDeadline(a.now().Add(stalled)) }

func (a *steady) Write(body []byte) (written int, err error) {
	for more := true; more; more = len(body) > 0 && err == nil {
		next := body[:min(len(body), piece)]
		body = body[len(next):]
		a.extend()
		var n int
		n, err = a.ResponseWriter.Write(next)
		written += n
	}
	return written, err
}

// Unwrap leads http.ResponseController to what is behind it.
func (a *steady) Unwrap() http.ResponseWriter { return a.ResponseWriter }
