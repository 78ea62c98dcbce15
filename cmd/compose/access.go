package compose

import (
	"log/slog"
	"net/http"
	"time"
)

// logged writes a line for each request when it has been answered, a stream's
// when it ends. There is nothing in it that people have said or typed: no query,
// no header and no body.
func logged(next http.Handler, log *slog.Logger, now func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, began := r.Context(), now()
		answer := &answer{ResponseWriter: w, status: 0, bytes: 0}
		defer func() {
			log.LogAttrs(ctx, slog.LevelInfo, "answered",
				slog.String("method", clip(r.Method)),
				slog.String("path", clip(r.URL.Path)),
				slog.Int("status", answer.status),
				slog.Int64("bytes", answer.bytes),
				slog.Duration("took", now().Sub(began)),
				slog.String("from", r.RemoteAddr))
		}()
		next.ServeHTTP(answer, r)
	})
}

// clip keeps a stranger from filling the log with one request.
func clip(text string) string { return text[:min(len(text), 200)] }

// answer notes what a handler answers.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(body []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(body)
	a.bytes += int64(n)
	return n, err
}

// Unwrap lets streams reach what they need of the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
