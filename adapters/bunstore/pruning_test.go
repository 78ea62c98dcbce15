package bunstore_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/application/port"
	"parley/domain/room"
)

// prune takes away all that is of before a time, and counts the slices.
func (h *hall) prune(before time.Time, limit int) (slices int) {
	h.tb.Helper()
	return h.slices(port.Revising.Prune, before, limit)
}

// pruneUpdates takes away all updates, and counts the slices.
func (h *hall) pruneUpdates(limit int) (slices int) {
	h.tb.Helper()
	return h.slices(port.Revising.PruneUpdates, time.Now().Add(time.Hour), limit)
}

func (h *hall) slices(take func(port.Revising, context.Context, time.Time, int) (bool, error), before time.Time, limit int) (slices int) {
	h.tb.Helper()
	for more := true; more; slices++ {
		err := h.Change(h.tb.Context(), func(ctx context.Context, s port.Scope) (err error) {
			more, err = take(s.Revising, ctx, before, limit)
			return err
		})
		if err != nil {
			h.tb.Fatal(err)
		}
	}
	return slices
}

func (h *hall) pruneAll() { h.tb.Helper(); h.prune(time.Now().Add(time.Hour), 100) }

func (h *hall) keep(changes ...room.Change) {
	h.tb.Helper()
	err := h.Change(h.tb.Context(), func(ctx context.Context, s port.Scope) error {
		return s.Keeping.Keep(ctx, h.in, h.ada.User, changes)
	})
	if err != nil {
		h.tb.Fatal(err)
	}
}

// count is how many rows there are.
func (h *hall) count(from string) string {
	h.tb.Helper()
	got, err := bunstore.Ask(h.tb.Context(), h.Store, "SELECT CAST(count(*) AS text) FROM "+from)
	if err != nil {
		h.tb.Fatal(err)
	}
	return got
}

// Nothing stays behind: of the log one entry, and of each room one row, without a
// word.
func TestOfWhatWasPrunedNoRowIsLeft(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		for range 3 {
			for n := range 20 {
				h.mustSay(canary, fmt.Sprintf("key-%d", n))
			}
			h.pruneAll()
		}
		for from, want := range map[string]string{
			"log_entry": "1", "message": "1",
			"message WHERE content IS NOT NULL OR print IS NOT NULL OR client_key IS NOT NULL": "0",
		} {
			if got := h.count(from); got != want {
				t.Errorf("rows in %s: got %s, want %s", from, got, want)
			}
		}
	})
}

func TestWhoLeftIsForgottenWithTheEntry(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		h.keep(room.Left{Who: h.ben.User, Role: room.Member, Reason: room.WasRemoved})
		if got := h.count("chat_participant"); got != "2" {
			t.Errorf("before: got %s rows, want 2", got)
		}
		h.pruneAll()
		if got := h.count("chat_participant"); got != "1" {
			t.Errorf("afterwards: got %s rows, want 1", got)
		}
	})
}

// There may be 10,000 people in a room that was deleted: they go in slices, and
// not before whoever comes back has no need of them any more.
func TestThePeopleOfADeletedRoomAreForgottenInSlices(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		h.keep(room.Deleted{})
		left := h.count("chat_participant WHERE ended_position IS NULL")
		h.prune(time.Unix(0, 0), 1)
		if got := h.count("chat_participant"); left != "2" || got != left {
			t.Errorf("while the room's end is kept: got %s and then %s rows, want 2", left, got)
		}
		if slices := h.prune(time.Now().Add(time.Hour), 1); slices < 4 {
			t.Errorf("took %d slices, want at least 4: an entry or one of the people each", slices)
		}
		if got := h.count("chat_participant"); got != "0" {
			t.Errorf("afterwards: got %s rows, want none", got)
		}
		if got := h.count("chat_room"); got != "1" {
			t.Errorf("rooms: got %s rows, want 1, so that its ID is not given again", got)
		}
	})
}

// A clock that was set back makes an old entry follow a young one. It waits for
// that one: what goes is always the beginning of the log.
func TestWhatFollowsSomethingYoungStays(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	h := newHall(t, bunstoretest.SQLite(t, func(o *bunstore.Options) { o.Now = func() time.Time { return now } }))
	now = now.Add(time.Hour)
	young := now
	h.mustSay("young", "")
	now = now.Add(-time.Hour)
	other := newHall(t, h.Store)
	other.mustSay("of another room, and before", "")
	h.prune(young, 100)
	entries, err := h.From(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 4 || entries[0].Place.Position != 1 || entries[3].At.After(young) {
		t.Errorf("got %+v, want those from 1 to 4", entries)
	}
}

// Where the log began the last time is a hint: another database may have come in
// the place of this one, such as an older one.
func TestWhereTheLogBeganIsNotTakenForGranted(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		for range 20 {
			h.mustSay("hello", "")
		}
		h.pruneAll()
		if err := bunstore.Exec(t.Context(), h.Store, "UPDATE log_entry SET position = 7"); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			h.mustSay("hello", "")
		}
		h.pruneAll()
		if head, err := h.Head(t.Context()); err != nil || head.Position != 27 || h.count("log_entry") != "1" {
			t.Errorf("the log has %s entries and ends at %d (%v), want 1 at 27", h.count("log_entry"), head.Position, err)
		}
	})
}

// What was pruned is soon in no file of SQLite's.
func TestPrunedWordsAreInNoFile(t *testing.T) {
	h := newHall(t, bunstoretest.Open(t, bunstoretest.SQLiteURL(t)))
	files := bunstore.EraseAfter(h.Store, 20*time.Millisecond)
	has := func(file string) bool {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(content, []byte(canary))
	}
	for range 50 {
		h.mustSay(canary, "")
	}
	if !slices.ContainsFunc(files, has) {
		t.Fatal("the words are not even there before they are pruned: this test sees nothing")
	}
	h.pruneAll()
	await(t, "the words are in no file", func() bool { return !slices.ContainsFunc(files, has) })
}
