package sequence

import (
	"slices"

	"parley/domain/fault"
)

// ErrChanged is the answer to whoever decided on something as it was before.
var ErrChanged = fault.New(fault.Stale, "changed-meanwhile", "It changed since you looked; look again, then decide.")

// Expected is the versions that whoever changes something takes it to have. The
// zero Expected takes it as it is.
type Expected struct {
	asked    bool
	versions []int
}

// Expect takes something to have one of these versions; without any, nothing
// fits.
func Expect(versions ...int) Expected { return Expected{asked: true, versions: versions} }

// Check returns [ErrChanged] unless something of this version is what was
// expected.
func (e Expected) Check(version int) error {
	if e.asked && !slices.Contains(e.versions, version) {
		return ErrChanged
	}
	return nil
}
