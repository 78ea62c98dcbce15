package keyring_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"parley/adapters/keyring"
	"parley/domain/message"
	"parley/domain/room"
)

func TestKeysAreMadeOnTheFirstStartAndKept(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data", "keys")
	first := open(t, folder)
	if again := open(t, folder); !reflect.DeepEqual(again, first) {
		t.Error("the second start has other keys than the first")
	}
	if other := open(t, t.TempDir()); reflect.DeepEqual(other.Fingerprints(), first.Fingerprints()) {
		t.Error("another folder has the same keys")
	}
}

func TestOnlyTheOwnerCanReadTheKeys(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "keys")
	open(t, folder)
	if got := mode(t, folder); got != 0o700 {
		t.Errorf("the folder has mode %o, want 700", got)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 5 {
		t.Errorf("got %d files, want 5: a temporary file was left behind, or a key is missing", len(entries))
	}
	for _, entry := range entries {
		if got := mode(t, filepath.Join(folder, entry.Name())); got != 0o600 {
			t.Errorf("%s has mode %o, want 600", entry.Name(), got)
		}
	}
}

func TestProcessesThatStartAtOnceAgreeOnTheKeys(t *testing.T) {
	for range 20 {
		folder := filepath.Join(t.TempDir(), "keys")
		const processes = 8
		rings := make([]*keyring.Ring, processes)
		errs := make([]error, processes)
		begin := make(chan struct{})
		var group sync.WaitGroup
		for i := range processes {
			group.Go(func() {
				<-begin
				rings[i], errs[i] = keyring.Open(folder)
			})
		}
		close(begin)
		group.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		for _, ring := range rings {
			if !reflect.DeepEqual(ring, rings[0]) {
				t.Fatal("two processes have different keys")
			}
		}
	}
}

func TestTheNewestSigningKeyIsTheFirst(t *testing.T) {
	folder := t.TempDir()
	before := open(t, folder)
	newest := bytes.Repeat([]byte{7}, ed25519.SeedSize)
	write(t, filepath.Join(folder, "signing-10.key"), base64.RawURLEncoding.EncodeToString(newest))
	write(t, filepath.Join(folder, "signing-9.key"), base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{6}, 32)))
	write(t, filepath.Join(folder, "signing-old.key"), "not one of ours")

	after := open(t, folder)
	if len(after.Signing) != 3 {
		t.Fatalf("got %d signing keys, want 3", len(after.Signing))
	}
	if !after.Signing[0].Key.Equal(ed25519.NewKeyFromSeed(newest)) {
		t.Error("the key with the greatest number is not the first")
	}
	if !after.Signing[2].Key.Equal(before.Signing[0].Key) {
		t.Error("the oldest key does not verify any more")
	}
	if !reflect.DeepEqual(after.Fingerprints(), before.Fingerprints()) {
		t.Error("a rotation of the signing keys changes what a database is bound to")
	}
}

func TestADamagedKeyIsNeverReplaced(t *testing.T) {
	for _, text := range []string{"", "AAAA", "!!!", "AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAA AA"} {
		folder := t.TempDir()
		path := filepath.Join(folder, "cursor.key")
		write(t, path, text)
		if _, err := keyring.Open(folder); err == nil {
			t.Errorf("the key %q was taken", text)
		}
		if kept, err := os.ReadFile(path); err != nil || string(kept) != text {
			t.Errorf("the key %q is now %q (%v)", text, kept, err)
		}
	}
}

func TestAMasterKeyGivesAllKeysEachTime(t *testing.T) {
	master := bytes.Repeat([]byte("k"), keyring.MinMaster)
	first, err := keyring.Derive(master)
	if err != nil {
		t.Fatal(err)
	}
	again, err := keyring.Derive(master)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, first) {
		t.Error("one master key gives different keys")
	}
	other, err := keyring.Derive(append(master, 'k'))
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range other.Fingerprints() {
		if bytes.Equal(got, first.Fingerprints()[name]) {
			t.Errorf("two master keys give the same %s key", name)
		}
	}
	if _, err := keyring.Derive(master[1:]); !errors.Is(err, keyring.ErrShortMaster) {
		t.Errorf("a short master key: got %v, want %v", err, keyring.ErrShortMaster)
	}
}

func TestNoKeyServesTwoPurposes(t *testing.T) {
	derived, err := keyring.Derive(bytes.Repeat([]byte("k"), keyring.MinMaster))
	if err != nil {
		t.Fatal(err)
	}
	for name, ring := range map[string]*keyring.Ring{"derived": derived, "files": open(t, t.TempDir())} {
		seen := map[string]bool{
			string(ring.Cursor[:]):               true,
			string(ring.Refresh[:16]):            true,
			string(seedOf(ring.Signing[0])[:16]): true,
			string(ring.Hub[:16]):                true,
			string(make([]byte, 16)):             true,
		}
		if len(seen) != 5 {
			t.Errorf("%s: two keys begin with the same bytes", name)
		}
		if len(ring.Fingerprints()) != 3 {
			t.Errorf("%s: got %d fingerprints, want those of the cursor, refresh and request keys", name, len(ring.Fingerprints()))
		}
	}
}

func TestPrintsTellDraftsApart(t *testing.T) {
	ring := open(t, t.TempDir())
	drafts := map[string]message.Draft{
		"plain":            draft(t, 1, 0, "2"),
		"another room":     draft(t, 2, 0, "2"),
		"a reply":          draft(t, 1, 2, "2"),
		"other words":      draft(t, 1, 0, "22"),
		"a reply, swapped": draft(t, 2, 1, "2"),
		"white space":      draft(t, 1, 0, "2 "),
	}
	seen := map[message.Print]string{}
	for name, d := range drafts {
		first := ring.Print(d)
		if other, twice := seen[first]; twice {
			t.Errorf("%q has the print of %q", name, other)
		}
		seen[first] = name
		if again := ring.Print(d); again != first {
			t.Errorf("%q has two prints", name)
		}
	}
	plain := drafts["plain"]
	if other := open(t, t.TempDir()); other.Print(plain) == ring.Print(plain) {
		t.Error("the print does not depend on the key: a short text could be guessed from it")
	}
	keyed := plain
	keyed.Key, _ = message.ParseKey("k")
	if ring.Print(keyed) != ring.Print(plain) {
		t.Error("the print is of more than room, words and what is replied to")
	}
}

func draft(t *testing.T, in, replyTo int64, words string) message.Draft {
	t.Helper()
	id, err := room.IDFrom(in)
	if err != nil {
		t.Fatal(err)
	}
	d := message.Draft{Room: id}
	if d.Content, err = message.ParseContent(words); err != nil {
		t.Fatal(err)
	}
	if replyTo != 0 {
		if d.ReplyTo, err = message.IDFrom(replyTo); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func open(t *testing.T, folder string) *keyring.Ring {
	t.Helper()
	ring, err := keyring.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}
