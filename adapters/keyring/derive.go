package keyring

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
)

// MinMaster is the least length of a master secret in bytes.
const MinMaster = 32

// ErrShortMaster means that a master secret could be guessed.
var ErrShortMaster = errors.New("keyring: a master key has 32 bytes or more")

// Derive makes every key of one secret, the same ones each time. Each has a
// label of its own, so that none tells anything about another.
func Derive(master []byte) (*Ring, error) {
	if len(master) < MinMaster {
		return nil, ErrShortMaster
	}
	ring := &Ring{}
	var signing [ed25519.SeedSize]byte
	for label, key := range map[string][]byte{
		"signing 1": signing[:],
		cursorKey:   ring.Cursor[:],
		refreshKey:  ring.Refresh[:],
		requestKey:  ring.request[:],
		hubKey:      ring.Hub[:],
	} {
		derived, err := hkdf.Key(sha256.New, master, nil, "parley key: "+label, len(key))
		if err != nil {
			return nil, fmt.Errorf("derive the %s key: %w", label, err)
		}
		copy(key, derived)
	}
	ring.Signing = []Signing{{Key: ed25519.NewKeyFromSeed(signing[:])}}
	return ring, nil
}
