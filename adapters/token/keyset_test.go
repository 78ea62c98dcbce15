package token_test

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/adapters/token"
	"parley/application/port"
	"parley/domain/identity"
)

// issuerOfKeys serves a key set, and counts how often it is asked for it.
type issuerOfKeys struct {
	mu     sync.Mutex
	answer http.HandlerFunc
	asked  atomic.Int64
	*httptest.Server
}

func newIssuer(t *testing.T) *issuerOfKeys {
	t.Helper()
	i := &issuerOfKeys{}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.asked.Add(1)
		i.mu.Lock()
		answer := i.answer
		i.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(i.Close)
	return i
}

func (i *issuerOfKeys) answers(with http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.answer = with
}

func (i *issuerOfKeys) shows(keys map[string]ed25519.PrivateKey) { i.answers(says(keySet(keys))) }

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
}

func keySet(keys map[string]ed25519.PrivateKey) string {
	all := []map[string]string{}
	for id, key := range keys {
		all = append(all, map[string]string{"kty": "OKP", "crv": "Ed25519", "kid": id, "use": "sig", "x": text(string(key[32:]))})
	}
	set, _ := json.Marshal(map[string]any{"keys": all})
	return string(set)
}

// byKey is a token of 0.x, which never ends, of a key by its name.
func byKey(key ed25519.PrivateKey, id string) string {
	return sign(key, fmt.Sprintf(`{"alg":"EdDSA","kid":%q}`, id), legacyClaims)
}

func setOf(t *testing.T, i *issuerOfKeys) (*token.Hub, *clock) {
	t.Helper()
	c := &clock{at: noon}
	h := hubOf(t, c)
	key, err := token.NewHubKeySet("EdDSA", &token.KeySet{URL: i.URL, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	h.Keys = token.HubKeys{Subscriber: key}
	return h, c
}

func want(t *testing.T, h *token.Hub, is, shown string, want error) {
	t.Helper()
	if _, err := h.Verify(shown, token.Subscriber); !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", is, err, want)
	}
}

// A key that has no name may have signed what names one; and a name that nobody
// knows is looked for once in a while, as long as names are given at all.
//
// Mercure: H4.
func TestAKeyWithoutANameVerifiesWhateverNameATokenGives(t *testing.T) {
	i := newIssuer(t)
	i.shows(map[string]ed25519.PrivateKey{"": oldKey})
	h, c := setOf(t, i)
	for range 3 {
		want(t, h, "of the key, by some name", byKey(oldKey, "whatever"), nil)
		want(t, h, "of another key, by some name", byKey(newKey, "whatever"), identity.ErrInvalidToken)
		c.at = c.at.Add(time.Minute)
	}
	if asked := i.asked.Load(); asked != 1 {
		t.Errorf("asked %d times for a set of keys that have no names", asked)
	}
	i.shows(map[string]ed25519.PrivateKey{"": oldKey, "one": newKey})
	c.at = c.at.Add(time.Hour)
	want(t, h, "of the key without a name", byKey(oldKey, "whatever"), nil)
	want(t, h, "of the key that has one", byKey(newKey, "one"), nil)
	want(t, h, "of the key that has another one", byKey(newKey, "two"), identity.ErrInvalidToken)
}

// Mercure: H4.
func TestAKeySetIsReadAnewWhenAKeyIsNotKnown(t *testing.T) {
	i := newIssuer(t)
	i.shows(map[string]ed25519.PrivateKey{"one": newKey})
	h, clock := setOf(t, i)
	first, second := byKey(newKey, "one"), byKey(third, "two")
	want(t, h, "of the first key", first, nil)
	want(t, h, "of the first key, without a name", sign(newKey, `{"alg":"EdDSA"}`, legacyClaims), nil)
	want(t, h, "of the first key, by another algorithm", hs256([]byte(newKey[32:]), `{"alg":"HS256","kid":"one"}`, legacyClaims), identity.ErrInvalidToken)
	i.shows(map[string]ed25519.PrivateKey{"one": newKey, "two": third})
	clock.at = clock.at.Add(31 * time.Second)
	want(t, h, "of a new key", second, nil)
	want(t, h, "of a new key by the name of another", byKey(third, "one"), identity.ErrInvalidToken)
	if asked := i.asked.Load(); asked != 2 {
		t.Errorf("the set was read %d times, want 2", asked)
	}
	for n := range 20 {
		want(t, h, "of a made up key", byKey(third, fmt.Sprint("forged", n)), identity.ErrInvalidToken)
	}
	if asked := i.asked.Load(); asked != 2 {
		t.Errorf("for names that are made up the set was read %d times more", asked-2)
	}
}

// A key that is withdrawn verifies no more, whatever is remembered of its tokens.
func TestAKeyThatIsWithdrawnVerifiesNoMore(t *testing.T) {
	i := newIssuer(t)
	i.shows(map[string]ed25519.PrivateKey{"one": newKey, "two": third})
	h, clock := setOf(t, i)
	want(t, h, "at first", byKey(newKey, "one"), nil)
	i.shows(map[string]ed25519.PrivateKey{"two": third})
	clock.at = clock.at.Add(11 * time.Minute)
	want(t, h, "withdrawn", byKey(newKey, "one"), identity.ErrInvalidToken)
	want(t, h, "the other one", byKey(third, "two"), nil)
}

// As long as nobody answers, the keys go on for an hour; then, and if there never
// were any, nothing is known of a token: it is not called bad.
func TestKeysThatCannotBeReadAreNoVerdict(t *testing.T) {
	i := newIssuer(t)
	i.answers(http.NotFound)
	h, clock := setOf(t, i)
	want(t, h, "never read", byKey(newKey, "one"), port.ErrUnavailable)
	i.shows(map[string]ed25519.PrivateKey{"one": newKey})
	clock.at = clock.at.Add(2 * time.Second)
	want(t, h, "read", byKey(newKey, "one"), nil)
	i.answers(http.NotFound)
	clock.at = clock.at.Add(59 * time.Minute)
	want(t, h, "for an hour", byKey(newKey, "one"), nil)
	clock.at = clock.at.Add(2 * time.Minute)
	want(t, h, "after an hour", byKey(newKey, "one"), port.ErrUnavailable)
}

// What is no key set gives no keys, wherever it would have them from.
//
// Mercure: R2.
func TestAKeySetIsReadFromItsURLAndNowhereElse(t *testing.T) {
	elsewhere := newIssuer(t)
	elsewhere.shows(map[string]ed25519.PrivateKey{"one": newKey})
	good := keySet(map[string]ed25519.PrivateKey{"one": newKey})
	for name, answer := range map[string]http.HandlerFunc{
		"elsewhere":           func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) },
		"a page":              says("<html>"),
		"no keys":             says(`{"keys":[]}`),
		"too much":            says(good + strings.Repeat(" ", 1<<20)),
		"a secret":            says(`{"keys":[{"kty":"oct","kid":"one","k":"AAAA"}]}`),
		"a key to encrypt to": says(strings.ReplaceAll(good, `"sig"`, `"enc"`)),
		"for something else":  says(strings.ReplaceAll(good, `"use":"sig"`, `"use":"sig","alg":"ES256"`)),
	} {
		i := newIssuer(t)
		i.answers(answer)
		h, _ := setOf(t, i)
		if _, err := h.Verify(byKey(newKey, "one"), token.Subscriber); err == nil {
			t.Errorf("%s: the token is taken", name)
		}
	}
	i := newIssuer(t)
	i.answers(says(strings.ReplaceAll(good, `"use"`, `"x5u":"`+elsewhere.URL+`","use"`)))
	h, _ := setOf(t, i)
	want(t, h, "with a certificate elsewhere", byKey(newKey, "one"), nil)
	if asked := elsewhere.asked.Load(); asked != 0 {
		t.Errorf("somebody else was asked %d times", asked)
	}
}

// While one caller reads the set, those whose key is known do not wait, and those
// whose key is not wait for that one reading.
func TestOneReadsAKeySetAndNobodyElseWaitsInVain(t *testing.T) {
	i := newIssuer(t)
	i.shows(map[string]ed25519.PrivateKey{"one": newKey})
	h, clock := setOf(t, i)
	want(t, h, "at first", byKey(newKey, "one"), nil)
	held, arrived := make(chan struct{}), make(chan struct{}, 8)
	i.answers(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-held
		says(keySet(map[string]ed25519.PrivateKey{"one": newKey, "two": third}))(w, r)
	})
	clock.at = clock.at.Add(time.Minute)
	var waiting sync.WaitGroup
	for range 8 {
		waiting.Go(func() { want(t, h, "of a new key", byKey(third, "two"), nil) })
	}
	<-arrived
	want(t, h, "of a known key", byKey(newKey, "one"), nil)
	close(held)
	waiting.Wait()
	if asked := i.asked.Load(); asked != 2 {
		t.Errorf("the set was read %d times, want 2", asked)
	}
}

func TestAKeySetTakesAnAlgorithmOfPublicKeys(t *testing.T) {
	for _, algorithm := range []string{"HS256", "none", ""} {
		if _, err := token.NewHubKeySet(algorithm, &token.KeySet{}); !errors.Is(err, token.ErrUnfit) {
			t.Errorf("%q: got %v, want %v", algorithm, err, token.ErrUnfit)
		}
	}
}

var third = ed25519.NewKeyFromSeed([]byte("the third key of thirty two byte"))
