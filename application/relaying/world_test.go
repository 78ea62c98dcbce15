package relaying_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/application/port"
	"parley/application/relaying"
	"parley/domain/identity"
	"parley/domain/room"
	"parley/domain/sequence"
)

// world is a log, a hub and what is known of the relay between them, in virtual
// time.
type world struct {
	t *testing.T
	port.Log
	port.Work

	mu      sync.Mutex
	entries []port.Entry
	fence   int64
	holder  *turn // nil: nobody has a turn
	kept    sequence.Place
	began   bool
	keeping error // what keeping is answered with; nil: it is kept
	away    error // what the log is answered with; nil: it is there

	took   []string                                            // what the hub took, in order
	asked  []time.Time                                         // when it was asked
	answer func(ctx context.Context, item relaying.Item) error // nil: it takes everything
	said   bytes.Buffer                                        // the log of the program
}

// play plays in virtual time.
func play(t *testing.T, plot func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, entries: []port.Entry{{Kind: port.Genesis, Place: sequence.Place{Mark: 1}}}}
		plot(w)
	})
}

// change changes the world while nobody looks.
func (w *world) change(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do()
}

// happens logs an entry of this kind, n times.
func (w *world) happens(kind port.EntryKind, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	in, _ := room.IDFrom(7)
	for range n {
		last := w.entries[len(w.entries)-1].Place
		w.entries = append(w.entries, port.Entry{
			Kind: kind, Room: in, Place: sequence.Place{Position: last.Position.Next(), Mark: last.Mark + 1},
		})
	}
}

// relay starts a relay, which ends with stop.
func (w *world) relay(change ...func(*relaying.Settings)) (r *relaying.Relay, stop func()) {
	w.t.Helper()
	settings := relaying.Settings{
		Hub: "hub", Log: w, Work: w, Relays: w, Publish: w.publish, Now: time.Now,
		Jitter: func(d time.Duration) time.Duration { return d }, Logger: slog.New(slog.NewTextHandler(&w.said, nil)),
		Poll: 250 * time.Millisecond, Patience: time.Minute,
	}
	for _, c := range change {
		c(&settings)
	}
	r = relaying.New(settings)
	if err := r.Begin(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	running.Go(func() { r.Run(ctx) })
	stop = func() { cancel(); running.Wait() }
	w.t.Cleanup(stop)
	return r, stop
}

// publish is the hub.
func (w *world) publish(ctx context.Context, item relaying.Item) error {
	w.mu.Lock()
	w.asked = append(w.asked, time.Now())
	answer := w.answer
	w.mu.Unlock()
	if answer != nil {
		if err := answer(ctx, item); err != nil {
			return err
		}
	}
	name := fmt.Sprint(item.Entry.Place.Position)
	if item.Withheld {
		name += " withheld"
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.took = append(w.took, name)
	return nil
}

// has checks what the hub took.
func (w *world) has(want string) {
	w.t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if got := strings.Join(w.took, ", "); got != want {
		w.t.Errorf("the hub took %s; want %s", got, want)
	}
}

// soon lets a moment pass, in which everything is done that need not wait.
func soon() { time.Sleep(time.Second); synctest.Wait() }

func (w *world) From(_ context.Context, from sequence.Position, limit int) ([]port.Entry, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	first := slices.IndexFunc(w.entries, func(e port.Entry) bool { return e.Place.Position >= from })
	if first < 0 || w.away != nil {
		return nil, w.away
	}
	return slices.Clone(w.entries[first:min(first+limit, len(w.entries))]), nil
}

func (w *world) Head(context.Context) (sequence.Place, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.entries[len(w.entries)-1].Place, w.away
}

func (w *world) Look(ctx context.Context, step func(context.Context, port.View) error) error {
	return step(ctx, port.View{People: crowd{}})
}

// crowd is in every room.
type crowd struct{ port.People }

func (crowd) List(_ context.Context, _ room.ID, after identity.UserID, limit int) ([]room.Participant, error) {
	var some []room.Participant
	for id := after.Int64() + 1; id <= 2500 && len(some) < limit; id++ {
		who, err := identity.UserIDFrom(id)
		if err != nil {
			return nil, err
		}
		some = append(some, room.Participant{Person: identity.Person{ID: who}})
	}
	return some, nil
}

func (w *world) BeginRelay(context.Context, string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.began {
		w.began, w.kept = true, w.entries[len(w.entries)-1].Place
	}
	return nil
}

func (w *world) TakeRelay(context.Context, string) (port.RelayTurn, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.holder != nil {
		return nil, false, nil
	}
	w.fence++
	w.holder = &turn{w, w.fence, w.kept}
	return w.holder, true, nil
}

type turn struct {
	w     *world
	fence int64
	from  sequence.Place
}

func (t *turn) Upto() sequence.Place { return t.from }

func (t *turn) Keep(_ context.Context, upto sequence.Place) error {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	switch {
	case t.w.keeping != nil:
		return t.w.keeping
	case t.w.fence != t.fence:
		return port.ErrTurnOver
	}
	t.w.kept = upto
	return nil
}

func (t *turn) Lasts(context.Context) error {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	if t.w.holder != t {
		return port.ErrTurnOver
	}
	return nil
}

func (t *turn) End() {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	if t.w.holder == t {
		t.w.holder = nil
	}
}

var errHub = errors.New("the hub has a bad day")
