package main_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/adapters/keyring"
	"parley/adapters/token"
)

// Mercure: R1.
func TestTheKeysAreRotatedWhileTheProgramServes(t *testing.T) {
	folder := t.TempDir()
	s := serve(t, folder)
	ada := join(t, s, "ada")
	before := len(published(t, s))
	code, out, said := run(t, folder, nil, "keys", "rotate")
	if code != 0 || !strings.Contains(out, "signed with a new key from ") {
		t.Fatalf("got exit code %d, %q and %q", code, out, said)
	}
	await(t, "the new key is published", func() bool { return len(published(t, s)) == before+1 })
	ada.must(t, http.StatusOK, "GET", "/api/me", nil)
	s.end(t)
	if after := published(t, serve(t, folder)); len(after) != before+1 {
		t.Errorf("after a restart there are %d keys, want %d", len(after), before+1)
	}
}

func TestWhileAKeyIsDamagedThoseFromBeforeStay(t *testing.T) {
	folder := t.TempDir()
	s := serve(t, folder)
	ada := join(t, s, "ada")
	damaged := filepath.Join(folder, "data", "keys", "signing-2.key")
	if err := os.WriteFile(damaged, []byte("not a key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	await(t, "the log tells of it", func() bool { return strings.Contains(s.err.String(), "signing-2.key is damaged") })
	ada.must(t, http.StatusOK, "GET", "/api/me", nil)
	ada.logIn(t, "ada")
	if err := os.Remove(damaged); err != nil {
		t.Fatal(err)
	}
	if code, _, said := run(t, folder, nil, "keys", "rotate"); code != 0 {
		t.Fatalf("got exit code %d and %q", code, said)
	}
	await(t, "the next key is taken up", func() bool { return len(published(t, s)) == 2 })
}

func TestThereIsNothingToRotateWhereKeysAreDerivedOrMissing(t *testing.T) {
	for setting, environ := range map[string][]string{
		"PARLEY_MASTER_KEY": {"PARLEY_MASTER_KEY=" + strings.Repeat("a master key ", 4)},
		"PARLEY_DATA_DIR":   nil,
	} {
		code, out, said := run(t, t.TempDir(), environ, "keys", "rotate")
		if code != refused || !strings.HasPrefix(said, "parley: "+setting+": ") || out != "" {
			t.Errorf("%s: got exit code %d, %q and %q, want %d", setting, code, out, said, refused)
		}
	}
}

// Each of several people takes one token after another, each with the one before
// and on the other node, so that what the one node signs the other one verifies;
// and they talk with them. Meanwhile the keys are rotated again and again, faster
// than anybody would.
func TestNoRequestFailsWhileTheKeysAreRotated(t *testing.T) {
	const lead, rotations = 3 * time.Second, 4
	c := together(t, "postgres")
	load := newLoad(c)
	for n := range 4 {
		who := join(t, c.one, fmt.Sprintf("person%d", n))
		load.all.Go(func() { load.talk(who.token, who.room(t)) })
	}
	first := load.kids()
	folder := filepath.Join(c.one.command.Dir, "data", "keys")
	var last time.Time
	for range rotations {
		from, err := keyring.Rotate(folder, time.Now(), lead, token.Overlap)
		if err != nil {
			t.Fatal(err)
		}
		await(t, "the next rotation signs later", func() bool { return time.Now().Add(lead).After(from.Add(time.Second)) })
		last = from
	}
	await(t, "all keys are published on both nodes", func() bool {
		return len(published(t, c.one)) == rotations+1 && len(published(t, c.two)) == rotations+1
	})
	newest := published(t, c.one)[0]
	await(t, "both nodes sign with the newest key", func() bool { return load.signed(newest, c.one.url, c.two.url) || load.failed() })
	requests, kids, err := load.end()
	if err != nil {
		t.Fatalf("of %d requests, these failed: %v", requests, err)
	}
	if len(kids) < 3 || requests < 100 || time.Now().Before(last) {
		t.Errorf("with %d requests and %d keys (%d at the beginning) this has shown little", requests, len(kids), first)
	}
	t.Logf("%d requests, none of which failed, with tokens of %d keys", requests, len(kids))
}

// load is people who go on talking, on both nodes of a cluster.
type load struct {
	nodes []string
	stop  chan struct{}
	all   sync.WaitGroup

	mu       sync.Mutex
	requests int
	by       map[string]map[string]bool // the nodes that have signed with a key
	wrong    []error
}

func newLoad(c *cluster) *load {
	return &load{nodes: []string{c.one.url, c.two.url}, stop: make(chan struct{}), by: make(map[string]map[string]bool)}
}

func (l *load) talk(bearer string, room int) {
	for n := 0; ; n++ {
		select {
		case <-l.stop:
			return
		default:
		}
		at, other := l.nodes[n%2], l.nodes[(n+1)%2]
		var minted struct{ Token string }
		err := l.ask(http.MethodPost, at+"/api/mercure/token", bearer, "", &minted)
		if err == nil {
			bearer = minted.Token
			l.note(kidOf(bearer), at)
			err = l.ask(http.MethodGet, other+"/api/me", bearer, "", nil)
		}
		if err == nil {
			err = l.ask(http.MethodPost, other+"/api/messages", bearer, fmt.Sprintf(`{"chatRoomId":%d,"content":"message %d"}`, room, n), nil)
		}
		if err != nil {
			l.mu.Lock()
			l.wrong = append(l.wrong, err)
			l.mu.Unlock()
			return
		}
	}
}

func (l *load) ask(method, address, bearer, body string, into any) error {
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+bearer)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	l.mu.Lock()
	l.requests++
	l.mu.Unlock()
	if err == nil && response.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s with a token of %s: %s: %s", method, address, kidOf(bearer), response.Status, answer)
	}
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(answer, into)
}

func (l *load) note(kid, node string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.by[kid] == nil {
		l.by[kid] = make(map[string]bool)
	}
	l.by[kid][node] = true
}

func (l *load) kids() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.by)
}

// signed reports whether all these nodes have signed with a key.
func (l *load) signed(kid string, nodes ...string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, node := range nodes {
		if !l.by[kid][node] {
			return false
		}
	}
	return true
}

func (l *load) failed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.wrong) > 0
}

func (l *load) end() (requests int, kids map[string]map[string]bool, err error) {
	close(l.stop)
	l.all.Wait()
	return l.requests, l.by, errors.Join(l.wrong...)
}

// kidOf is the name of the key that has signed a token.
func kidOf(minted string) string {
	first, _, _ := strings.Cut(minted, ".")
	raw, err := base64.RawURLEncoding.DecodeString(first)
	var header struct{ Kid string }
	if err = errors.Join(err, json.Unmarshal(raw, &header)); err != nil {
		return err.Error()
	}
	return header.Kid
}

// published are the names of the keys that verify, the newest first.
func published(t *testing.T, s *server) (kids []string) {
	t.Helper()
	anybody := &person{at: s, client: http.DefaultClient}
	keys, _ := anybody.must(t, http.StatusOK, "GET", "/.well-known/jwks.json", nil)["keys"].([]any)
	for _, one := range keys {
		key, _ := one.(map[string]any)
		kid, _ := key["kid"].(string)
		kids = append(kids, kid)
	}
	return kids
}
