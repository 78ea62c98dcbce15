package token

import (
	"crypto/sha256"
	"sync"
)

// rememberedSignatures is enough for everybody who called within the last
// minutes on a busy node, in a few megabytes.
const rememberedSignatures = 1 << 16

// signatures remembers tokens whose signature was good. It holds at most so many,
// in two halves: when the younger half is full, the older one is forgotten. Only
// good ones are kept, so that nobody can crowd them out without a key of ours.
type signatures struct {
	mu           sync.Mutex
	half         int
	young, older map[[sha256.Size]byte]struct{}
}

func newSignatures(most int) *signatures {
	return &signatures{half: max(most/2, 1), young: map[[sha256.Size]byte]struct{}{}}
}

func (s *signatures) has(token string) bool {
	sum := sha256.Sum256([]byte(token))
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.young[sum]; ok {
		return true
	}
	_, ok := s.older[sum]
	if ok {
		s.keep(sum)
	}
	return ok
}

func (s *signatures) add(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(sha256.Sum256([]byte(token)))
}

func (s *signatures) keep(sum [sha256.Size]byte) {
	if len(s.young) >= s.half {
		s.older, s.young = s.young, make(map[[sha256.Size]byte]struct{}, s.half)
	}
	s.young[sum] = struct{}{}
}

func (s *signatures) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.young) + len(s.older)
}
