package keyring

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Signing is a key of access tokens. It signs from a time on; from the zero time it
// always has.
type Signing struct {
	Key  ed25519.PrivateKey
	From time.Time
}

// ErrNoSigning means that there is no signing key yet.
var ErrNoSigning = errors.New("keyring: there is no signing key yet")

// The signing keys are the files signing-1.key, signing-2.key and so on; the one
// with the greatest number is the newest. Behind the key stands from when on it
// signs, if not always.
const (
	signingPrefix = "signing-"
	firstSigning  = signingPrefix + "1" + suffix
	fromPrefix    = "from "
)

// ReadSigning reads the signing keys, the newest first. It makes none.
func ReadSigning(folder string) ([]Signing, error) {
	numbers, err := signingNumbers(folder)
	if err != nil {
		return nil, err
	}
	var all []Signing
	for _, number := range numbers {
		key, err := readSigning(signingPath(folder, number))
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was taken out just now
		}
		if err != nil {
			return nil, err
		}
		all = append(all, key)
	}
	if len(all) == 0 {
		return nil, ErrNoSigning
	}
	return all, nil
}

func signingPath(folder string, number int) string {
	return filepath.Join(folder, signingPrefix+strconv.Itoa(number)+suffix)
}

// signingNumbers has the numbers of the signing keys, the newest first.
func signingNumbers(folder string) ([]int, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("list the keys: %w", err)
	}
	var numbers []int
	for _, entry := range entries {
		name := entry.Name()
		text, ours := strings.CutPrefix(strings.TrimSuffix(name, suffix), signingPrefix)
		number, err := strconv.Atoi(text)
		if ours && err == nil && name == signingPrefix+strconv.Itoa(number)+suffix {
			numbers = append(numbers, number)
		}
	}
	slices.SortFunc(numbers, func(a, b int) int { return b - a })
	return numbers, nil
}

func readSigning(path string) (Signing, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Signing{}, fmt.Errorf("read a key: %w", err)
	}
	encoded, remembered, _ := strings.Cut(string(text), "\n")
	var seed [ed25519.SeedSize]byte
	if err := decode(path, encoded, seed[:]); err != nil {
		return Signing{}, err
	}
	signing := Signing{Key: ed25519.NewKeyFromSeed(seed[:])}
	if remembered == "" {
		return signing, nil
	}
	from, told := strings.CutPrefix(strings.TrimSuffix(remembered, "\n"), fromPrefix)
	if signing.From, err = time.Parse(time.RFC3339, from); err != nil || !told {
		return Signing{}, fmt.Errorf("the key %s is damaged: it does not say from when on it signs", path)
	}
	return signing, nil
}
