package main_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// watched is a program of which is noted what each request makes it write.
type watched struct{ *server }

// events is what a request makes the program write of who gets in and who is kept
// out, each as its name and what it says. All have the same shape.
func (w *watched) events(t *testing.T, c call) (answered, []string) {
	t.Helper()
	before := len(w.lines(t))
	a := w.call(t, c)
	var fresh []map[string]any
	await(t, "the log says that it has answered", func() bool {
		fresh = w.lines(t)[before:]
		return slices.ContainsFunc(fresh, func(line map[string]any) bool { return line["msg"] == "answered" })
	})
	var found []string
	request := any(nil)
	for _, line := range fresh {
		if line["msg"] == "answered" {
			request = line["request"]
		}
	}
	for _, line := range fresh {
		if line["msg"] != "security" {
			continue
		}
		said, _ := line["security"].(map[string]any)
		if said["from"] != elsewhere || said["request"] == "" || said["request"] != request {
			t.Errorf("%s %s: the event says where it comes from as %v, want %s and %v", c.method, c.path, said, elsewhere, request)
		}
		found = append(found, words(said))
	}
	slices.Sort(found)
	return a, found
}

// words are the name of an event, its code, and of whom it tells.
func words(said map[string]any) string {
	all := []string{fmt.Sprint(said["event"])}
	if said["code"] != nil {
		all = append(all, fmt.Sprint(said["code"]))
	}
	for _, name := range []string{"user", "session"} {
		if said[name] != nil {
			all = append(all, name)
		}
	}
	return strings.Join(all, " ")
}

func TestWhoGetsInAndWhoIsKeptOutIsInTheLogOnceForEachCause(t *testing.T) {
	s := &watched{server: serve(t, t.TempDir(), "PARLEY_LOG_FORMAT=json", "PARLEY_TRUSTED_PROXIES=127.0.0.1",
		"PARLEY_RATE_MESSAGES=1", "PARLEY_RATE_BURST=1", "PARLEY_STREAMS_PER_USER=1")}
	ada, ben := join(t, s.server, "ada"), join(t, s.server, "ben")
	room := ada.room(t)
	ada.say(t, room, "First")
	ada.must(t, http.StatusCreated, "POST", fmt.Sprintf("/api/rooms/%d/participants", room), map[string]any{"userId": 2})
	cleo := join(t, s.server, "cleo")
	one, two, three := s.signIn(t, "ada"), s.signIn(t, "ada"), s.signIn(t, "ada")
	first := two.cookie
	for range 2 {
		two.cookie = s.call(t, call{method: "POST", path: "/api/auth/refresh", cookie: two.cookie}).renewal(t)
	}
	login := func(name, password string) call {
		return call{method: "POST", path: "/api/auth/login", body: map[string]any{"email": name + "@example.org", "password": password}}
	}
	at := func(method, path, token string, body any) call {
		return call{method: method, path: path, token: token, body: body}
	}
	say := map[string]any{"chatRoomId": room, "content": "Second"}
	change := map[string]any{"currentPassword": "wrong horse", "newPassword": "a longer horse"}
	changed := map[string]any{"currentPassword": "a password of ada", "newPassword": "a longer horse"}
	ben.listen(t, room, "")
	settle(t, s.server)
	foreign := login("ada", "a password of ada")
	foreign.header = http.Header{"Origin": {"https://evil.example"}}
	guesses := slices.Repeat([]step{{"a guess", login("nobody", "x"), 401, "sign-in-failed"}}, 5)
	for _, c := range append(guesses, []step{
		{"a guess too many", login("nobody", "x"), 429, "limited too-many-attempts"},
		{"a sign-in", login("cleo", "a password of cleo"), 200, "signed-in user session"},
		{"a wrong password", login("cleo", "x"), 401, "sign-in-failed user"},
		{"a page of another origin", foreign, 403, "refused cross-origin"},
		{"a session goes on", call{method: "POST", path: "/api/auth/refresh", cookie: one.cookie}, 200, ""},
		{"what was used up", call{method: "POST", path: "/api/auth/refresh", cookie: first}, 401, "refresh-reused session, session-ended user session"},
		{"what was used up, once more", call{method: "POST", path: "/api/auth/refresh", cookie: first}, 401, ""},
		{"a sign-out", at("POST", "/api/auth/logout", three.token, nil), 204, "session-ended user session"},
		{"an ended session", at("GET", "/api/me", three.token, nil), 401, ""},
		{"a room of others", at("GET", fmt.Sprintf("/api/rooms/%d", room), cleo.token, nil), 404, "refused room-not-found user session"},
		{"a room that is none", at("GET", "/api/rooms/99", cleo.token, nil), 404, ""},
		{"a message of others", at("GET", "/api/messages/1", cleo.token, nil), 404, "refused message-not-found user session"},
		{"what admins alone may do", at("PATCH", fmt.Sprintf("/api/rooms/%d", room), ben.token, map[string]any{"name": "Mine"}), 403, "refused not-allowed user session"},
		{"a message too fast", at("POST", "/api/messages", ada.token, say), 429, "limited rate-limited user session"},
		{"a stream too many", at("GET", "/.well-known/mercure?topic=*", ben.token, nil), 200, "limited too-many-streams user session"},
		{"a poll too many", at("GET", "/api/events?topic=/chat/room/1&after=earliest", ben.token, nil), 429, "limited too-many-streams user session"},
		{"a wrong current password", at("PUT", "/api/me/password", one.token, change), 401, "password-wrong user session"},
		{"another password", at("PUT", "/api/me/password", one.token, changed), 204, "password-changed user session, session-ended user session"},
	}...) {
		a, found := s.events(t, c.call)
		if got := strings.Join(found, ", "); a.status != c.status || got != c.events {
			t.Errorf("%s: answered %d %v and wrote %q, want %d and %q", c.is, a.status, a.body, got, c.status, c.events)
		}
	}
}

type step struct {
	is     string
	call   call
	status int
	events string
}

// settle waits until everything that was asked for is in the log.
func settle(t *testing.T, s *server) {
	t.Helper()
	s.call(t, call{method: "GET", path: "/healthz"})
	await(t, "the log says that the last one was answered", func() bool {
		return slices.ContainsFunc(s.lines(t), func(line map[string]any) bool { return line["path"] == "/healthz" })
	})
}
