package keyring

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// mostSigning is how many signing keys there may be at once. Whoever verifies
// tokens has them all.
const mostSigning = 16

// ErrTooMany means that one has to wait until an old signing key has gone.
var ErrTooMany = errors.New("keyring: the signing keys of earlier rotations still verify; wait for them")

// Rotate makes a new signing key, and returns from when on it signs: that is the
// lead from now, in which everybody who verifies gets to know it. The keys before
// it verify for the overlap beyond; those for which that is over are taken out.
//
// Of two that rotate at the same moment, one makes the key of both.
func Rotate(folder string, now time.Time, lead, overlap time.Duration) (from time.Time, err error) {
	numbers, err := signingNumbers(folder)
	if err != nil {
		return time.Time{}, err
	}
	if len(numbers) == 0 {
		return time.Time{}, ErrNoSigning
	}
	kept, newest, err := takeOut(folder, numbers, now.Add(-overlap))
	if err != nil {
		return time.Time{}, err
	}
	if kept >= mostSigning {
		return time.Time{}, ErrTooMany
	}
	from = now.Add(lead).UTC().Truncate(time.Second)
	if from.Before(newest.From) {
		from = newest.From // a clock was set back: a newer key never signs earlier
	}
	name := fmt.Sprint(signingPrefix, numbers[0]+1, suffix)
	if err := create(folder, name, ed25519.SeedSize, fromPrefix+from.Format(time.RFC3339)+"\n"); err != nil {
		return time.Time{}, err
	}
	made, err := readSigning(signingPath(folder, numbers[0]+1))
	return made.From, err
}

// takeOut removes the keys whose successor has signed since before a time. It
// returns how many are left, and the newest.
func takeOut(folder string, numbers []int, before time.Time) (kept int, newest Signing, err error) {
	over := false
	for i, number := range numbers {
		path := signingPath(folder, number)
		if over {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return 0, Signing{}, fmt.Errorf("take out a key: %w", err)
			}
			continue
		}
		key, err := readSigning(path)
		if err != nil {
			return 0, Signing{}, err
		}
		if kept++; i == 0 {
			newest = key
		}
		over = !key.From.IsZero() && !key.From.After(before)
	}
	return kept, newest, syncFolder(folder)
}
