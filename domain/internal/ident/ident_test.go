package ident_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"parley/domain/internal/ident"
)

type thing struct{}

func TestAnIDReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Int64Range(1, ident.Max).Draw(t, "number")
		id, err := ident.From[thing](number)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ident.Parse[thing](id.String())
		if err != nil || back != id || back.Int64() != number || back.IsZero() {
			t.Fatalf("%d became %v, %v", number, back, err)
		}
	})
}

func TestWhatIsNoIDIsRefused(t *testing.T) {
	for _, text := range []string{
		"", "0", "-1", "+1", "01", " 1", "1 ", "1.0", "1e3", "0x1", "１", "one",
		"9007199254740992", "9223372036854775807", "9223372036854775808", "99999999999999999999",
	} {
		if id, err := ident.Parse[thing](text); !errors.Is(err, ident.ErrMalformed) || !id.IsZero() {
			t.Errorf("%q is %v, %v; want %v", text, id, err, ident.ErrMalformed)
		}
	}
	for _, number := range []int64{0, -1, math.MinInt64, ident.Max + 1, math.MaxInt64} {
		if id, err := ident.From[thing](number); !errors.Is(err, ident.ErrMalformed) || !id.IsZero() {
			t.Errorf("%d is %v, %v; want %v", number, id, err, ident.ErrMalformed)
		}
	}
}

func TestIDsAreOrderedByTheTimeTheyWereGiven(t *testing.T) {
	nine, _ := ident.From[thing](9)
	ten, _ := ident.From[thing](10)
	if !nine.Less(ten) || ten.Less(nine) || nine.Less(nine) {
		t.Error("9 comes before 10, and only then")
	}
}
