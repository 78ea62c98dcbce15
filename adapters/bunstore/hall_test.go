package bunstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
)

// patience is how long anything may take that will happen.
const patience = 20 * time.Second

// hall is a store with a group in which Ada, who runs it, and Ben are.
type hall struct {
	*bunstore.Store
	tb       testing.TB
	ada, ben identity.Caller
	in       room.ID
}

func newHall(tb testing.TB, s *bunstore.Store) *hall {
	tb.Helper()
	h := &hall{Store: s, tb: tb}
	err := s.Change(tb.Context(), func(ctx context.Context, scope port.Scope) (err error) {
		if h.ada, err = settle(ctx, scope, "Ada"); err != nil {
			return err
		}
		if h.ben, err = settle(ctx, scope, "Ben"); err != nil {
			return err
		}
		name, err := room.ParseName("Hall")
		if err != nil {
			return err
		}
		plan := room.Plan{Kind: policy.Group, Name: name, By: h.ada.User, Others: []identity.UserID{h.ben.User}}
		h.in, err = scope.Keeping.OpenRoom(ctx, plan, h.ada.User)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// engines runs a test on both databases.
func engines(t *testing.T, test func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) {
		test(t, func(set ...bunstoretest.Set) *bunstore.Store { return bunstoretest.SQLite(t, set...) })
	})
	t.Run("Postgres", func(t *testing.T) {
		test(t, func(set ...bunstoretest.Set) *bunstore.Store { return bunstoretest.Postgres(t, set...) })
	})
}

func (h *hall) draft(words, key string) message.Draft {
	h.tb.Helper()
	d := message.Draft{Author: h.ada, Room: h.in, Print: message.Print{1}}
	var err error
	if d.Content, err = message.ParseContent(words); err != nil {
		h.tb.Fatal(err)
	}
	if key != "" {
		if d.Key, err = message.ParseKey(key); err != nil {
			h.tb.Fatal(err)
		}
	}
	return d
}

func (h *hall) say(words, key string) (message.Sent, error) {
	h.tb.Helper()
	return h.Send(h.tb.Context(), h.draft(words, key))
}

// mustSay tries until it is heard: for when a store has just been in trouble.
func (h *hall) mustSay(words, key string) message.Sent {
	h.tb.Helper()
	for begun := time.Now(); ; {
		sent, err := h.say(words, key)
		if err == nil {
			return sent
		}
		if !errors.Is(err, port.ErrUnavailable) || time.Since(begun) > patience {
			h.tb.Fatalf("%q is not taken: %v", words, err)
		}
	}
}

// heard is what has been said in the hall. It fails the test if the numbers have
// a hole.
func (h *hall) heard() []string {
	h.tb.Helper()
	var words []string
	err := h.Look(h.tb.Context(), func(ctx context.Context, v port.View) error {
		words = nil
		all, err := v.Messages.Range(ctx, h.in, port.Range{From: 1, To: 1 << 40, Limit: 10_000})
		for n, m := range all {
			if int(m.Sequence) != n+1 {
				h.tb.Errorf("message %d has the number %d", n+1, m.Sequence)
			}
			words = append(words, m.Content.String())
		}
		return err
	})
	if err != nil {
		h.tb.Fatal(err)
	}
	return words
}

// busy keeps the appender busy with a step until release is called.
func (h *hall) busy() (release func()) {
	h.tb.Helper()
	begun, end, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var once sync.Once
	go func() {
		defer close(done)
		_ = h.Change(context.Background(), func(context.Context, port.Scope) error {
			once.Do(func() { close(begun) })
			<-end
			return nil
		})
	}()
	<-begun
	return func() {
		close(end)
		<-done
	}
}

// lookAll takes all connections that there are for looks, and does something while
// it has them.
func (h *hall) lookAll(do func()) {
	h.tb.Helper()
	var looking, met sync.WaitGroup
	met.Add(bunstore.Readers(h.Store))
	over := make(chan struct{})
	for range bunstore.Readers(h.Store) {
		looking.Go(func() {
			err := h.Look(h.tb.Context(), func(context.Context, port.View) error {
				met.Done()
				<-over
				return nil
			})
			if err != nil {
				h.tb.Error(err)
			}
		})
	}
	met.Wait()
	do()
	close(over)
	looking.Wait()
}

type said struct {
	sent message.Sent
	err  error
	took time.Duration
}

// sayAll says many things at once, in an order that is known, and returns what
// came of each.
func (h *hall) sayAll(count int, words func(n int) string) (results func() []said) {
	h.tb.Helper()
	all := make([]said, count)
	var talking sync.WaitGroup
	for n := range count {
		d := h.draft(words(n), fmt.Sprintf("key-%d", n))
		talking.Go(func() {
			begun := time.Now()
			sent, err := h.Send(context.Background(), d)
			all[n] = said{sent, err, time.Since(begun)}
		})
	}
	return func() []said {
		talking.Wait()
		return all
	}
}

// await waits for what will be so.
func await(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatalf("it never came to this: %s", what)
		}
	}
}
