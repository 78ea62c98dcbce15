package compose

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"parley/adapters/httpapi"
)

// logged writes a line for each request when it has been answered, a stream's
// when it ends. There is nothing in it that people have said, typed or shown: no
// query, no header, no body, and of the path what the program knows itself.
func logged(next http.Handler, log *slog.Logger, now func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, began := r.Context(), now()
		visit := httpapi.VisitOf(ctx)
		answer := &answer{ResponseWriter: w, status: 0, bytes: 0}
		defer func() {
			log.LogAttrs(ctx, slog.LevelInfo, "answered",
				slog.String("method", clip(r.Method)),
				slog.String("path", known(r.Pattern, r.URL.Path)),
				slog.Int("status", answer.status),
				slog.Int64("bytes", answer.bytes),
				slog.Duration("took", now().Sub(began)),
				slog.String("from", visit.From.String()),
				slog.String("request", visit.ID))
		}()
		next.ServeHTTP(answer, r)
	})
}

// clip keeps a stranger from filling the log with one request.
func clip(text string) string { return text[:min(len(text), 200)] }

// known is what of a path is the program's own, and numbers; of another path than
// those of the pattern it serves, nothing is.
func known(pattern, path string) string {
	_, route, _ := strings.Cut(pattern, " ")
	parts := strings.Split(route, "/")
	sent := strings.Split(path, "/")
	if len(parts) != len(sent) {
		return route
	}
	for i, part := range parts {
		number := sent[i] != "" && len(sent[i]) < 20 && strings.Trim(sent[i], "0123456789") == ""
		if strings.HasPrefix(part, "{") && number {
			parts[i] = sent[i]
		}
	}
	return strings.Join(parts, "/")
}

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
