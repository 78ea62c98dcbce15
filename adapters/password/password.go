// Package password hashes passwords with Argon2id, as OWASP recommends, and only
// as many at once as there are cores: a rush of sign-ins waits in a short queue
// instead of taking all memory.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"runtime"
	"time"

	"golang.org/x/crypto/argon2"

	"parley/domain/identity"
)

// MaxWaiting is how many may wait for their turn. More would wait so long that
// their clients have gone by then.
const MaxWaiting = 64

// Hasher hashes and compares.
type Hasher struct {
	costs  costs
	queued chan struct{} // who waits or hashes
	turns  chan struct{} // who hashes
	derive func(secret, salt []byte, c costs, size int) []byte
}

// New makes a hasher that uses all cores.
func New() *Hasher { return hasher(runtime.GOMAXPROCS(0), standard) }

func hasher(cores int, c costs) *Hasher {
	return &Hasher{
		costs:  c,
		queued: make(chan struct{}, cores+MaxWaiting),
		turns:  make(chan struct{}, cores),
		derive: derive,
	}
}

func derive(secret, salt []byte, c costs, size int) []byte {
	return argon2.IDKey(secret, salt, c.passes, c.memory, c.lanes, uint32(size))
}

// Hash returns what to keep instead of the password. It is
// [identity.ErrBusy] if too many wait already.
func (h *Hasher) Hash(ctx context.Context, p identity.Password) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	key := h.derive([]byte(p.Secret()), salt, h.costs, keySize)
	return phc{costs: h.costs, salt: salt, key: key}.String(), nil
}

// Verify reports whether the hash is the password's. An empty hash is nobody's;
// comparing with it takes as long as with any other, so that the time does not
// tell which accounts there are.
func (h *Hasher) Verify(ctx context.Context, p identity.Password, hash string) (bool, error) {
	stored := phc{costs: h.costs, salt: make([]byte, saltSize), key: make([]byte, keySize)}
	if hash != "" {
		var err error
		if stored, err = parse(hash); err != nil {
			return false, err
		}
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	key := h.derive([]byte(p.Secret()), stored.salt, stored.costs, len(stored.key))
	same := subtle.ConstantTimeCompare(key, stored.key) == 1
	return same && hash != "", nil
}

// Weak reports whether a hash was made when less was asked of one than now.
func (h *Hasher) Weak(hash string) bool {
	stored, err := parse(hash)
	return err == nil && (stored.memory < h.costs.memory || stored.passes < h.costs.passes)
}

// enter waits for a turn.
func (h *Hasher) enter(ctx context.Context) (leave func(), err error) {
	select {
	case h.queued <- struct{}{}:
	default:
		return nil, identity.ErrBusy.After(time.Second)
	}
	select {
	case h.turns <- struct{}{}:
		return func() { <-h.turns; <-h.queued }, nil
	case <-ctx.Done():
		<-h.queued
		return nil, context.Cause(ctx)
	}
}
