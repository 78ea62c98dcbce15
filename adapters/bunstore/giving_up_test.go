package bunstore_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/application/port"
	"parley/domain/room"
)

func TestWhatHasWaitedTooLongIsNotTaken(t *testing.T) {
	t.Parallel() // it waits
	h := newHall(t, bunstoretest.SQLite(t))
	release := h.busy()
	late := h.sayAll(3, func(n int) string { return fmt.Sprint("late ", n) })
	await(t, "all wait", func() bool { return bunstore.Queued(h.Store) == 3 })
	<-time.After(1100 * time.Millisecond) // the thing itself: to wait for so long
	fresh := h.sayAll(1, func(int) string { return "fresh" })
	await(t, "the fresh one waits", func() bool { return bunstore.Queued(h.Store) == 4 })
	release()
	for _, s := range late() {
		if !errors.Is(s.err, port.ErrUnavailable) {
			t.Errorf("what has waited for more than a second: got %v, want it refused", s.err)
		}
	}
	if err := fresh()[0].err; err != nil {
		t.Errorf("what has waited for a moment: %v", err)
	}
	if got, want := h.heard(), []string{"fresh"}; !slices.Equal(got, want) {
		t.Errorf("messages: got %v, want %v", got, want)
	}
}

func TestWhoGivesUpBeforeTheirTurnChangesNothing(t *testing.T) {
	h := newHall(t, bunstoretest.SQLite(t))
	release := h.busy()
	ctx, giveUp := context.WithCancel(t.Context())
	results := make(chan error, 2)
	d := h.draft("never mind", "")
	go func() { _, err := h.Send(ctx, d); results <- err }()
	go func() {
		results <- h.Change(ctx, func(context.Context, port.Scope) error {
			t.Error("a step was run whose caller had given up")
			return nil
		})
	}()
	await(t, "both wait", func() bool { return bunstore.Queued(h.Store) == 2 })
	giveUp()
	for range 2 {
		if err := <-results; !errors.Is(err, port.ErrUnavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want to be told that it was given up", err)
		}
	}
	release()
	if got := h.heard(); len(got) != 0 {
		t.Errorf("messages: got %v, want none", got)
	}
}

func TestWhoGivesUpInTheMiddleStopsNothing(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		ctx, giveUp := context.WithCancel(t.Context())
		err := h.Change(ctx, func(ctx context.Context, s port.Scope) error {
			giveUp()
			return s.Keeping.Keep(ctx, h.in, h.ada.User, []room.Change{room.RoleChanged{Who: h.ben.User, Role: room.Admin}})
		})
		if err != nil {
			t.Errorf("got %v, want it kept", err)
		}
		if head, err := h.Head(t.Context()); err != nil || head.Position != 2 {
			t.Errorf("the head: got %v (%v), want 2", head, err)
		}
	})
}

// A step in whose goroutine a test ends, as with t.FailNow, does not end the
// appender.
func TestAStepThatNeverReturnsLeavesNothing(t *testing.T) {
	h := newHall(t, bunstoretest.SQLite(t))
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_ = h.Change(context.Background(), func(ctx context.Context, s port.Scope) error {
			_ = s.Keeping.Keep(ctx, h.in, h.ada.User, []room.Change{room.Deleted{}})
			runtime.Goexit()
			return nil
		})
	}()
	<-gone
	if _, err := h.say("still here", ""); err != nil {
		t.Error(err)
	}
}

// A step that does not end keeps nobody waiting for more than its time, and is
// not kept when it ends after all.
func TestAStepThatHangsHoldsUpNobody(t *testing.T) {
	t.Parallel() // it waits
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		h := newHall(t, open())
		end, hung := make(chan struct{}), make(chan error, 1)
		begun := make(chan struct{})
		go func() {
			hung <- h.Change(context.Background(), func(ctx context.Context, s port.Scope) error {
				err := s.Keeping.Keep(ctx, h.in, h.ada.User, []room.Change{room.Deleted{}})
				close(begun)
				<-end
				return err
			})
		}()
		<-begun
		h.mustSay("still here", "key")
		close(end)
		if err := <-hung; !errors.Is(err, port.ErrUnavailable) {
			t.Errorf("the step that hung: got %v, want it refused", err)
		}
		if got, want := h.heard(), []string{"still here"}; !slices.Equal(got, want) {
			t.Errorf("messages: got %v, want %v", got, want)
		}
	})
}
