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
	"slices"
	"strconv"
	"strings"
)

const (
	suffix        = ".key"
	signingPrefix = "signing-"
	firstSigning  = signingPrefix + "1" + suffix
)

// Open reads the keys from a folder, and makes those that are missing. Processes
// that start at once on the same empty folder agree on the keys.
//
// The signing keys are the files signing-1.key, signing-2.key and so on; the one
// with the greatest number is the newest.
func Open(folder string) (*Ring, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the keys: %w", err)
	}
	ring := &Ring{}
	for name, key := range map[string][]byte{
		cursorKey:  ring.Cursor[:],
		refreshKey: ring.Refresh[:],
		requestKey: ring.request[:],
	} {
		if err := load(folder, name+suffix, key); err != nil {
			return nil, err
		}
	}
	names, err := signingNames(folder)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		var seed [ed25519.SeedSize]byte
		if err := load(folder, name, seed[:]); err != nil {
			return nil, err
		}
		ring.Signing = append(ring.Signing, ed25519.NewKeyFromSeed(seed[:]))
	}
	return ring, nil
}

// signingNames has the files of the signing keys, the newest first; the first
// one of all if there is none yet.
func signingNames(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("list the keys: %w", err)
	}
	numbers := map[string]int{}
	for _, entry := range entries {
		name := entry.Name()
		text, ours := strings.CutPrefix(strings.TrimSuffix(name, suffix), signingPrefix)
		number, err := strconv.Atoi(text)
		if ours && err == nil && name == signingPrefix+strconv.Itoa(number)+suffix {
			numbers[name] = number
		}
	}
	if len(numbers) == 0 {
		return []string{firstSigning}, nil
	}
	names := make([]string, 0, len(numbers))
	for name := range numbers {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return numbers[b] - numbers[a] })
	return names, nil
}

// load fills key from a file, which it makes first if there is none.
func load(folder, name string, key []byte) error {
	path := filepath.Join(folder, name)
	err := read(path, key)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := create(folder, name, len(key)); err != nil {
		return fmt.Errorf("make the key %s: %w", path, err)
	}
	return read(path, key)
}

func read(path string, key []byte) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read a key: %w", err)
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimSuffix(string(text), "\n"))
	if err != nil || len(raw) != len(key) {
		return fmt.Errorf("the key %s is damaged: it is not %d bytes in base64url", path, len(key))
	}
	copy(key, raw)
	return nil
}

// create puts a new key into place, whole or not at all. If somebody was faster,
// theirs stays.
func create(folder, name string, size int) (err error) {
	key := make([]byte, size)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	file, err := os.CreateTemp(folder, ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(file.Name())) }()
	_, err = file.WriteString(base64.RawURLEncoding.EncodeToString(key) + "\n")
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
