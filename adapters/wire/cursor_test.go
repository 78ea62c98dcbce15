package wire_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/adapters/wire"
	"parley/domain/sequence"
)

func aPlace(t *rapid.T, label string) sequence.Place {
	return sequence.Place{
		Position: sequence.Position(rapid.Int64Range(0, 1<<56-1).Draw(t, label+" position")),
		Mark:     sequence.Mark(rapid.Uint32().Draw(t, label+" mark")),
	}
}

// Mercure: M10.
func TestAPlaceComesBackAsItWasSealed(t *testing.T) {
	cursors := wire.NewCursors([16]byte{1, 2, 3})
	rapid.Check(t, func(t *rapid.T) {
		want := aPlace(t, "the")
		cursor := cursors.Seal(want)
		got, ok := cursors.Open(cursor)
		if !ok || got != want {
			t.Errorf("opened %v, %v; want %v", got, ok, want)
		}
		if len(cursor) != 29 || !strings.HasPrefix(cursor, "parley:") {
			t.Errorf("the cursor is %q; want 29 bytes that begin with parley:", cursor)
		}
	})
}

func TestACursorOfOneKeyIsNoneOfAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cursor := wire.NewCursors([16]byte{1}).Seal(aPlace(t, "the"))
		if got, ok := wire.NewCursors([16]byte{2}).Open(cursor); ok {
			t.Errorf("another key opened it as %v", got)
		}
	})
}

func TestACursorThatWasTamperedWithIsNone(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	cursors := wire.NewCursors([16]byte{1, 2, 3})
	rapid.Check(t, func(t *rapid.T) {
		cursor := []byte(cursors.Seal(aPlace(t, "the")))
		at := rapid.IntRange(0, len(cursor)-1).Draw(t, "at")
		other := alphabet[rapid.IntRange(0, len(alphabet)-1).Draw(t, "other")]
		if cursor[at] == other {
			return
		}
		cursor[at] = other
		if got, ok := cursors.Open(string(cursor)); ok {
			t.Errorf("%q opened as %v", cursor, got)
		}
	})
}

// With the version alone to give them away, one forgery in 256 would pass.
func TestForgedCursorsAreNone(t *testing.T) {
	cursors := wire.NewCursors([16]byte{9})
	forger := wire.NewCursors([16]byte{10})
	for i := range 100_000 {
		cursor := forger.Seal(sequence.Place{Position: sequence.Position(i)})
		if place, ok := cursors.Open(cursor); ok {
			t.Fatalf("forgery %d opened as %v", i, place)
		}
	}
}

func TestWhatIsNoCursorIsNone(t *testing.T) {
	cursors := wire.NewCursors([16]byte{})
	good := cursors.Seal(sequence.Place{Position: 7, Mark: 8})
	for _, text := range []string{
		"", "parley:", good[len("parley:"):], good + "A", good + "==", good[:len(good)-1], " " + good,
		strings.ToUpper(good[:7]) + good[7:], good[:20] + "\n" + good[20:], good[:20] + "\n" + good[21:],
		"parley:" + cursors.SealPage(wire.Page{Of: wire.Users, ID: 1}), "urn:uuid:0", "earliest",
	} {
		if place, ok := cursors.Open(text); ok {
			t.Errorf("%q opened as %v", text, place)
		}
	}
}

func TestAPageComesBackAsItWasSealedAndForItsListAlone(t *testing.T) {
	lists := []wire.List{wire.MyRooms, wire.Directory, wire.Participants, wire.Users}
	cursors := wire.NewCursors([16]byte{4, 5, 6})
	rapid.Check(t, func(t *rapid.T) {
		want := wire.Page{
			Of: rapid.SampledFrom(lists).Draw(t, "of"),
			ID: rapid.Int64Range(1, 1<<53-1).Draw(t, "id"),
		}
		if rapid.Bool().Draw(t, "timed") {
			want.At = time.UnixMicro(rapid.Int64Range(1, 1<<54-1).Draw(t, "at")).UTC()
		}
		token := cursors.SealPage(want)
		for _, list := range lists {
			got, ok := cursors.OpenPage(list, token)
			if ok != (list == want.Of) || ok && got != want {
				t.Errorf("list %x opened %+v, %v; sealed %+v", list, got, ok, want)
			}
		}
		if _, ok := cursors.OpenPage(want.Of, "parley:"+token); ok {
			t.Error("a page opened behind a cursor's prefix")
		}
	})
}

func TestACursorIsNoPage(t *testing.T) {
	cursors := wire.NewCursors([16]byte{7})
	rapid.Check(t, func(t *rapid.T) {
		token := strings.TrimPrefix(cursors.Seal(aPlace(t, "the")), "parley:")
		if page, ok := cursors.OpenPage(wire.MyRooms, token); ok {
			t.Errorf("a cursor opened as page %+v", page)
		}
	})
}
