package keyring_test

import (
	"testing"

	"parley/domain/identity"
)

func TestRenewalsAreMadeOfSessionTurnAndSeedUnderTheKey(t *testing.T) {
	ring := open(t, t.TempDir())
	s := identity.Session{Seed: identity.Seed{1, 2, 3}, Turn: 7}
	var err error
	if s.ID, err = identity.SessionIDFrom(4); err != nil {
		t.Fatal(err)
	}
	issued := ring.Issue(s)
	if again := ring.Issue(s); again != issued || issued.Session != s.ID || issued.Turn != 7 {
		t.Errorf("issued %v, then %v", issued, again)
	}
	later := s
	later.Turn = 9
	if !ring.Genuine(s, issued) || !ring.Genuine(later, issued) {
		t.Error("a renewal that was issued is not known again")
	}
	other, reseeded := s, s
	if other.ID, err = identity.SessionIDFrom(5); err != nil {
		t.Fatal(err)
	}
	reseeded.Seed[31] = 1
	unseeded := s
	unseeded.Seed = identity.Seed{}
	bent, moved := issued, issued
	bent.Seal[31] ^= 1
	moved.Turn++
	for says, forged := range map[string]bool{
		"of another session":       ring.Genuine(other, issued) || ring.Genuine(other, identity.Renewal{Session: other.ID, Turn: 7, Seal: issued.Seal}),
		"under another seed":       ring.Genuine(reseeded, issued),
		"of a session without one": ring.Genuine(unseeded, ring.Issue(unseeded)),
		"with another seal":        ring.Genuine(s, bent),
		"moved to the next turn":   ring.Genuine(s, moved),
		"under another key":        open(t, t.TempDir()).Genuine(s, issued),
	} {
		if forged {
			t.Errorf("a renewal %s is taken", says)
		}
	}
}
