//go:build unix

package crash

import (
	"bytes"
	"net/http"
	"path"
	"strconv"
	"sync/atomic"
)

// held is the message from which on this process hands out nothing; 0: none.
var held atomic.Int64

// Hold is a point just before a message is handed out. If the process is to be
// struck at this one, nothing is handed out from it on, and the process lives
// until somebody has the answer that a message from it on is said.
func Hold(point string, message int64) {
	if Due(point) {
		held.Store(message)
		select {}
	}
}

// Answers gives answers whole before it returns, and strikes after the first one
// that is about a message which is held. Without such a plan it is next.
func Answers(point string, next http.Handler) http.Handler {
	if planned().point != point {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/api/messages" {
			next.ServeHTTP(w, r)
			return
		}
		whole := &answer{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(whole, r)
		whole.send()
		said, err := strconv.ParseInt(path.Base(w.Header().Get("Location")), 10, 64)
		if from := held.Load(); err == nil && from > 0 && said >= from {
			Now()
		}
	})
}

// answer keeps an answer until it is whole, so that its length is known and its
// end is not left to who returns.
type answer struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (a *answer) WriteHeader(status int)         { a.status = status }
func (a *answer) Write(part []byte) (int, error) { return a.body.Write(part) }

// send sends it, down to the socket. Who does not take it has no answer.
func (a *answer) send() {
	a.Header().Set("Content-Length", strconv.Itoa(a.body.Len()))
	a.ResponseWriter.WriteHeader(a.status)
	if _, err := a.ResponseWriter.Write(a.body.Bytes()); err == nil {
		_ = http.NewResponseController(a.ResponseWriter).Flush()
	}
}
