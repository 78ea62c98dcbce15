package bunstore_test

import (
	"testing"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
)

// Whoever looks at something must not keep the node from reading the log: a node
// that has not seen it for a moment hands out nothing.
func TestTheLogIsReadWhileEveryLookIsTaken(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		h.lookAll(func() {
			if entries, err := h.From(t.Context(), 0, 512); err != nil || len(entries) != 2 {
				t.Errorf("got %d entries (%v), want those there are", len(entries), err)
			}
		})
	})
}
