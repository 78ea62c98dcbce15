package httpapi

import (
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/jub0bs/cors"

	"parley/domain/identity"
)

// secure puts on every answer what keeps browsers from making more of it than it
// is, and from keeping it.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		header.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// survive answers 500 where something panics, and cuts the answer off where it
// has begun; the process lives.
func (s Server) survive(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &watched{ResponseWriter: w}
		defer func() {
			if cause := recover(); cause != nil {
				s.recovered(cause, answer, r)
			}
		}()
		next.ServeHTTP(answer, r)
	})
}

func (s Server) recovered(cause any, answer *watched, r *http.Request) {
	if cause == http.ErrAbortHandler { //nolint:errorlint // it is panicked with as it is
		panic(cause)
	}
	s.Log.ErrorContext(r.Context(), "a handler panicked", "request", VisitOf(r.Context()).ID, "serving", r.Pattern, "cause", cause, "stack", string(debug.Stack()))
	if answer.begun {
		panic(http.ErrAbortHandler)
	}
	internal(r.Context(), instanceOf(r)).write(answer)
}

// watched knows whether an answer has begun.
type watched struct {
	http.ResponseWriter
	begun bool
}

func (w *watched) WriteHeader(status int) {
	w.begun = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(p []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(p)
}

// Unwrap leads http.ResponseController to what is behind it.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// route answers with a problem where mux has nothing but a line of text.
func (s Server) route(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, pattern := mux.Handler(r)
		if pattern != "" && isClean(r.URL.Path) {
			mux.ServeHTTP(w, r)
			return
		}
		code := "not-found"
		if pattern == "" {
			reply := reply{header: http.Header{}}
			handler.ServeHTTP(&reply, r)
			if reply.status == http.StatusMethodNotAllowed {
				code = "method-not-allowed"
				w.Header()["Allow"] = reply.header["Allow"]
			}
		}
		newProblem(code, problems[code].status, "", instanceOf(r)).write(w)
	})
}

// isClean reports whether a path is written as it is served. Others are not
// there, instead of somewhere else.
func isClean(asked string) bool {
	clean := path.Clean(asked)
	return asked == clean || strings.TrimSuffix(asked, "/") == clean
}

// reply is what mux would answer.
type reply struct {
	header http.Header
	status int
}

func (r *reply) Header() http.Header         { return r.header }
func (r *reply) Write(p []byte) (int, error) { return len(p), nil }
func (r *reply) WriteHeader(status int)      { r.status = status }

// crossOrigin lets pages of the configured origins call: the API, and the hub by
// the methods and headers of its protocol.
func (s Server) crossOrigin() (func(http.Handler) http.Handler, error) {
	ofAPI, err := s.cors(
		[]string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
		[]string{"Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Last-Event-ID"},
		[]string{"Idempotency-Replayed", "Location", "RateLimit", "RateLimit-Policy"})
	if err != nil {
		return nil, err
	}
	ofHub, err := s.cors(
		append([]string{http.MethodHead}, hubMethods...),
		[]string{"Authorization", "Cache-Control", "Content-Type", "If-None-Match", "Last-Event-ID"},
		[]string{"Last-Event-ID", "Mercure-Last-Event-ID"})
	if err != nil {
		return nil, err
	}
	return func(next http.Handler) http.Handler {
		api, atHub := ofAPI.Wrap(next), ofHub.Wrap(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodOptions {
				asBrowsersAsk(r.Header)
			}
			if isHub(r.URL.Path) {
				atHub.ServeHTTP(w, r)
				return
			}
			api.ServeHTTP(w, r)
		})
	}, nil
}

// CheckOrigins reports origins that no page can have.
func CheckOrigins(origins []string) error {
	_, err := Server{CORSOrigins: origins}.crossOrigin()
	return err
}

// asBrowsersAsk writes the header names that a preflight asks for as browsers do, in
// small letters and in order. Others may ask as well, and names have no case; but
// what answers them takes nothing else.
func asBrowsersAsk(header http.Header) {
	const asked = "Access-Control-Request-Headers"
	names := strings.FieldsFunc(strings.ToLower(strings.Join(header[asked], ",")), func(r rune) bool {
		return r == ',' || r == ' ' || r == '\t'
	})
	if len(names) == 0 {
		return
	}
	slices.Sort(names)
	header[asked] = []string{strings.Join(slices.Compact(names), ",")}
}

// cors lets pages of the configured origins call with cookies, by these methods,
// send these headers, and read those of the answer.
func (s Server) cors(methods, sent, answered []string) (*cors.Middleware, error) {
	if len(s.CORSOrigins) == 0 {
		return new(cors.Middleware), nil // lets through, and says nothing
	}
	return cors.NewMiddleware(cors.Config{
		Origins:         s.CORSOrigins,
		Credentialed:    true,
		Methods:         methods,
		RequestHeaders:  sent,
		ResponseHeaders: append(answered, "ETag", "Link", "Retry-After", "WWW-Authenticate", RequestID),
		MaxAgeInSeconds: 600,
	})
}

// ownPages keeps the pages of foreign origins from what sets cookies or signs
// somebody in.
func (s Server) ownPages() (func(http.Handler) http.Handler, error) {
	protection := http.NewCrossOriginProtection()
	trusted := s.CORSOrigins
	if own, err := url.Parse(s.PublicURL); err == nil && own.Host != "" {
		trusted = append([]string{own.Scheme + "://" + own.Host}, trusted...)
	}
	for _, origin := range trusted {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			return nil, err
		}
	}
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.security().note(r.Context(), slog.LevelWarn, refused, identity.Caller{}, "cross-origin")
		newProblem("cross-origin", http.StatusForbidden, "", instanceOf(r)).write(w)
	}))
	return func(next http.Handler) http.Handler {
		guarded := protection.Handler(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if isAuth(r.URL.Path) || r.URL.Path == tokenPath {
				guarded.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}, nil
}

// isAuth reports whether a path is of those that take passwords and set cookies.
func isAuth(path string) bool { return strings.HasPrefix(path, "/api/auth/") }
