package bunstore_test

import (
	"errors"
	"testing"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/application/port"
	"parley/domain/identity"
)

func TestOtherKeysCanBeAdopted(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		old, other := map[string][]byte{"cursor": {1}, "gone": {1}}, map[string][]byte{"cursor": {2}}
		if err := h.ClaimKeys(t.Context(), old); err != nil {
			t.Fatal(err)
		}
		h.mustSay("hello", "key")
		if ended, err := h.AdoptKeys(t.Context(), other); err != nil || ended == 0 {
			t.Fatalf("ended %d sessions (%v)", ended, err)
		}
		if _, err := h.say("still here", ""); !errors.Is(err, identity.ErrSessionEnded) {
			t.Errorf("a session that was there before: got %v", err)
		}
		if err := h.ClaimKeys(t.Context(), other); err != nil {
			t.Errorf("the keys that were adopted: %v", err)
		}
		if err := h.ClaimKeys(t.Context(), old); !errors.Is(err, bunstore.ErrOtherKeys) {
			t.Errorf("the old ones: got %v, want them refused", err)
		}
		if got, err := bunstore.Ask(t.Context(), h.Store, "SELECT CAST(count(print) AS text) FROM message"); err != nil || got != "0" {
			t.Errorf("%s messages have a print that nobody knows again (%v)", got, err)
		}
		entries, err := h.From(t.Context(), 0, 100)
		if err != nil || entries[len(entries)-1].Kind != port.SessionEnded {
			t.Errorf("the log ends with %+v (%v)", entries[len(entries)-1], err)
		}
	})
}
