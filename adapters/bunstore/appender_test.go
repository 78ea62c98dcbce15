package bunstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/application/port"
	"parley/domain/fault"
	"parley/domain/room"
	"parley/domain/sequence"
)

// rings notes which commits were told of.
type rings struct {
	mu   sync.Mutex
	upto []sequence.Position
}

func (r *rings) note(o *bunstore.Options) {
	o.Committed = func(upto sequence.Position) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.upto = append(r.upto, upto)
	}
}

func (r *rings) all() []sequence.Position {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.upto)
}

func one(o *bunstore.Options) { o.MaxBatch = 1 }

func TestSendsAndPublishesThatQueueUpShareACommit(t *testing.T) {
	for says, c := range map[string]struct{ sends, publishes int }{"sends": {sends: 40}, "sends and publishes": {20, 20}} {
		t.Run(says, func(t *testing.T) {
			engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
				var r rings
				h := newHall(t, open(r.note))
				release := h.busy()
				said := h.sayAll(c.sends, func(n int) string { return fmt.Sprint(n) })
				published := h.publishAll(c.publishes, func(n int) string { return fmt.Sprint(n) })
				await(t, "all wait", func() bool { return bunstore.Queued(h.Store) == 40 })
				release()
				for _, s := range said() {
					if s.err != nil {
						t.Error(s.err)
					}
				}
				if err := errors.Join(published()...); err != nil {
					t.Error(err)
				}
				if got, want := r.all(), []sequence.Position{1, 41}; !slices.Equal(got, want) {
					t.Errorf("commits that were told of: got %v, want %v", got, want)
				}
			})
		})
	}
}

func TestBatchesOfOneShareNothing(t *testing.T) {
	var r rings
	h := newHall(t, bunstoretest.SQLite(t, r.note, one))
	release := h.busy()
	results := h.sayAll(5, func(n int) string { return fmt.Sprint(n) })
	await(t, "all wait", func() bool { return bunstore.Queued(h.Store) == 5 })
	release()
	results()
	if got, want := r.all(), []sequence.Position{1, 2, 3, 4, 5, 6}; !slices.Equal(got, want) {
		t.Errorf("commits that were told of: got %v, want %v", got, want)
	}
}

// A step among sends is a batch of its own, where it stands in the queue.
func TestAStepKeepsItsPlaceAmongSends(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		var r rings
		h := newHall(t, open(r.note))
		release := h.busy()
		before := h.sayAll(10, func(n int) string { return fmt.Sprint("before ", n) })
		await(t, "ten wait", func() bool { return bunstore.Queued(h.Store) == 10 })
		removed := make(chan error, 1)
		go func() {
			removed <- h.Change(context.Background(), func(ctx context.Context, s port.Scope) error {
				return s.Keeping.Keep(ctx, h.in, h.ben.User, []room.Change{room.Left{Who: h.ada.User, Role: room.Admin}})
			})
		}()
		await(t, "eleven wait", func() bool { return bunstore.Queued(h.Store) == 11 })
		after := h.sayAll(10, func(n int) string { return fmt.Sprint("after ", n) })
		await(t, "all wait", func() bool { return bunstore.Queued(h.Store) == 21 })
		release()
		if err := <-removed; err != nil {
			t.Error(err)
		}
		for _, s := range before() {
			if s.err != nil {
				t.Errorf("said before the removal: %v", s.err)
			}
		}
		for _, s := range after() {
			if s.err == nil {
				t.Error("taken although said after the removal")
			}
		}
		if got, want := r.all(), []sequence.Position{1, 11, 12}; !slices.Equal(got, want) {
			t.Errorf("commits that were told of: got %v, want %v", got, want)
		}
	})
}

func TestAFullQueueRefusesAtOnce(t *testing.T) {
	h := newHall(t, bunstoretest.SQLite(t, func(o *bunstore.Options) { o.Queue = 3 }))
	release := h.busy()
	results := h.sayAll(3, func(n int) string { return fmt.Sprint(n) })
	await(t, "the queue is full", func() bool { return bunstore.Queued(h.Store) == 3 })
	begun := time.Now()
	_, err := h.say("one too many", "")
	if took := time.Since(begun); !errors.Is(err, port.ErrUnavailable) || took > 100*time.Millisecond {
		t.Errorf("one too many: got %v after %s, want it refused at once", err, took)
	}
	var f *fault.Fault
	if !errors.As(err, &f) || f.Wait() != time.Second {
		t.Errorf("one too many: got %v, want a time to try again", err)
	}
	release()
	results()
	if got := len(h.heard()); got != 3 {
		t.Errorf("messages: got %d, want 3", got)
	}
}

func TestClosingFinishesWhatIsQueued(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		release := h.busy()
		results := h.sayAll(10, func(n int) string { return fmt.Sprint(n) })
		await(t, "all wait", func() bool { return bunstore.Queued(h.Store) == 10 })
		closed := make(chan error, 1)
		go func() { closed <- h.Close() }()
		await(t, "the queue is closed", func() bool { return bunstore.Closed(h.Store) })
		if _, err := h.say("too late", ""); !errors.Is(err, port.ErrUnavailable) {
			t.Errorf("after closing began: got %v, want it refused", err)
		}
		release()
		taken := 0
		for _, s := range results() {
			if s.err == nil {
				taken++
			}
		}
		if err := <-closed; err != nil || taken != 10 {
			t.Errorf("closing: got %v and %d messages, want 10", err, taken)
		}
	})
}
