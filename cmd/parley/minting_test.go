package main_test

import (
	"fmt"
	"strings"
	"testing"
)

// A Mercure token is minted where the keys are, also while the program serves.
func TestAMercureTokenIsMintedForDevelopment(t *testing.T) {
	folder := t.TempDir()
	s := serve(t, folder)
	public := "PARLEY_PUBLIC_URL=" + s.url
	code, out, said := run(t, folder, []string{public}, "token", "-publish", "https://e.com/1", "-subscribe", "https://e.com/:id", "-match", "urlpattern", "-payload", `{"a":1}`, "-for", "90s")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	header, claims := claimsOf(t, strings.TrimSpace(out))
	details := `[map[actions:[publish] topics:[map[match:https://e.com/1 match_type:urlpattern]] type:https://mercure.rocks/authorization-detail] ` +
		`map[actions:[subscribe] payload:map[a:1] topics:[map[match:https://e.com/:id match_type:urlpattern]] type:https://mercure.rocks/authorization-detail]]`
	if header["typ"] != "at+jwt" || claims["iss"] != s.url || claims["aud"] != s.url+"/.well-known/mercure" || fmt.Sprint(claims["authorization_details"]) != details {
		t.Errorf("it says %v %v", header, claims)
	}
	issued, _ := claims["iat"].(float64)
	if expires, _ := claims["exp"].(float64); expires != issued+90 || claims["sid"] != nil {
		t.Errorf("it lives from %v to %v, of session %v", issued, expires, claims["sid"])
	}
	code, out, said = run(t, folder, []string{public, "MERCURE_JWT_SECRET=" + subscribers}, "token", "-dialect", "0.x", "-publish", "*")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	shown := strings.TrimSpace(out)
	if _, claims := claimsOf(t, shown); fmt.Sprint(claims["mercure"]) != "map[publish:[*]]" || byHMAC(subscribers, rawHeader(shown), rawClaims(shown)) != shown {
		t.Errorf("it says %v, or is not signed by the secret that is given", claims)
	}
	apart := []string{"MERCURE_SUBSCRIBER_JWT_KEY=" + subscribers, "MERCURE_PUBLISHER_JWT_KEY=" + publishers}
	if code, out, said := run(t, folder, apart, "token", "-publish", "*", "-subscribe", "*"); code != 2 || out != "" || !strings.Contains(said, "keys of their own") {
		t.Errorf("of two keys: got exit code %d, %q and %q, want 2", code, out, said)
	}
	for _, flags := range [][]string{
		{"-match", "urlpattern", "-subscribe", "https://e.com/("},
		{"-dialect", "0.x", "-publish", "a\u200bb"},
		{"-subscribe", strings.Repeat("a", 5000)},
	} {
		if code, out, said := run(t, folder, nil, append([]string{"token"}, flags...)...); code != 2 || out != "" || !strings.Contains(said, "topic") {
			t.Errorf("%.60q, which no hub takes: got exit code %d, %q and %q, want 2", flags, code, out, said)
		}
	}
	set := []string{"MERCURE_JWT_SECRET=https://issuer.example/jwks", "MERCURE_JWT_ALG=RS256"}
	if code, out, said := run(t, folder, set, "token", "-publish", "*"); code != refused || out != "" || !strings.HasPrefix(said, "parley: MERCURE_JWT_SECRET: ") {
		t.Errorf("of a key set: got exit code %d, %q and %q, want %d", code, out, said, refused)
	}
	if code, out, _ := run(t, folder, nil, "token", "-help"); code != 0 || !strings.Contains(out, "-subscribe") {
		t.Errorf("for help: got exit code %d and %q", code, out)
	}
}
