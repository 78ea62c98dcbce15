// Package features_test plays the feature files. They speak of people in rooms;
// the steps turn that into what people do on a stage, and a stage is any of the
// ways in which the program can be put together and reached.
package features_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"parley/domain/identity"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
	"parley/features/stage"
)

// patience is how long something may take that does come. It is only ever used
// up by what does not.
const patience = 60 * time.Second

// world is what one scenario plays in.
type world struct {
	production
	entrance sync.Mutex
	cast     []*actor // in the order in which they came in
	parties  map[string]*party

	rooms map[string]room.ID
	here  room.ID // the room that is spoken of

	mu    sync.Mutex
	said  map[room.ID]map[sequence.Number]stage.Message // what was taken, as its author was told
	aged  map[room.ID]sequence.Number                   // the last of that which is too old to be kept
	words map[string]sequence.Number                    // the number of what was said in these words
	keys  int
	draft map[string]string // the key of each draft, by who has it and what it says
	fence int

	brief bool      // sessions soon expire
	since time.Time // when somebody began to sign out everywhere

	answers []stage.Message // to what was sent last
	read    []stage.Message // by whoever read last
}

func newWorld() *world {
	return &world{
		parties: make(map[string]*party),
		rooms:   make(map[string]room.ID),
		said:    make(map[room.ID]map[sequence.Number]stage.Message),
		aged:    make(map[room.ID]sequence.Number),
		words:   make(map[string]sequence.Number),
		draft:   make(map[string]string),
	}
}

// say says something, and notes what was taken. A program that has too much to do
// may ask to come again; as it is the same draft, nothing is said twice by that.
func (w *world) say(ctx context.Context, by stage.Client, in room.ID, text, key string) (m stage.Message, err error) {
	busy := await(ctx, func() error {
		m, err = by.Say(ctx, in, text, key)
		if no := new(stage.Refusal); errors.As(err, &no) && no.Code == "storage-unavailable" {
			return err
		}
		return nil
	})
	if err = errors.Join(busy, err); err != nil {
		return stage.Message{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.said[in] == nil {
		w.said[in] = make(map[sequence.Number]stage.Message)
	}
	if before, known := w.said[in][m.Number]; known && before != m {
		return m, fmt.Errorf("number %d was given to two messages: %+v and %+v", m.Number, before, m)
	}
	w.said[in][m.Number] = m
	return m, nil
}

// aMonthHasPassed: who listens has long heard all that was said, and all of it is
// older than what the program is to keep.
func (w *world) aMonthHasPassed(ctx context.Context) error {
	if err := w.hearAll(ctx); err != nil {
		return err
	}
	if err := w.month(ctx); err != nil {
		return err
	}
	for in, all := range w.said {
		w.aged[in] = sequence.Number(len(all))
	}
	return nil
}

// accepted returns what was said in the room that is spoken of, in order.
func (w *world) accepted() []stage.Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []stage.Message
	for _, m := range w.said[w.here] {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b stage.Message) int { return int(a.Number - b.Number) })
	return all
}

// newKey is a name for a draft that no other draft has.
func (w *world) newKey() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys++
	return fmt.Sprintf("draft-%d", w.keys)
}

// hearAll lets everyone who listens hear all that has happened so far. Somebody
// opens a room for them all, and everyone waits until they have heard of that:
// what has not arrived by then was not sent. (To wait a while and then hear
// nothing proves nothing.)
func (w *world) hearAll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var listeners []identity.UserID
	for _, a := range w.cast {
		if a.listens() {
			listeners = append(listeners, a.me())
		}
	}
	if len(listeners) == 0 {
		return nil
	}
	w.fence++
	builder, err := w.cast[0].present(ctx)
	if err != nil {
		return err
	}
	fence, err := builder.Open(ctx, policy.Group, fmt.Sprintf("fence %d", w.fence), listeners...)
	if err != nil {
		return fmt.Errorf("put up a fence: %w", err)
	}
	for _, e := range w.ears() {
		if err := e.hearUntil(ctx, fence); err != nil {
			return err
		}
	}
	return nil
}

// ears are all who listen, on all their devices.
func (w *world) ears() []*ear {
	var all []*ear
	for _, a := range w.cast {
		all = slices.AppendSeq(all, maps.Values(a.ears))
	}
	return all
}

// called is the name of a room.
func (w *world) called(in room.ID) string {
	for name, id := range w.rooms {
		if id == in {
			return name
		}
	}
	return in.String()
}

// close hangs up all lines and ends the program.
func (w *world) close() {
	for _, e := range w.ears() {
		e.hangUp()
	}
	for _, p := range w.parties {
		p.hangUp()
	}
	if w.production.end != nil {
		w.production.end()
	}
}

// together does n things at the same moment and waits for them all.
func together(n int, do func(i int) error) error {
	errs := make([]error, n)
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			errs[i] = do(i)
		})
	}
	close(start)
	all.Wait()
	return errors.Join(errs...)
}

// await does something again until it goes well, as long as there is patience.
func await(ctx context.Context, do func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		err := do()
		if err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("it never went well: %w", err)
		}
	}
}
