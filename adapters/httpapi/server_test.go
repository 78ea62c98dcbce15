package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/adapters/httpapi"
	"parley/adapters/wire"
	"parley/domain/identity"
	"parley/domain/message"
)

const hub = "https://chat.example.org/.well-known/mercure"

// settings are those of a server without use cases.
func settings() httpapi.Server {
	return httpapi.Server{
		Verify: verify,
		Mint: func(who identity.Caller, _ time.Time) (string, identity.Proof, error) {
			return "user " + who.User.String() + " " + who.Session.String(), identity.Proof{Caller: who, Until: time.Now().Add(5 * time.Minute)}, nil
		},
		Admit:      func(context.Context, identity.Caller) error { return nil },
		SessionEnd: func(context.Context, identity.Caller) (time.Time, error) { return time.Time{}, nil },
		Cursors:    wire.NewCursors([16]byte{1}),
		JWKS:       func() []byte { return []byte(`{"keys":[]}`) },
		Ready:      func() error { return nil },
		PublicURL:  "https://chat.example.org",
		HubURL:     hub,
		Pace:       message.Pace{PerMinute: 60, Burst: 20},
		Log:        slog.New(slog.NewTextHandler(io.Discard, nil)),
		Now:        time.Now,
	}
}

// verify takes tokens that say in words what they are.
func verify(token string) (identity.Proof, error) {
	user, session, ok := strings.Cut(strings.TrimPrefix(token, "user "), " ")
	who, noUser := identity.ParseUserID(user)
	in, noSession := identity.ParseSessionID(session)
	switch {
	case token == "expired":
		return identity.Proof{}, identity.ErrExpiredToken
	case strings.HasPrefix(token, "late "):
		proof, _ := verify("user" + strings.TrimPrefix(token, "late"))
		return proof, identity.ErrExpiredToken
	case !ok || noUser != nil || noSession != nil:
		return identity.Proof{}, identity.ErrInvalidToken
	default:
		return identity.Proof{Caller: identity.Caller{User: who, Session: in}, Until: time.Now().Add(time.Minute)}, nil
	}
}

// someone is a good token, of nobody in particular.
const someone = "user 1 1"

var noFeed = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

func serve(t *testing.T, s httpapi.Server, feed http.Handler) *client {
	t.Helper()
	handler, err := s.Handler(feed)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return dial(t, server.URL)
}

func TestWhatIsNotThereIsAProblem(t *testing.T) {
	c := serve(t, settings(), noFeed)
	for _, path := range []string{
		"/api", "/api/", "/api/nothing", "/api/me/", "/api//me", "/api/rooms/../me", "/api/rooms/1/participants/2/3",
		"/problems/none", "/docs", "/index.html", "/.well-known/none", "/api/rooms/%2E%2E/me", "/api/rooms/1%2F2/x",
	} {
		c.get(path).refused(t, http.StatusNotFound, "not-found")
	}
}

func TestAMethodThatIsNotTakenIsAProblemThatSaysWhichAre(t *testing.T) {
	c := serve(t, settings(), noFeed)
	for _, one := range []struct{ method, path, allow string }{
		{http.MethodPut, "/api/me", "GET, HEAD, PATCH"},
		{http.MethodDelete, "/api/messages", "GET, HEAD, POST"},
		{http.MethodGet, "/api/auth/login", "POST"},
		{http.MethodPut, "/.well-known/mercure", "GET, HEAD, POST, QUERY"},
		{http.MethodOptions, "/.well-known/mercure", "GET, HEAD, POST, QUERY"},
		{http.MethodOptions, "/api/rooms", "GET, HEAD, POST"},
		{http.MethodPut, "/api/rooms/1", "DELETE, GET, HEAD, PATCH"},
	} {
		got := c.do(one.method, one.path, nil).refused(t, http.StatusMethodNotAllowed, "method-not-allowed")
		if allow := got.header.Get("Allow"); allow != one.allow {
			t.Errorf("%s %s allows %q, want %q", one.method, one.path, allow, one.allow)
		}
	}
}

func TestNothingButSignInWorksWithoutAToken(t *testing.T) {
	c := serve(t, settings(), noFeed)
	open := map[string]bool{"/api/auth/register": true, "/api/auth/login": true, "/api/auth/refresh": true, "/api/auth/logout": true, "/healthz": true, "/readyz": true, "/.well-known/jwks.json": true, httpapi.FeedPath: true, httpapi.HubMetadataPath: true}
	for path, item := range object(c.doc["paths"]) {
		for method := range object(item) {
			if open[path] || strings.HasPrefix(path, httpapi.FeedPath) {
				continue
			}
			call := strings.NewReplacer("{roomId}", "1", "{userId}", "1", "{messageId}", "1", "{sessionId}", "1").Replace(path)
			got := c.do(strings.ToUpper(method), call, "{not JSON, and no query").refused(t, http.StatusUnauthorized, "unauthenticated")
			if challenge := got.header.Get("WWW-Authenticate"); challenge != "Bearer" {
				t.Errorf("%s %s challenges with %q", method, path, challenge)
			}
		}
	}
}

func TestATokenThatIsPresentAndBadIsNeverNone(t *testing.T) {
	c := serve(t, settings(), noFeed)
	for _, header := range []string{"Bearer nonsense", "Bearer expired", "Bearer", "Bearer ", "Basic dTpw", someone} {
		got := c.get("/api/me", "Authorization", header).refused(t, http.StatusUnauthorized, "invalid-token")
		if challenge := got.header.Get("WWW-Authenticate"); challenge != "Bearer" {
			t.Errorf("%q is challenged with %q", header, challenge)
		}
	}
	c.get("/api/me", "Cookie", httpapi.LoopbackCookie+"="+someone).refused(t, http.StatusUnauthorized, "unauthenticated")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.base+"/api/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header["Authorization"] = []string{"Bearer " + someone, "Bearer " + someone}
	c.send(r).refused(t, http.StatusUnauthorized, "invalid-token")
}

func TestEveryAnswerHasTheHeadersThatKeepItWhatItIs(t *testing.T) {
	c := serve(t, settings(), noFeed)
	for _, path := range []string{"/healthz", "/api/me", "/nothing", "/openapi.yaml", "/problems/internal", httpapi.FeedPath, "/.well-known/jwks.json"} {
		got := c.get(path)
		for name, want := range map[string]string{
			"X-Content-Type-Options":  "nosniff",
			"Cache-Control":           "no-store",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
			"Referrer-Policy":         "no-referrer",
		} {
			if value := got.header.Get(name); value != want {
				t.Errorf("%s has %s %q, want %q", path, name, value, want)
			}
		}
	}
}

func TestAPanicIsAProblemAndTheProcessLives(t *testing.T) {
	s := settings()
	s.Ready = func() error { panic("of a secret kind") }
	var log strings.Builder
	s.Log = slog.New(slog.NewTextHandler(&log, nil))
	c := serve(t, s, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half an ans")
		panic("in the middle")
	}))
	got := c.get("/readyz").refused(t, http.StatusInternalServerError, "internal")
	if strings.Contains(string(got.body), "secret") {
		t.Errorf("the problem shows the panic: %s", got.body)
	}
	if !strings.Contains(log.String(), "of a secret kind") {
		t.Errorf("the log does not have the panic: %s", log.String())
	}
	if _, err := fetch(t, c.base+httpapi.FeedPath); err == nil {
		t.Error("an answer that broke off looks complete")
	}
	c.get("/healthz").want(t, http.StatusOK)
}

func fetch(t *testing.T, url string) ([]byte, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(response.Body)
	return text, errors.Join(err, response.Body.Close())
}

func TestWhatIsNoRefusalIsLoggedAndNeverShown(t *testing.T) {
	s := settings()
	s.Admit = func(context.Context, identity.Caller) error { return errors.New("pq: password authentication failed") }
	var log strings.Builder
	s.Log = slog.New(slog.NewTextHandler(&log, nil))
	c := serve(t, s, noFeed).as(someone)
	got := c.post("/api/mercure/token", nil).refused(t, http.StatusInternalServerError, "internal")
	if strings.Contains(string(got.body), "pq") {
		t.Errorf("the problem shows the error: %s", got.body)
	}
	if !strings.Contains(log.String(), "pq: password") {
		t.Errorf("the log does not have the error: %s", log.String())
	}
}

func TestReadinessFollowsTheProgram(t *testing.T) {
	s := settings()
	var err error
	s.Ready = func() error { return err }
	c := serve(t, s, noFeed)
	c.get("/readyz").want(t, http.StatusOK)
	err = errors.New("draining")
	got := c.get("/readyz").refused(t, http.StatusServiceUnavailable, "storage-unavailable")
	if got.header.Get("Retry-After") != "1" || strings.Contains(string(got.body), "draining") {
		t.Errorf("got %v %s", got.header, got.body)
	}
	c.get("/healthz").want(t, http.StatusOK)
}

func TestTheKeySetIsHandedOut(t *testing.T) {
	got := serve(t, settings(), noFeed).get("/.well-known/jwks.json").want(t, http.StatusOK)
	if string(got.body) != `{"keys":[]}` || got.header.Get("Content-Type") != "application/jwk-set+json" {
		t.Errorf("got %s %s", got.header.Get("Content-Type"), got.body)
	}
}

func TestEveryProblemIsExplained(t *testing.T) {
	c := serve(t, settings(), noFeed)
	all := list(object(object(c.resolve(map[string]any{"$ref": "#/components/schemas/Problem"})["properties"])["code"])["enum"])
	if len(all) != 28 {
		t.Errorf("the document has %d codes, want the 28 of the contract", len(all))
	}
	for _, slug := range all {
		got := c.get("/problems/"+fmt.Sprint(slug)).want(t, http.StatusOK)
		if len(got.body) < 30 || got.header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%s is explained as %s %q", slug, got.header.Get("Content-Type"), got.body)
		}
	}
}
