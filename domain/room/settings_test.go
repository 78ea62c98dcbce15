package room_test

import (
	"errors"
	"reflect"
	"testing"

	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

func TestAdminsRenameAndEndARoom(t *testing.T) {
	was, is := named(t, "Engine room"), named(t, "Boiler room")
	for says, c := range map[string]struct {
		asks     policy.Standing
		kind     policy.Kind
		to       room.Name
		expected sequence.Expected
		renamed  []room.Change
		err      error
	}{
		"an admin":                       {policy.Admin, policy.Group, is, sequence.Expected{}, []room.Change{room.Renamed{To: is}}, nil},
		"an admin, of the right version": {policy.Admin, policy.Public, is, sequence.Expect(4), []room.Change{room.Renamed{To: is}}, nil},
		"an admin, of another version":   {policy.Admin, policy.Group, is, sequence.Expect(3), nil, sequence.ErrChanged},
		"an admin, to the same name":     {policy.Admin, policy.Group, was, sequence.Expected{}, nil, nil},
		"a member, of another version":   {policy.Member, policy.Group, is, sequence.Expect(3), nil, policy.ErrNotAllowed},
		"an outsider":                    {policy.Outsider, policy.Public, is, sequence.Expected{}, nil, policy.ErrNotThere},
		"one of two":                     {policy.Member, policy.Direct, is, sequence.Expect(3), nil, policy.ErrFixed},
	} {
		r := room.Room{Kind: c.kind, Name: was, Version: 4}
		if got, err := r.Rename(c.asks, c.to, c.expected); !errors.Is(err, c.err) || !reflect.DeepEqual(got, c.renamed) {
			t.Errorf("%s renames it: got %v, %v, want %v, %v", says, got, err, c.renamed, c.err)
		}
		got, err := r.End(c.asks, c.expected)
		if !errors.Is(err, c.err) || (err == nil) != reflect.DeepEqual(got, []room.Change{room.Deleted{}}) {
			t.Errorf("%s ends it: got %v, %v, want %v", says, got, err, c.err)
		}
	}
}

func TestAReadMarkNeverGoesBackAndNeverBeyondTheEnd(t *testing.T) {
	for _, c := range []struct{ mark, said, want sequence.Number }{{3, 5, 5}, {3, 2, 3}, {3, 0, 3}, {3, 99, 7}, {7, 99, 7}, {0, 1, 1}} {
		if got := (room.Room{LastSequence: 7}).ReadTo(c.mark, c.said); got != c.want {
			t.Errorf("at %d, having read %d: got %d, want %d", c.mark, c.said, got, c.want)
		}
	}
}

func named(t *testing.T, text string) room.Name {
	t.Helper()
	name, err := room.ParseName(text)
	if err != nil {
		t.Fatal(err)
	}
	return name
}
