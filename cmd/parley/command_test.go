package main_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
)

func TestWhatIsNoCommandIsAMistakeOfWhoAsks(t *testing.T) {
	for _, args := range [][]string{{}, {"fly"}, {"serve", "now"}, {"migrate", "down"}, {"token"}, {"token", "a", "b"},
		{"token", "-fly"}, {"token", "-publish"}, {"token", "-payload", "{}"}, {"token", "-publish", "*", "more"}, {"token", "-publish", "*", "-dialect", "2.0"},
		{"token", "-publish", "*", "-match", "topic"}, {"token", "-subscribe", "*", "-payload", "1"}, {"token", "-subscribe", "*", "-for", "0s"},
		{"keys"}, {"keys", "drop"},
	} {
		code, out, said := run(t, t.TempDir(), nil, args...)
		if code != 2 || said == "" || out != "" {
			t.Errorf("parley %v: got exit code %d, %q and %q, want 2 and an explanation", args, code, out, said)
		}
	}
}

func TestHelpNamesEveryCommand(t *testing.T) {
	code, out, _ := run(t, t.TempDir(), nil, "help")
	for _, command := range []string{"serve", "migrate", "check", "token", "keys", "openapi"} {
		if code != 0 || !strings.Contains(out, "parley "+command) {
			t.Errorf("exit code %d; %q is not in %s", code, command, out)
		}
	}
}

func TestOpenAPIPrintsTheDocumentThatIsCommitted(t *testing.T) {
	code, out, said := run(t, t.TempDir(), nil, "openapi")
	committed, err := os.ReadFile("../../openapi/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if code != 0 || out != string(committed) {
		t.Errorf("exit code %d (%s); the document is not openapi/openapi.yaml: run make openapi", code, said)
	}
}

// The document says so of calls that refuse nothing themselves.
func TestTheServerItselfRefusesTooMuchInHeaders(t *testing.T) {
	s := serve(t, t.TempDir())
	for _, path := range []string{"/healthz", "/readyz", "/.well-known/jwks.json"} {
		request, err := http.NewRequestWithContext(within(t), http.MethodGet, s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Much", strings.Repeat("much ", 64<<10))
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if media := response.Header.Get("Content-Type"); response.StatusCode != http.StatusRequestHeaderFieldsTooLarge || !strings.HasPrefix(media, "text/plain") {
			t.Errorf("%s: got %s in %s, want 431 in text/plain", path, response.Status, media)
		}
	}
}

func TestATokenIsMintedForSomebodyWhoExists(t *testing.T) {
	folder := t.TempDir()
	s := serve(t, folder)
	public := "PARLEY_PUBLIC_URL=" + s.url // whoever verifies the tokens is called what minted them
	ada := join(t, s, "ada")
	me := ada.must(t, http.StatusOK, "GET", "/api/me", nil)
	s.end(t)

	for _, who := range []string{"ada@example.org", "1"} {
		code, out, said := run(t, folder, []string{public}, "token", who)
		if code != 0 {
			t.Fatalf("token %s: exit code %d: %s", who, code, said)
		}
		s := serve(t, folder, public)
		ada.at, ada.token = s, strings.TrimSpace(out)
		if got := ada.must(t, http.StatusOK, "GET", "/api/me", nil); got["id"] != me["id"] {
			t.Errorf("token %s: it is a token of %v, want %v", who, got["id"], me["id"])
		}
		s.end(t)
	}
	for _, nobody := range []string{"ben@example.org", "99", "nobody"} {
		if code, out, _ := run(t, folder, nil, "token", nobody); code != 1 || out != "" {
			t.Errorf("token %s: got exit code %d and %q, want 1 and nothing", nobody, code, out)
		}
	}
}

// Neither what people say nor what stands in a query or a header is in the log.
func TestTheLogShowsNothingThatPeopleSay(t *testing.T) {
	s := serve(t, t.TempDir(), "PARLEY_LOG_FORMAT=json", "PARLEY_LOG_LEVEL=debug", "PARLEY_RATE_MESSAGES=1")
	ada := join(t, s, "ada")
	room := ada.room(t)
	ada.say(t, room, "a secret of hers")
	ada.said(t, room)
	ada.must(t, http.StatusUnauthorized, "POST", "/api/auth/login", map[string]any{"email": "ada@example.org", "password": "not her password"})
	ada.must(t, http.StatusOK, "GET", "/api/users?query=somebody+particular&authorization=xyz", nil)
	s.end(t)
	log := s.err.String()
	if !strings.Contains(log, `"path":"/api/users"`) {
		t.Fatalf("the log does not say what was asked for:\n%s", log)
	}
	for _, secret := range []string{"secret", "password of ada", "not her", "particular", "authorization", "query=", ada.token, "ada@example.org"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log shows %q:\n%s", secret, log)
		}
	}
}

func TestASettingThatIsNoneIsWarnedOf(t *testing.T) {
	s := serve(t, t.TempDir(), "PARLEY_RATE_MESAGES=1")
	if !strings.Contains(s.err.String(), "PARLEY_RATE_MESAGES") {
		t.Errorf("the log does not name it: %s", s.err)
	}
}
