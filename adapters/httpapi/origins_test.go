package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
)

// Mercure: L1.
func TestPagesOfConfiguredOriginsMayCallAndOthersMayNot(t *testing.T) {
	s := settings()
	s.CORSOrigins = []string{"http://localhost:3000"}
	c := serve(t, s, noFeed)
	preflight := func(origin string) answer {
		return c.do(http.MethodOptions, "/api/messages", nil, "Origin", origin,
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type,idempotency-key")
	}
	c.doc = nil // preflights are none of the document's
	got := preflight("http://localhost:3000").want(t, http.StatusNoContent)
	if origin, credentials := got.header.Get("Access-Control-Allow-Origin"), got.header.Get("Access-Control-Allow-Credentials"); origin != "http://localhost:3000" || credentials != "true" {
		t.Errorf("a configured origin is told %q, %q", origin, credentials)
	}
	for _, names := range []string{"Authorization", "Idempotency-Key, Content-Type", "content-type,authorization"} {
		got := c.do(http.MethodOptions, "/api/messages", nil, "Origin", "http://localhost:3000",
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", names)
		if origin := got.header.Get("Access-Control-Allow-Origin"); got.status != http.StatusNoContent || origin != "http://localhost:3000" {
			t.Errorf("who asks for %q is told %d, %q", names, got.status, origin)
		}
	}
	for _, origin := range []string{"http://localhost:3001", "https://localhost:3000", "null", "http://localhost:3000.evil.example"} {
		if allowed := preflight(origin).header.Get("Access-Control-Allow-Origin"); allowed != "" {
			t.Errorf("%s is told %q", origin, allowed)
		}
	}
	got = c.get("/api/me", "Origin", "http://localhost:3000").refused(t, http.StatusUnauthorized, "unauthenticated")
	exposed := strings.ToLower(got.header.Get("Access-Control-Expose-Headers"))
	for _, name := range []string{"link", "etag", "location", "retry-after", "ratelimit", "idempotency-replayed"} {
		if !strings.Contains(exposed, name) {
			t.Errorf("pages may not read %s: %s", name, exposed)
		}
	}
	if vary := got.header.Get("Vary"); !strings.Contains(vary, "Origin") {
		t.Errorf("the answer varies by %q", vary)
	}
}

func TestWithoutConfiguredOriginsNoPageMayCall(t *testing.T) {
	c := serve(t, settings(), noFeed)
	got := c.get("/healthz", "Origin", "https://evil.example").want(t, http.StatusOK)
	if allowed := got.header.Get("Access-Control-Allow-Origin"); allowed != "" {
		t.Errorf("any page is told %q", allowed)
	}
}

func TestImpossibleOriginsAreRefusedAtTheStart(t *testing.T) {
	for _, origin := range []string{"*", "https://*", "localhost", "https://a.example/path", "null", "http://chat.example.org"} {
		s := settings()
		s.CORSOrigins = []string{origin}
		if _, err := s.Handler(noFeed); err == nil {
			t.Errorf("%q is taken", origin)
		}
	}
}

func TestForeignPagesNeitherSignInNorFetchCookies(t *testing.T) {
	s := settings()
	s.CORSOrigins = []string{"http://localhost:3000"}
	c := serve(t, s, noFeed).as(someone)
	for _, path := range []string{"/api/auth/login", "/api/auth/register", "/api/mercure/token"} {
		c.post(path, `{}`, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example").refused(t, http.StatusForbidden, "cross-origin")
		c.post(path, `{}`, "Sec-Fetch-Site", "same-site", "Origin", "https://other.example.org").refused(t, http.StatusForbidden, "cross-origin")
		c.post(path, `{}`, "Origin", "https://evil.example").refused(t, http.StatusForbidden, "cross-origin")
		for _, own := range [][]string{
			{"Sec-Fetch-Site", "same-origin", "Origin", "https://chat.example.org"},
			{"Sec-Fetch-Site", "same-site", "Origin", "http://localhost:3000"},
			{"Origin", "https://chat.example.org"},
			{},
		} {
			if got := c.post(path, `{}`, own...); got.status == http.StatusForbidden {
				t.Errorf("%s refuses %q: %s", path, own, got.body)
			}
		}
	}
	c.post("/api/messages", `{}`, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example").refused(t, http.StatusUnprocessableEntity, "invalid-request")
}
