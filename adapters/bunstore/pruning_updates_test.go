package bunstore_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
)

// Nothing stays behind of an update but its place, and nothing at all of what goes
// with the beginning of the log.
func TestOfUpdatesThatWerePrunedNoRowIsLeft(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		for range 3 {
			h.mustPublish("a", "b", "c", "d")
			h.pruneUpdates(3)
			if got := h.count("hub_update"); got != "0" {
				t.Errorf("rows after updates were pruned: got %s, want none", got)
			}
			h.mustPublish("a", "b")
			h.pruneAll()
			if updates, entries := h.count("hub_update"), h.count("log_entry"); updates != "0" || entries != "1" {
				t.Errorf("after the log was pruned: got %s updates in %s entries, want none in one", updates, entries)
			}
		}
	})
}

// What is overwritten under the log's lock is bounded in bytes, too, whichever way
// updates go.
func TestLargeUpdatesArePrunedAFewAtATime(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		large := slices.Repeat([]string{strings.Repeat("x", 4000)}, 6)
		for name, prune := range map[string]func() int{
			"by themselves": func() int { return h.pruneUpdates(100) },
			"with the log":  func() int { return h.prune(time.Now().Add(time.Hour), 100) },
		} {
			h.mustPublish(large...)
			if got := prune(); got != 2 {
				t.Errorf("slices of a few bytes, %s: got %d, want one, and one that found nothing", name, got)
			}
			h.mustPublish(large...)
			bunstore.PruneBytes(h.Store, 10_000)
			if got := prune(); got != 4 {
				t.Errorf("slices of many bytes, %s: got %d, want three, and one that found nothing", name, got)
			}
			bunstore.PruneBytes(h.Store, 1<<20)
		}
	})
}

// A database that was pruned before there were updates has none before its log.
func TestUpdatesBeginWithALogThatWasPrunedBefore(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"SQLite": bunstoretest.SQLiteURL, "Postgres": bunstoretest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			at := url(t)
			s := bunstoretest.Open(t, at)
			for _, statement := range []string{
				"UPDATE log_entry SET position = 7", "DROP TABLE hub_update", "DROP TABLE hub_start",
				"DROP TABLE hub_stream", "DROP TABLE hub_node", "DROP TABLE relay",
				"DELETE FROM goose_db_version WHERE version_id >= 5",
			} {
				if err := bunstore.Exec(t.Context(), s, statement); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := bunstore.Migrate(t.Context(), bunstoretest.Options(at)); err != nil {
				t.Fatal(err)
			}
			if got, err := bunstoretest.Open(t, at).Pruned(t.Context()); err != nil || got != 7 {
				t.Errorf("got %d (%v), want 7", got, err)
			}
		})
	}
}

// The words of updates are soon in no file of SQLite's.
func TestPrunedUpdatesAreInNoFile(t *testing.T) {
	for name, prune := range map[string]func(*hall){
		"by themselves": func(h *hall) { h.pruneUpdates(10) },
		"with the log":  (*hall).pruneAll,
	} {
		t.Run(name, func(t *testing.T) {
			h := newHall(t, bunstoretest.Open(t, bunstoretest.SQLiteURL(t)))
			files := bunstore.EraseAfter(h.Store, 20*time.Millisecond)
			has := func(file string) bool {
				content, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				return bytes.Contains(content, []byte(canary))
			}
			for n := range 20 {
				h.mustPublish(canary, strings.Repeat(canary, n*40))
			}
			if !slices.ContainsFunc(files, has) {
				t.Fatal("the words are not even there before they are pruned: this test sees nothing")
			}
			prune(h)
			await(t, "the words are in no file", func() bool { return !slices.ContainsFunc(files, has) })
		})
	}
}
