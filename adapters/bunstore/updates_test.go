package bunstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/application/port"
	"parley/domain/fault"
	"parley/domain/hub"
	"parley/domain/sequence"
)

var topics = []string{"https://example.com/things"}

// publishAll publishes many updates at once.
func (h *hall) publishAll(count int, data func(n int) string) (results func() []error) {
	h.tb.Helper()
	return h.publishUntil(context.Background(), count, data)
}

func (h *hall) publishUntil(ctx context.Context, count int, data func(n int) string) (results func() []error) {
	h.tb.Helper()
	all := make([]error, count)
	var publishing sync.WaitGroup
	for n := range count {
		publishing.Go(func() {
			_, all[n] = h.Publish(ctx, hub.Update{Topics: topics, Data: data(n), ID: fmt.Sprint(n)})
		})
	}
	return func() []error {
		publishing.Wait()
		return all
	}
}

// mustPublish publishes updates one after another.
func (h *hall) mustPublish(data ...string) (last sequence.Place) {
	h.tb.Helper()
	for n, text := range data {
		var err error
		if last, err = h.Publish(h.tb.Context(), hub.Update{Topics: append(topics, text[:min(len(text), 40)]), Data: text, ID: fmt.Sprint(n), Type: "kept"}); err != nil {
			h.tb.Fatal(err)
		}
	}
	return last
}

// Updates may be large, so a batch of them ends when it has a few megabytes.
func TestLargeUpdatesShareCommitsByTheirSize(t *testing.T) {
	var r rings
	h := newHall(t, bunstoretest.SQLite(t, r.note))
	bunstore.BatchBytes(h.Store, 4<<10)
	release := h.busy()
	published := h.publishAll(9, func(int) string { return strings.Repeat("x", 1000) })
	await(t, "all wait", func() bool { return bunstore.Queued(h.Store) == 9 })
	release()
	if err := errors.Join(published()...); err != nil {
		t.Error(err)
	}
	if got, want := r.all(), []sequence.Position{1, 4, 7, 10}; !slices.Equal(got, want) {
		t.Errorf("commits that were told of: got %v, want %v", got, want)
	}
}

// Nor do they fill the memory while they wait.
func TestTooManyLargeUpdatesAreRefusedAtOnce(t *testing.T) {
	h := newHall(t, bunstoretest.SQLite(t))
	large := strings.Repeat("x", hub.MaxData)
	for range 2 { // what is taken from the queue makes room
		ctx, giveUp := context.WithCancel(t.Context())
		release := h.busy()
		published := h.publishUntil(ctx, 70, func(int) string { return large })
		await(t, "the queue is full", func() bool { return bunstore.Queued(h.Store) == 63 })
		h.mustBeRefused(hub.Update{Topics: topics, Data: large})
		said := h.sayAll(1, func(int) string { return "something small" })
		await(t, "what is small waits, too", func() bool { return bunstore.Queued(h.Store) == 64 })
		giveUp()
		published()
		release()
		said()
	}
}

func (h *hall) mustBeRefused(u hub.Update) {
	h.tb.Helper()
	begun := time.Now()
	_, err := h.Publish(h.tb.Context(), u)
	if took := time.Since(begun); !errors.Is(err, port.ErrUnavailable) || took > time.Second {
		h.tb.Errorf("one too many: got %v after %s, want it refused at once", err, took)
	}
}

// poisoned makes the database refuse an update that says so.
var poisoned = map[string][]string{
	"SQLite": {`CREATE TRIGGER poisoned BEFORE INSERT ON hub_update WHEN NEW.data = CAST('poison' AS BLOB)
		BEGIN SELECT RAISE(ABORT, 'planted'); END`},
	"Postgres": {`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		RAISE 'planted' USING ERRCODE = '23514'; END $$`,
		`CREATE TRIGGER poisoned BEFORE INSERT ON hub_update FOR EACH ROW
		WHEN (NEW.data = 'poison'::bytea) EXECUTE FUNCTION fail()`},
}

func TestOneBadUpdateFailsAlone(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		for _, statement := range poisoned[t.Name()[len("TestOneBadUpdateFailsAlone/"):]] {
			if err := bunstore.Exec(t.Context(), h.Store, statement); err != nil {
				t.Fatal(err)
			}
		}
		release := h.busy()
		said := h.sayAll(5, func(n int) string { return fmt.Sprint(n) })
		published := h.publishAll(5, func(n int) string { return []string{"good", "poison"}[n%4/3] })
		await(t, "all wait", func() bool { return bunstore.Queued(h.Store) == 10 })
		release()
		for n, err := range published() {
			var f *fault.Fault
			if n == 3 && (err == nil || errors.As(err, &f)) {
				t.Errorf("the bad one: got %v, want an error that is nobody's fault but ours", err)
			}
			if n != 3 && err != nil {
				t.Errorf("a good one: %v", err)
			}
		}
		for _, s := range said() {
			if s.err != nil {
				t.Errorf("something that was said meanwhile: %v", s.err)
			}
		}
		if head, err := h.Head(t.Context()); err != nil || head.Position != 10 || h.count("hub_update") != "4" {
			t.Errorf("the log ends at %d (%v) and has %s updates, want 10 and 4", head.Position, err, h.count("hub_update"))
		}
	})
}
