package main_test

import (
	"net/http"
	"strings"
	"testing"

	"parley/adapters/bunstore/bunstoretest"
)

func TestPostgreSQLIsServedOnceItIsSafeAndUpToDate(t *testing.T) {
	folder := t.TempDir()
	database := []string{"DATABASE_URL=" + bunstoretest.EmptyPostgresURL(t)}
	unsafe := append(database, "PARLEY_ALLOW_UNSAFE_DATABASE=true")
	for _, c := range []struct {
		name    string
		environ []string
		because string
	}{
		{"set to lose commits", database, "fsync"},
		{"not migrated", unsafe, "parley migrate up"},
	} {
		for _, command := range []string{"serve", "check"} {
			code, _, said := run(t, folder, append(c.environ, "PARLEY_LISTEN=127.0.0.1:0"), command)
			if code != refused || !strings.HasPrefix(said, "parley: DATABASE_URL: ") || !strings.Contains(said, c.because) {
				t.Errorf("%s, %s: got exit code %d and %q, want %d and %s", command, c.name, code, said, refused, c.because)
			}
		}
	}

	steps := []struct{ command, says string }{{"status", "missing 0"}, {"up", "applied 0"}, {"status", "applied 0"}, {"up", "up to date"}}
	for _, step := range steps {
		code, out, said := run(t, folder, unsafe, "migrate", step.command)
		if code != 0 || !strings.Contains(out, step.says) {
			t.Errorf("migrate %s: got exit code %d, %q and %q, want %q", step.command, code, out, said, step.says)
		}
	}

	s := serve(t, folder, unsafe...)
	ada := join(t, s, "ada")
	room := ada.room(t)
	line := ada.listen(t, room, "")
	hear(t, line, "stream.opened")
	ada.say(t, room, "hello")
	if got := hear(t, line, "message")["content"]; got != "hello" {
		t.Errorf("got %v, want what was said", got)
	}

	code, out, said := run(t, folder, append(unsafe, "PARLEY_PUBLIC_URL="+s.url), "token", "ada@example.org")
	ada.token = strings.TrimSpace(out)
	if code != 0 {
		t.Fatalf("token: exit code %d: %s", code, said)
	}
	ada.must(t, http.StatusOK, "GET", "/api/me", nil)
	if code, took := s.end(t); code != 0 || took > mostForEnding {
		t.Errorf("got exit code %d after %v, want 0 within %v", code, took, mostForEnding)
	}
}
