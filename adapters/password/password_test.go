package password //nolint:testpackage // who waits and what is spent cannot be seen from outside

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"parley/domain/identity"
)

func TestOnlyThePasswordItselfOpens(t *testing.T) {
	h := New()
	hash, err := h.Hash(t.Context(), presented(t, "correct horse battery"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(hash, want) {
		t.Errorf("the hash begins %q, want %q", hash[:len(want)], want)
	}
	for try, want := range map[string]bool{
		"correct horse battery":  true,
		"correct horse battery ": false,
		"Correct horse battery":  false,
	} {
		if got, err := h.Verify(t.Context(), presented(t, try), hash); err != nil || got != want {
			t.Errorf("verify %q: got %v, %v, want %v", try, got, err, want)
		}
	}
}

func TestTwoHashesOfOnePasswordDiffer(t *testing.T) {
	h := hasher(1, cheap)
	p := presented(t, "correct horse battery")
	first, err1 := h.Hash(t.Context(), p)
	second, err2 := h.Hash(t.Context(), p)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if first == second {
		t.Error("the salt is not random")
	}
}

func TestAHashMadeAtOtherCostsIsStillRead(t *testing.T) {
	old := hasher(1, costs{memory: 64, passes: 3, lanes: 2})
	p := presented(t, "correct horse battery")
	hash, err := old.Hash(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := hasher(1, cheap).Verify(t.Context(), p, hash); !ok || err != nil {
		t.Errorf("got %v, %v, want it to be the password's", ok, err)
	}
}

func TestAHashThatCostsLessThanOnesMadeNowIsWeak(t *testing.T) {
	for made, want := range map[costs]bool{
		cheap: false,
		{memory: cheap.memory - 1, passes: cheap.passes, lanes: 1}:     true,
		{memory: cheap.memory * 2, passes: cheap.passes + 1, lanes: 2}: false,
	} {
		hash, err := hasher(1, made).Hash(t.Context(), presented(t, "correct horse battery"))
		if err != nil {
			t.Fatal(err)
		}
		if got := hasher(1, cheap).Weak(hash); got != want {
			t.Errorf("a hash at costs %v is weak: %t, want %t", made, got, want)
		}
	}
	if h := New(); h.Weak("") || h.Weak("nonsense") {
		t.Error("what is no hash is weak")
	}
}

// The empty hash must cost what a real one costs, and be nobody's even for
// whoever finds a password with the dummy's key.
func TestNobodysHashCostsAsMuchAndIsNobodys(t *testing.T) {
	h := hasher(1, cheap)
	var spent []costs
	h.derive = func(_, _ []byte, c costs, size int) []byte {
		spent = append(spent, c)
		return make([]byte, size) // the very key of the dummy
	}
	p := presented(t, "correct horse battery")
	somebodys, err := h.Hash(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	for _, hash := range []string{somebodys, ""} {
		if ok, err := h.Verify(t.Context(), p, hash); err != nil || ok != (hash != "") {
			t.Errorf("verify with hash %q: got %v, %v", hash, ok, err)
		}
	}
	if len(spent) != 3 || spent[1] != spent[2] {
		t.Errorf("spent %v: nobody's hash takes another time than somebody's", spent)
	}
}

func TestStoredHashesThatAreNotOursAreRefusedBeforeAnyWork(t *testing.T) {
	const salt, key = "c2FsdHNhbHRzYWx0c2FsdA", "a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5"
	good := "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + key
	if _, err := parse(good); err != nil {
		t.Fatalf("a good hash is refused: %v", err)
	}
	h := hasher(1, cheap)
	h.derive = func([]byte, []byte, costs, int) []byte { panic("work was done for it") }
	for name, hash := range map[string]string{
		"not PHC":             "5f4dcc3b5aa765d61d8327deb882cf99",
		"bcrypt":              "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"argon2i":             strings.Replace(good, "argon2id", "argon2i", 1),
		"another version":     strings.Replace(good, "v=19", "v=16", 1),
		"no version":          strings.Replace(good, "$v=19", "", 1),
		"all memory":          strings.Replace(good, "m=64", "m=4294967295", 1),
		"too much memory":     strings.Replace(good, "m=64", "m=131073", 1),
		"more than a number":  strings.Replace(good, "m=64", "m=99999999999999999999", 1),
		"too many passes":     strings.Replace(good, "t=1", "t=17", 1),
		"no pass":             strings.Replace(good, "t=1", "t=0", 1),
		"too many lanes":      strings.Replace(good, "p=1", "p=255", 1),
		"no lanes":            strings.Replace(good, "p=1", "p=0", 1),
		"negative":            strings.Replace(good, "m=64", "m=-1", 1),
		"a parameter more":    strings.Replace(good, "p=1", "p=1,data=AAAA", 1),
		"a parameter less":    strings.Replace(good, ",p=1", "", 1),
		"an unknown one":      strings.Replace(good, "p=1", "x=1", 1),
		"a short salt":        strings.Replace(good, salt, "c2FsdA", 1),
		"a long key":          strings.Replace(good, key, strings.Repeat("a2V5", 100), 1),
		"an empty key":        strings.Replace(good, key, "", 1),
		"padding":             good + "==",
		"a field more":        good + "$",
		"not base64":          strings.Replace(good, salt, "!!!!!!!!!!!!!!!!!!!!!!", 1),
		"a line end in it":    strings.Replace(good, salt, salt[:10]+"\n"+salt[10:], 1),
		"something before it": "x" + good,
	} {
		ok, err := h.Verify(t.Context(), presented(t, "correct horse battery"), hash)
		if ok || err == nil {
			t.Errorf("%s: got %v, %v, want an error", name, ok, err)
		}
		if err != nil && strings.Contains(err.Error(), hash) {
			t.Errorf("%s: the error shows the hash", name)
		}
	}
}

func TestARushWaitsInAShortQueue(t *testing.T) {
	const cores = 2
	h := hasher(cores, cheap)
	working, goOn := make(chan struct{}, cores), make(chan struct{})
	h.derive = func(_, _ []byte, _ costs, size int) []byte {
		working <- struct{}{}
		<-goOn
		return make([]byte, size)
	}
	p := presented(t, "correct horse battery")
	answers := make(chan error, cores+MaxWaiting)
	for range cores + MaxWaiting {
		go func() {
			_, err := h.Hash(context.Background(), p)
			answers <- err
		}()
	}
	await(t, "the queue is full", func() bool { return len(h.queued) == cores+MaxWaiting })
	await(t, "all cores work", func() bool { return len(working) == cores })

	_, err := h.Hash(t.Context(), p)
	if !errors.Is(err, identity.ErrBusy) {
		t.Errorf("one more than the queue takes: got %v, want %v", err, identity.ErrBusy)
	}
	if len(h.turns) != cores {
		t.Errorf("%d hash at once, want %d", len(h.turns), cores)
	}
	go func() {
		for range working {
			continue // the rest takes its turns
		}
	}()
	close(goOn)
	for range cores + MaxWaiting {
		if err := <-answers; err != nil {
			t.Errorf("somebody in the queue got %v", err)
		}
	}
	close(working)
	await(t, "the queue is empty again", func() bool { return len(h.queued) == 0 && len(h.turns) == 0 })
}

func TestWhoStopsWaitingLeavesTheQueue(t *testing.T) {
	h := hasher(1, cheap)
	h.turns <- struct{}{}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(gone, presented(t, "correct horse battery")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if len(h.queued) != 0 {
		t.Error("who is gone still has a place in the queue")
	}
}

var cheap = costs{memory: 8, passes: 1, lanes: 1}

func presented(t *testing.T, text string) identity.Password {
	t.Helper()
	p, err := identity.PresentedPassword(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
