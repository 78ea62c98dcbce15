package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"parley/adapters/httpapi"
	"parley/domain/fault"
	mercure "parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/message"
)

// Mercure: D13, D14, J1, J2, O5.
func TestWhatTheHubRefusesIsAsItsProtocolSays(t *testing.T) {
	const metadata = `resource_metadata="https://chat.example.org/.well-known/oauth-protected-resource/.well-known/mercure"`
	media := fault.New(fault.Malformed, "unsupported-media-type", "A form, please.")
	inURL := fault.New(fault.Unproven, "token-in-url-refused", "Not in the URL.")
	for _, c := range []struct {
		err       error
		status    int
		code      string
		challenge string
	}{
		{identity.ErrUnauthenticated, http.StatusUnauthorized, "unauthenticated", `Bearer ` + metadata},
		{identity.ErrInvalidToken, http.StatusUnauthorized, "invalid-token", `Bearer error="invalid_token", ` + metadata},
		{identity.ErrExpiredToken, http.StatusUnauthorized, "invalid-token", `Bearer error="invalid_token", ` + metadata},
		{identity.ErrSessionEnded, http.StatusUnauthorized, "session-revoked", `Bearer error="invalid_token", ` + metadata},
		{inURL, http.StatusUnauthorized, "token-in-url-refused", `Bearer error="invalid_token", ` + metadata},
		{mercure.ErrScope, http.StatusForbidden, "not-allowed", `Bearer error="insufficient_scope", ` + metadata},
		{mercure.ErrPresented, http.StatusBadRequest, "invalid-request", `Bearer error="invalid_request", ` + metadata},
		{mercure.ErrOrigin, http.StatusBadRequest, "invalid-request", `Bearer error="invalid_request", ` + metadata},
		{mercure.ErrReserved, http.StatusBadRequest, "invalid-request", ""},
		{mercure.ErrTooLarge, http.StatusRequestEntityTooLarge, "too-large", ""},
		{media, http.StatusUnsupportedMediaType, "unsupported-media-type", ""},
	} {
		s := settings()
		got := serve(t, s, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.Refuse(w, r, c.err) })).
			post(httpapi.FeedPath, nil).refused(t, c.status, c.code)
		if challenge := got.header.Get("WWW-Authenticate"); challenge != c.challenge {
			t.Errorf("%v: challenged with %q, want %q", c.err, challenge, c.challenge)
		}
	}
}

// Mercure: O5, O7, O8, O9.
func TestTheHubSaysWhatItTakes(t *testing.T) {
	s := settings()
	got := serve(t, s, noFeed).get("/.well-known/oauth-protected-resource/.well-known/mercure").want(t, http.StatusOK).json(t)
	if got["resource"] != "https://chat.example.org/.well-known/mercure" || got["mercure_cookie"] != "__Secure-mercure_access_token" ||
		!slices.Equal(list(got["bearer_methods_supported"]), []any{"header"}) || got["mercure_subscriptions"] != nil ||
		!slices.Equal(list(got["authorization_details_types_supported"]), []any{"https://mercure.rocks/authorization-detail"}) {
		t.Errorf("it says %v", got)
	}
	s.Loopback, s.Subscriptions = true, true
	got = serve(t, s, noFeed).get(httpapi.HubMetadataPath).want(t, http.StatusOK).json(t)
	if got["mercure_cookie"] != "mercureAuthorization" || got["mercure_subscriptions"] != true {
		t.Errorf("on loopback, with subscriptions, it says %v", got)
	}
}

// Mercure: L1, L2, L3.
func TestPagesOfConfiguredOriginsMayUseTheHubAndOthersMayNot(t *testing.T) {
	s := settings()
	s.CORSOrigins = []string{"http://localhost:3000"}
	c := serve(t, s, noFeed)
	c.doc = nil // preflights are none of the document's
	for _, path := range []string{httpapi.FeedPath, httpapi.FeedPath + "/subscriptions", httpapi.HubMetadataPath} {
		for _, method := range []string{"GET", "HEAD", "POST", "QUERY"} {
			got := c.do(http.MethodOptions, path, nil, "Origin", "http://localhost:3000",
				"Access-Control-Request-Method", method, "Access-Control-Request-Headers", "authorization,cache-control,content-type,last-event-id").want(t, http.StatusNoContent)
			if origin := got.header.Get("Access-Control-Allow-Origin"); origin != "http://localhost:3000" || got.header.Get("Access-Control-Allow-Credentials") != "true" {
				t.Errorf("%s %s: a configured origin is told %v", method, path, got.header)
			}
		}
		for _, origin := range []string{"http://localhost:3001", "https://localhost:3000", "null", "http://localhost:3000.evil.example"} {
			got := c.do(http.MethodOptions, path, nil, "Origin", origin, "Access-Control-Request-Method", "GET")
			if allowed := got.header.Get("Access-Control-Allow-Origin"); allowed != "" {
				t.Errorf("%s is told %q", origin, allowed)
			}
		}
	}
	got := c.get(httpapi.FeedPath, "Origin", "http://localhost:3000")
	exposed := strings.Split(strings.ToLower(got.header.Get("Access-Control-Expose-Headers")), ",")
	for _, name := range []string{"link", "mercure-last-event-id", "last-event-id", "www-authenticate"} {
		if !slices.Contains(exposed, name) {
			t.Errorf("pages may not read %s: %s", name, exposed)
		}
	}
	if vary := got.header.Get("Vary"); !strings.Contains(vary, "Origin") || got.header.Get("Access-Control-Allow-Origin") != "http://localhost:3000" {
		t.Errorf("told %v", got.header)
	}
}

// Mercure: O1, O2, O3.
func TestRoomsAndMessagesLeadToTheirTopic(t *testing.T) {
	w := open(t, message.Pace{})
	ada := w.person("Ada")
	room := ada.room("group")
	said := ada.say(room, "Good morning!").id(t, "id")
	for _, at := range []string{path("/api/rooms/%d", room), path("/api/messages/%d", said), path("/api/messages?chatRoom=%d", room)} {
		links := ada.get(at).want(t, http.StatusOK).header.Values("Link")
		self := path(`</chat/room/%d>; rel="self"`, room)
		stream := path("<%s?topic=%%2Fchat%%2Froom%%2F%d>; rel=\"mercure\"; last-event-id=\"parley:", "https://chat.example.org/.well-known/mercure", room)
		leads := slices.ContainsFunc(links, func(link string) bool { return strings.HasPrefix(link, stream) })
		if !leads || !slices.Contains(links, self) {
			t.Errorf("%s links to %q", at, links)
		}
	}
}
