package room

import (
	"parley/domain/policy"
	"parley/domain/sequence"
)

// Rename gives the room another name, if that is what asks may do. The name that
// it has already changes nothing.
func (r Room) Rename(asks policy.Standing, to Name, expected sequence.Expected) ([]Change, error) {
	if err := policy.Check(asks, policy.Rename, r.Kind); err != nil {
		return nil, err
	}
	if err := expected.Check(r.Version); err != nil {
		return nil, err
	}
	if to == r.Name {
		return nil, nil
	}
	return []Change{Renamed{To: to}}, nil
}

// End deletes the room, if that is what asks may do.
func (r Room) End(asks policy.Standing, expected sequence.Expected) ([]Change, error) {
	if err := policy.Check(asks, policy.Delete, r.Kind); err != nil {
		return nil, err
	}
	if err := expected.Check(r.Version); err != nil {
		return nil, err
	}
	return []Change{Deleted{}}, nil
}

// ReadTo is where a read mark stands once somebody says that they have read up
// to a message: it never goes back, and never beyond what there is.
func (r Room) ReadTo(mark, said sequence.Number) sequence.Number {
	return max(mark, min(said, r.LastSequence))
}

// Renamed says that the room has another name from now on.
type Renamed struct{ To Name }

func (Renamed) change() {}
