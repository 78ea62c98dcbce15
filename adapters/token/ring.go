package token

import (
	"crypto/ed25519"
	"errors"
	"time"
)

// Overlap is for how long a key verifies after another one has begun to sign: as
// long as a token of it can live, and ten minutes for clocks that differ and for
// those who keep a copy of the keys.
const Overlap = Life + 10*time.Minute

// Signing is a key that signs from a time on; from the zero time it always has.
type Signing struct {
	Key  ed25519.PrivateKey
	From time.Time
}

// key is a signing key with its public name.
type key struct {
	id          string
	private     ed25519.PrivateKey
	public      ed25519.PublicKey
	from, until time.Time // it verifies before until; zero: for ever
}

// Use takes these keys in place of the ones before, the newest first. A key
// verifies before it signs, so that a token of one node is good on another
// one that has read the keys a little earlier.
func (t *Tokens) Use(signing []Signing) error {
	if len(signing) == 0 {
		return errors.New("token: there is no signing key")
	}
	keys := make([]key, 0, len(signing))
	for i, s := range signing {
		if len(s.Key) != ed25519.PrivateKeySize {
			return errors.New("token: a signing key is not one of Ed25519")
		}
		public := ed25519.PublicKey(s.Key[ed25519.PrivateKeySize-ed25519.PublicKeySize:]) // RFC 8032: the key's second half
		k := key{id: thumbprint(public), private: s.Key, public: public, from: s.From}
		if i > 0 && !signing[i-1].From.IsZero() {
			k.until = signing[i-1].From.Add(Overlap)
		}
		keys = append(keys, k)
	}
	t.keys.Store(&keys)
	return nil
}

// signs is the newest key that signs by now; if none does, for a clock was set
// back, the oldest.
func (t *Tokens) signs(now time.Time) key {
	keys := *t.keys.Load()
	for _, k := range keys {
		if !k.from.After(now) {
			return k
		}
	}
	return keys[len(keys)-1]
}

// verifies reports whether tokens of the key are good by now.
func (k key) verifies(now time.Time) bool { return k.until.IsZero() || now.Before(k.until) }

// find returns the key of this name, if it verifies.
func (t *Tokens) find(id string) (key, bool) {
	now := t.now()
	for _, k := range *t.keys.Load() {
		if k.id == id && k.verifies(now) {
			return k, true
		}
	}
	return key{}, false
}
