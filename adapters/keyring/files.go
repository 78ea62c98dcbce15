package keyring

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const suffix = ".key"

// Open reads the keys from a folder, and makes those that are missing. Processes
// that start at once on the same empty folder agree on the keys.
func Open(folder string) (*Ring, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the keys: %w", err)
	}
	ring := &Ring{}
	for name, key := range map[string][]byte{
		cursorKey:  ring.Cursor[:],
		refreshKey: ring.Refresh[:],
		requestKey: ring.request[:],
		hubKey:     ring.Hub[:],
	} {
		if err := load(folder, name+suffix, key); err != nil {
			return nil, err
		}
	}
	signing, err := ReadSigning(folder)
	if errors.Is(err, ErrNoSigning) {
		if err = create(folder, firstSigning, ed25519.SeedSize, ""); err == nil {
			signing, err = ReadSigning(folder)
		}
	}
	ring.Signing = signing
	return ring, err
}

// load fills key from a file, which it makes first if there is none.
func load(folder, name string, key []byte) error {
	path := filepath.Join(folder, name)
	err := read(path, key)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := create(folder, name, len(key), ""); err != nil {
		return err
	}
	return read(path, key)
}

func read(path string, key []byte) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read a key: %w", err)
	}
	return decode(path, strings.TrimSuffix(string(text), "\n"), key)
}

func decode(path, text string, key []byte) error {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != len(key) {
		return fmt.Errorf("the key %s is damaged: it is not %d bytes in base64url", path, len(key))
	}
	copy(key, raw)
	return nil
}

// create puts a new key into place, whole or not at all, and behind it what is to
// be remembered of it. If somebody was faster, theirs stays.
func create(folder, name string, size int, remembered string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("make the key %s: %w", filepath.Join(folder, name), err)
		}
	}()
	key := make([]byte, size)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	file, err := os.CreateTemp(folder, ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(file.Name())) }()
	_, err = file.WriteString(base64.RawURLEncoding.EncodeToString(key) + "\n" + remembered)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	err = os.Link(file.Name(), filepath.Join(folder, name))
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(folder)
}

// syncFolder makes a name last; without it a key that is in use already could be
// gone after a power cut. Windows has no such call and needs none.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
