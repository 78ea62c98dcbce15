package parley_test

import (
	"testing"

	"parley/chaos"
	"parley/chaos/variant"
)

// Whoever moves code learns here, and not minutes later, that the checker names
// it: the points at which variants of the program die, and the mistakes that it
// must catch.
func TestTheEditsOfTheVariantsFitTheSource(t *testing.T) {
	if _, err := variant.Crashing.Files("."); err != nil {
		t.Error(err)
	}
	for _, m := range chaos.Mutants {
		if err := m.Check("."); err != nil {
			t.Error(err)
		}
	}
	planted := variant.Variant{Name: "planted", Edits: []variant.Edit{{File: "go.mod", From: "never there", To: "there"}}}
	if _, err := planted.Files("."); err == nil {
		t.Error("an edit that does not fit is taken")
	}
}
