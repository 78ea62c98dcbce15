package bunstore_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"os"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/application/port"
	"parley/domain/fault"
	"parley/domain/message"
	"parley/domain/room"
	"parley/domain/sequence"
)

func TestAnIDIsNeverGivenTwice(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		first := h.mustSay("hello", "")
		if err := bunstore.Exec(t.Context(), h.Store, "DELETE FROM message"); err != nil {
			t.Fatal(err)
		}
		if second := h.mustSay("hello", ""); second.Message.ID == first.Message.ID {
			t.Errorf("the ID %s was given twice", first.Message.ID)
		}
	})
}

func TestAnEntryWhoseRowIsGoneIsGone(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		h.mustSay("hello", "")
		for _, statement := range []string{
			"DELETE FROM message",
			fmt.Sprintf("INSERT INTO log_entry (position, mark, at, kind, detail) VALUES (3, 1, 1, 40, '%s')", h.ada.Session),
			"INSERT INTO log_entry (position, mark, at, kind) VALUES (4, 1, 1, 99)",
		} {
			if err := bunstore.Exec(t.Context(), h.Store, statement); err != nil {
				t.Fatal(err)
			}
		}
		entries, err := h.From(t.Context(), 2, 10)
		if err != nil || len(entries) != 3 {
			t.Fatalf("got %d entries (%v), want 3", len(entries), err)
		}
		if !entries[0].Gone {
			t.Error("the entry of a message that is not there: want it gone")
		}
		if e := entries[1]; e.Kind != port.SessionEnded || e.Session != h.ada.Session {
			t.Errorf("the entry of a session: got %+v", e)
		}
		if !entries[2].Gone {
			t.Error("an entry of a kind that is not known: want it gone")
		}
	})
}

// What is damaged is nobody's fault.
func TestADamagedRowIsNoRefusal(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		sent := h.mustSay("hello", "")
		if err := bunstore.Exec(t.Context(), h.Store, "UPDATE message SET content = '   '"); err != nil {
			t.Fatal(err)
		}
		err := h.Look(t.Context(), func(ctx context.Context, v port.View) error {
			_, err := v.Messages.Get(ctx, sent.Message.ID)
			return err
		})
		var f *fault.Fault
		if err == nil || errors.As(err, &f) {
			t.Errorf("got %v, want an error that is no refusal", err)
		}
	})
}

func TestASessionThatHasEndedIsRefused(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		if err := bunstore.Exec(t.Context(), h.Store, "UPDATE session SET ended_at = 1"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.say("hello", ""); err == nil || errors.Is(err, port.ErrUnavailable) {
			t.Errorf("a message: got %v, want it refused", err)
		}
		if _, err := h.Rights(t.Context(), h.ada); err == nil {
			t.Error("rights of a session that has ended")
		}
	})
}

// A clock that was set back moves neither the order nor the pace.
func TestAClockThatGoesBack(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 678_901_234, time.UTC)
	s := bunstoretest.SQLite(t, func(o *bunstore.Options) {
		o.Now = func() time.Time { return now }
		o.Pace = message.Pace{PerMinute: 60, Burst: 2}
	})
	h := newHall(t, s)
	before, err := h.say("before", "")
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(-time.Hour)
	var f *fault.Fault
	if _, err := h.say("too fast", ""); !errors.As(err, &f) || !errors.Is(err, message.ErrTooFast) || f.Wait() > time.Second {
		t.Errorf("at once: got %v, want it refused for a second", err)
	}
	now = now.Add(time.Second)
	after, err := h.say("after", "")
	if err != nil {
		t.Fatalf("a second later: %v", err)
	}
	if got, want := after.Message.CreatedAt, before.Message.CreatedAt.Add(time.Microsecond); !got.Equal(want) {
		t.Errorf("created at %s, want %s", got, want)
	}
}

// A reader that stays makes the WAL grow; it is cut once nobody reads, and
// whoever stays longer than allowed costs disk, never the service.
func TestTheWALIsCut(t *testing.T) {
	h := newHall(t, bunstoretest.Open(t, bunstoretest.SQLiteURL(t)))
	file := bunstore.KeepWAL(h.Store, 100<<10, time.Millisecond)
	words := strings.Repeat("many words ", 300)
	size := func() int64 {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	err := h.Look(t.Context(), func(context.Context, port.View) error {
		for size() < 200<<10 {
			h.mustSay(words, "")
		}
		h.mustSay("while somebody reads", "")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the WAL is short", func() bool {
		h.mustSay("and on", "")
		return size() < 100<<10
	})
}

func TestSuccessors(t *testing.T) {
	for _, c := range []struct {
		of, want rune
		none     bool
	}{
		{of: 'a', want: 'b'}, {of: 0xD7FF, want: 0xE000}, {of: '\U0010FFFE', want: '\U0010FFFF'},
		{of: '\U0010FFFF', none: true},
	} {
		got, ok := bunstore.Successor(c.of)
		if ok == c.none || (ok && (got != c.want || !utf8.ValidRune(got))) {
			t.Errorf("after %U: got %U, %t", c.of, got, ok)
		}
	}
}

// Marks are 32 bits, all of them.
func TestMarksKeepAllTheirBits(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open(func(o *bunstore.Options) { o.NewMark = func() sequence.Mark { return math.MaxUint32 } }))
		if head, err := h.Head(t.Context()); err != nil || head.Mark != math.MaxUint32 {
			t.Errorf("got %v (%v), want the mark as it was drawn", head, err)
		}
	})
}

// The time of what happens in a room does not go back with the clock, whatever
// kind of thing it is.
func TestTimeMovesOnWhateverHappens(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	h := newHall(t, bunstoretest.SQLite(t, func(o *bunstore.Options) { o.Now = func() time.Time { return now } }))
	now = now.Add(-time.Hour)
	h.mustSay("hello", "")
	err := h.Change(t.Context(), func(ctx context.Context, s port.Scope) error {
		return s.Keeping.Keep(ctx, h.in, h.ada.User, []room.Change{
			room.RoleChanged{Who: h.ben.User, Role: room.Admin}, room.RoleChanged{Who: h.ben.User, Role: room.Member},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := h.From(t.Context(), 1, 10)
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n < len(entries); n++ {
		if got, want := entries[n].At, entries[n-1].At.Add(time.Microsecond); !got.Equal(want) {
			t.Errorf("entry %d: got %s, want %s", n+1, got, want)
		}
	}
}

// SQLite's driver works with exactly one version of the library that it was
// translated for.
func TestTheLibraryFitsTheDriver(t *testing.T) {
	list := func(format, module string) string {
		out, err := exec.Command("go", "list", "-m", "-f", format, module).Output()
		if err != nil {
			t.Fatalf("go list %s: %v", module, err)
		}
		return strings.TrimSpace(string(out))
	}
	needs, err := os.ReadFile(list("{{.GoMod}}", "modernc.org/sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`modernc\.org/libc (\S+)`).FindSubmatch(needs)
	if found == nil {
		t.Fatal("the driver names no library")
	}
	if got, want := list("{{.Version}}", "modernc.org/libc"), string(found[1]); got != want {
		t.Errorf("modernc.org/libc: got %s, want %s", got, want)
	}
}
