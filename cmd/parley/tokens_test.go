package main_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	subscribers = "the secret of those who listen here"
	publishers  = "the secret of those who publish here"
	named       = "http://localhost:1"
	ownHub      = named + "/.well-known/mercure"
	elsewhereIs = "http://127.0.0.1:1/.well-known/mercure"
)

// shown is a token of one kind, and what it is good for.
type shown struct {
	is, token                string
	user, listens, publishes bool
}

// endpoint is a way to show a token, and which ones it takes.
type endpoint struct {
	is    string
	call  call
	takes func(shown) bool
	fine  int
}

// want is the status that a token is to be answered with.
func (e endpoint) want(k shown) int {
	switch {
	case e.takes(k):
		return e.fine
	case e.call.path == feedPath && k.user:
		return http.StatusForbidden // it is known who that is, and they publish nothing
	default:
		return http.StatusUnauthorized
	}
}

func endpoints() []endpoint {
	users := func(k shown) bool { return k.user }
	listeners := func(k shown) bool { return k.listens }
	publishers := func(k shown) bool { return k.publishes }
	form := http.Header{"Content-Type": {formType}}
	return []endpoint{
		{"REST", call{method: "GET", path: "/api/me"}, users, http.StatusOK},
		{"a change", call{method: "POST", path: "/api/rooms", body: map[string]any{"type": "group", "name": "A room"}}, users, http.StatusCreated},
		{"polling", call{method: "GET", path: "/api/events?topic=/chat/room/1&wait=0"}, users, http.StatusOK},
		{"a token of the stream", call{method: "POST", path: "/api/mercure/token"}, users, http.StatusOK},
		{"the stream", call{method: "GET", path: "/.well-known/mercure?topic=https://e.com/1"}, listeners, http.StatusOK},
		{"publishing", call{method: "POST", path: feedPath, header: form, body: "topic=https://e.com/1"}, publishers, http.StatusOK},
	}
}

// Each kind of token is good where it is meant for, and nowhere else.
//
// Mercure: H2, H5, H6, H8, S1.
func TestEachKindOfTokenIsGoodWhereItIsMeantFor(t *testing.T) {
	folder := t.TempDir()
	environ := []string{"PARLEY_PUBLIC_URL=" + named, "MERCURE_SUBSCRIBER_JWT_KEY=" + subscribers, "MERCURE_PUBLISHER_JWT_KEY=" + publishers}
	first := serve(t, folder, append(environ, "MERCURE_URL="+elsewhereIs)...)
	ada := join(t, first, "ada")
	room := ada.room(t)
	external := ada.must(t, http.StatusOK, "POST", "/api/mercure/token", nil)
	checkExternal(t, external, room)
	first.end(t)
	s := serve(t, folder, environ...)
	theirs, _ := external["token"].(string)
	for _, k := range kindsOfToken(t, folder, ada.token, theirs) {
		for _, e := range endpoints() {
			e.call.token = k.token
			want := e.want(k)
			a := s.call(t, e.call)
			if a.status != want {
				t.Errorf("%s, shown to %s: answered %d %v, want %d", k.is, e.is, a.status, a.body, want)
			}
			if challenge := a.header.Get("WWW-Authenticate"); (a.status == http.StatusUnauthorized || a.status == http.StatusForbidden) != strings.HasPrefix(challenge, "Bearer") {
				t.Errorf("%s, shown to %s: answered %d with the challenge %q", k.is, e.is, a.status, challenge)
			}
		}
	}
}

// checkExternal: the token for another hub is a subscriber's there, of one's own
// rooms and topic, in both dialects.
func checkExternal(t *testing.T, got map[string]any, room int) {
	t.Helper()
	token, _ := got["token"].(string)
	header, claims := claimsOf(t, token)
	topics := []any{fmt.Sprintf("/chat/room/%d", room), "/chat/user/1"}
	var matches []any
	for _, topic := range topics {
		matches = append(matches, map[string]any{"match": topic})
	}
	want := map[string]any{
		"iss": named, "aud": elsewhereIs, "sub": "1", "sid": "1", "client_id": "parley",
		"mercure": map[string]any{"subscribe": topics},
		"authorization_details": []any{map[string]any{
			"type": "https://mercure.rocks/authorization-detail", "actions": []any{"subscribe"}, "topics": matches,
		}},
		"iat": claims["iat"], "exp": claims["exp"], "jti": claims["jti"],
	}
	if fmt.Sprint(claims) != fmt.Sprint(want) || header["typ"] != "at+jwt" || header["alg"] != "HS256" {
		t.Errorf("the token for another hub says %v %v, want %v", header, claims, want)
	}
	issued, _ := claims["iat"].(float64)
	expires, _ := claims["exp"].(float64)
	if life := expires - issued; life != 60 || got["hubUrl"] != elsewhereIs {
		t.Errorf("the token for another hub lives %vs, and is for %v", life, got["hubUrl"])
	}
	if made := byHMAC(subscribers, rawHeader(token), rawClaims(token)); made != token {
		t.Error("the token for another hub is not signed by the subscribers' secret")
	}
}

func kindsOfToken(t *testing.T, folder, user, external string) []shown {
	t.Helper()
	key := stolen(t, folder)
	header, claims := rawHeader(user), rawClaims(user)
	later, past := time.Now().Add(time.Hour).Unix(), time.Now().Add(-time.Minute).Unix()
	detail := `{"type":"https://mercure.rocks/authorization-detail","actions":["publish","subscribe"],"topics":[{"match":"*"}]}`
	modern := func(iss, aud string, exp int64) string {
		return fmt.Sprintf(`{"iss":%q,"aud":%q,"exp":%d,"sub":"1","authorization_details":[%s]}`, iss, aud, exp, detail)
	}
	legacy := `{"mercure":{"publish":["*"],"subscribe":["*"]}}`
	const typed, untyped = `{"alg":"HS256","typ":"at+jwt"}`, `{"alg":"HS256","typ":"JWT"}`
	_, told := claimsOf(t, user)
	expired := strings.Replace(claims, `"exp":`+number(told["exp"]), `"exp":`+fmt.Sprint(past), 1)
	public := string(key[32:])
	return []shown{
		{is: "a user's", token: user, user: true, listens: true},
		{is: "a user's, expired", token: byKey(key, header, expired)},
		{is: "a user's, signed by nobody", token: encode(`{"alg":"none","typ":"at+jwt"}`) + "." + encode(claims) + "."},
		{is: "a user's, by the subscribers' secret", token: byHMAC(subscribers, strings.Replace(header, "EdDSA", "HS256", 1), claims)},
		{is: "a user's, by the subscribers' secret, without a kid", token: byHMAC(subscribers, typed, claims)},
		{is: "a user's, by the public key as a secret", token: byHMAC(public, strings.Replace(header, "EdDSA", "HS256", 1), claims)},
		{is: "1.0 of a subscriber", token: byHMAC(subscribers, typed, modern(named, ownHub, later)), listens: true},
		{is: "1.0 of a publisher", token: byHMAC(publishers, typed, modern(named, ownHub, later)), publishes: true},
		{is: "1.0, expired", token: byHMAC(subscribers, typed, modern(named, ownHub, past))},
		{is: "1.0 of another issuer", token: byHMAC(subscribers, typed, modern("https://evil.example", ownHub, later))},
		{is: "1.0 for the API", token: byHMAC(subscribers, typed, modern(named, named, later))},
		{is: "1.0 without an end", token: byHMAC(subscribers, typed, strings.Replace(modern(named, ownHub, later), `"exp"`, `"ext"`, 1))},
		{is: "1.0 without its type", token: byHMAC(subscribers, untyped, modern(named, ownHub, later))},
		{is: "1.0 by a user's key", token: byKey(key, strings.Replace(typed, "HS256", "EdDSA", 1), modern(named, ownHub, later))},
		{is: "1.0 by a user's key and its kid", token: byKey(key, header, modern(named, ownHub, later))},
		{is: "0.x of a subscriber", token: byHMAC(subscribers, untyped, legacy), listens: true},
		{is: "0.x of a publisher", token: byHMAC(publishers, untyped, legacy), publishes: true},
		{is: "0.x by its other name", token: byHMAC(subscribers, untyped, strings.Replace(legacy, "mercure", "https://mercure.rocks/", 1)), listens: true},
		{is: "0.x, expired", token: byHMAC(subscribers, untyped, strings.Replace(legacy, "{", fmt.Sprintf(`{"exp":%d,`, past), 1))},
		{is: "0.x, signed by nobody", token: encode(`{"alg":"none"}`) + "." + encode(legacy) + "."},
		{is: "0.x by a user's key", token: byKey(key, strings.Replace(untyped, "HS256", "EdDSA", 1), legacy)},
		{is: "0.x by a user's public key as a secret", token: byHMAC(public, untyped, legacy)},
		{is: "a token for another hub", token: external},
		{is: "no kind of token", token: byHMAC(subscribers, untyped, `{"sub":"1"}`)},
		{is: "no token", token: "none"},
	}
}

// stolen is the key that the program signs users' tokens with.
func stolen(t *testing.T, folder string) ed25519.PrivateKey {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "data/keys/signing-1.key"))
	if err != nil {
		t.Fatal(err)
	}
	seed, err := base64.RawURLEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return ed25519.NewKeyFromSeed(seed)
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func byHMAC(secret, header, claims string) string {
	signed := encode(header) + "." + encode(claims)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + encode(string(mac.Sum(nil)))
}

func byKey(key ed25519.PrivateKey, header, claims string) string {
	signed := encode(header) + "." + encode(claims)
	return signed + "." + encode(string(ed25519.Sign(key, []byte(signed))))
}

func rawHeader(token string) string { return rawPart(token, 0) }
func rawClaims(token string) string { return rawPart(token, 1) }

func rawPart(token string, n int) string {
	raw, _ := base64.RawURLEncoding.DecodeString(strings.Split(token+"..", ".")[n])
	return string(raw)
}

func claimsOf(t *testing.T, token string) (header, claims map[string]any) {
	t.Helper()
	for raw, into := range map[string]*map[string]any{rawHeader(token): &header, rawClaims(token): &claims} {
		if err := json.Unmarshal([]byte(raw), into); err != nil {
			t.Fatalf("%q is no token: %v", token, err)
		}
	}
	return header, claims
}

func number(claim any) string {
	seconds, _ := claim.(float64)
	return strconv.FormatInt(int64(seconds), 10)
}

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
