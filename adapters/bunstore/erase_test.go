package bunstore_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/application/port"
	"parley/domain/message"
)

// canary is what must be nowhere once it is deleted.
const canary = "CanaryWords"

// withdraw deletes what was said.
func (h *hall) withdraw(m message.Message) {
	h.tb.Helper()
	err := h.Change(h.tb.Context(), func(ctx context.Context, s port.Scope) error {
		return s.Revising.Revise(ctx, m, h.ada.User, message.Deleted{})
	})
	if err != nil {
		h.tb.Fatal(err)
	}
}

// sayManyAndWithdraw says things of many lengths, some of them longer than a page
// of the database, and then deletes those that have the canary.
func (h *hall) sayManyAndWithdraw() {
	h.tb.Helper()
	var secrets []message.Message
	for n := range 120 {
		h.mustSay(fmt.Sprintf("kept %d %s", n, strings.Repeat("x", n*7)), "")
		said := h.mustSay(fmt.Sprintf("%s %d %s", canary, n, strings.Repeat(canary, n*3)), fmt.Sprintf("key-%d", n))
		secrets = append(secrets, said.Message)
	}
	for _, m := range secrets {
		h.withdraw(m)
	}
}

// What is deleted is soon in no file of SQLite's, and not only in no answer.
func TestDeletedWordsAreInNoFile(t *testing.T) {
	h := newHall(t, bunstoretest.Open(t, bunstoretest.SQLiteURL(t)))
	files := bunstore.EraseAfter(h.Store, 20*time.Millisecond)
	have := func() (found []string) {
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(content, []byte(canary)) {
				found = append(found, file)
			}
		}
		return found
	}
	h.mustSay(canary, "")
	if len(have()) == 0 {
		t.Fatal("the words are not even there before they are deleted: this test sees nothing")
	}
	h.withdraw(h.mustSay("another", "").Message)
	err := h.Look(t.Context(), func(ctx context.Context, v port.View) error {
		first, err := v.Messages.Range(ctx, h.in, port.Range{From: 1, To: 1, Limit: 1})
		if err == nil {
			h.withdraw(first[0])
		}
		return err // while somebody reads, which holds up the cut
	})
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the words are in no file", func() bool { return len(have()) == 0 })
	h.sayManyAndWithdraw()
	await(t, "the many words are in no file", func() bool { return len(have()) == 0 })
}

// No column of any table of PostgreSQL has what is deleted.
func TestDeletedWordsAreInNoTable(t *testing.T) {
	h := newHall(t, bunstoretest.Postgres(t))
	const count = `SELECT COALESCE(sum((xpath('/row/c/text()', query_to_xml(format(
		'SELECT count(*) AS c FROM %I.%I AS t WHERE t::text LIKE %L', table_schema, table_name, '%' || 'Canary' || 'Words' || '%'),
		FALSE, TRUE, '')))[1]::text::int), 0)::text
		FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'`
	rows := func() string {
		got, err := bunstore.Ask(t.Context(), h.Store, count)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	said := h.mustSay(canary, "key")
	if got := rows(); got != "1" {
		t.Fatalf("rows with the words before they are deleted: got %s, want 1", got)
	}
	h.withdraw(said.Message)
	h.sayManyAndWithdraw()
	if got := rows(); got != "0" {
		t.Errorf("rows with the words: got %s, want 0", got)
	}
	prints, err := bunstore.Ask(t.Context(), h.Store, "SELECT count(*)::text FROM message WHERE deleted_at IS NOT NULL AND (print IS NOT NULL OR content IS NOT NULL)")
	if err != nil || prints != "0" {
		t.Errorf("tombstones that keep something of the words: got %s (%v), want 0", prints, err)
	}
}
