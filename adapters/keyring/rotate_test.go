package keyring_test

import (
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"parley/adapters/keyring"
)

const (
	lead    = time.Minute
	overlap = 15 * time.Minute
)

var noon = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

func TestARotationMakesAKeyThatSignsALittleLater(t *testing.T) {
	folder := t.TempDir()
	before := open(t, folder)
	from := rotate(t, folder, noon)
	if want := noon.Add(lead); !from.Equal(want) {
		t.Errorf("it signs from %v on, want %v", from, want)
	}
	after := open(t, folder)
	if len(after.Signing) != 2 || !after.Signing[0].From.Equal(from) || !reflect.DeepEqual(after.Signing[1], before.Signing[0]) {
		t.Errorf("got %+v, want a new one before %+v", after.Signing, before.Signing)
	}
	if after.Signing[0].Key.Equal(before.Signing[0].Key) {
		t.Error("the new key is the old one")
	}
	if !reflect.DeepEqual(after.Fingerprints(), before.Fingerprints()) {
		t.Error("it changes what a database is bound to")
	}
	if got := mode(t, filepath.Join(folder, "signing-2.key")); got != 0o600 {
		t.Errorf("the new key has mode %o, want 600", got)
	}
}

func TestAKeyIsTakenOutWhenItsTokensAreOver(t *testing.T) {
	folder := t.TempDir()
	first := open(t, folder).Signing[0]
	from := rotate(t, folder, noon)
	rotate(t, folder, from.Add(overlap-time.Second))
	if keys := open(t, folder).Signing; len(keys) != 3 || !keys[2].Key.Equal(first.Key) {
		t.Fatalf("a second before its tokens are over there are %d keys, want all 3", len(keys))
	}
	rotate(t, folder, from.Add(overlap))
	keys := open(t, folder).Signing
	if len(keys) != 3 || keys[2].Key.Equal(first.Key) {
		t.Errorf("there are %d keys, and the first is among them: %t", len(keys), keys[len(keys)-1].Key.Equal(first.Key))
	}
}

func TestThereAreNeverTooManyKeys(t *testing.T) {
	folder := t.TempDir()
	open(t, folder)
	rotations := 0
	for ; rotations < 100; rotations++ {
		if _, err := keyring.Rotate(folder, noon, lead, overlap); err != nil {
			if !errors.Is(err, keyring.ErrTooMany) {
				t.Fatal(err)
			}
			break
		}
	}
	if keys := open(t, folder).Signing; len(keys) != rotations+1 || rotations == 100 {
		t.Errorf("after %d rotations there are %d keys", rotations, len(keys))
	}
	rotate(t, folder, noon.Add(lead+overlap))
	if keys := open(t, folder).Signing; len(keys) != 2 {
		t.Errorf("once their tokens are over, there are %d keys, want 2", len(keys))
	}
}

func TestANewerKeyNeverSignsEarlier(t *testing.T) {
	folder := t.TempDir()
	open(t, folder)
	from := rotate(t, folder, noon)
	if again := rotate(t, folder, noon.Add(-time.Hour)); again.Before(from) {
		t.Errorf("after the clock was set back it signs from %v on, and the one before from %v", again, from)
	}
}

func TestThoseWhoRotateAtOnceAgree(t *testing.T) {
	folder := t.TempDir()
	open(t, folder)
	errs := make([]error, 8)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { _, errs[i] = keyring.Rotate(folder, noon, lead, overlap) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if keys := open(t, folder).Signing; len(keys) < 2 || len(entries) != len(keys)+4 {
		t.Errorf("there are %d keys in %d files", len(keys), len(entries))
	}
}

func TestWhereNothingServesYetThereIsNothingToRotate(t *testing.T) {
	folder := t.TempDir()
	if _, err := keyring.Rotate(folder, noon, lead, overlap); !errors.Is(err, keyring.ErrNoSigning) {
		t.Errorf("got %v, want %v", err, keyring.ErrNoSigning)
	}
	if _, err := keyring.ReadSigning(folder); !errors.Is(err, keyring.ErrNoSigning) {
		t.Errorf("reading them: got %v, want %v", err, keyring.ErrNoSigning)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
		t.Errorf("%d files were made (%v)", len(entries), err)
	}
}

func TestADamagedSigningKeyIsNeitherReadNorTakenOut(t *testing.T) {
	seed := "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, text := range []string{"", "AAAA\n", seed + "\nuntil tomorrow\n", seed + "\nfrom tomorrow\n", seed + "\n\n", seed + "\nfrom 2026-03-20T12:00:00Z\nand more\n"} {
		folder := t.TempDir()
		open(t, folder)
		path := filepath.Join(folder, "signing-2.key")
		write(t, path, text)
		if _, err := keyring.ReadSigning(folder); err == nil {
			t.Errorf("%q was read", text)
		}
		if _, err := keyring.Rotate(folder, noon, lead, overlap); err == nil {
			t.Errorf("%q was passed over", text)
		}
		if kept, err := os.ReadFile(path); err != nil || string(kept) != text {
			t.Errorf("%q is now %q (%v)", text, kept, err)
		}
	}
}

func rotate(t *testing.T, folder string, at time.Time) time.Time {
	t.Helper()
	from, err := keyring.Rotate(folder, at, lead, overlap)
	if err != nil {
		t.Fatal(err)
	}
	return from
}

// seedOf is what a signing key is made of.
func seedOf(s keyring.Signing) []byte { return s.Key[:ed25519.SeedSize] }
