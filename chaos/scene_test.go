package chaos_test

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"parley/adapters/bunstore/bunstoretest"
	"parley/chaos"
)

// scene is people in rooms, each of whom a test lets talk and listen as it needs.
type scene struct {
	*system
	t       *testing.T
	history *chaos.History
	people  []*bot
	where   []int64
}

func newScene(t *testing.T, cluster *bunstoretest.Cluster, nodes, people int) *scene {
	t.Helper()
	return sceneOn(t, start(t, cluster, nodes), people)
}

func sceneOn(t *testing.T, s *system, people int) *scene {
	t.Helper()
	on := &scene{system: s, t: t, history: chaos.NewHistory(io.Discard)}
	for i := range people {
		on.people = append(on.people, newBot(t, s, on.history, fmt.Sprintf("bot%d", i)))
	}
	on.where = openRooms(t, on.people, on.history)
	return on
}

// talking lets some talk until stop is called, which waits until they have
// finished what they have begun.
func (s *scene) talking(every time.Duration, those ...*bot) (stop func()) {
	return s.doing(func(quit <-chan struct{}, b *bot) { b.talkOn(s.t.Context(), quit, s.where, every) }, those)
}

// listening lets some listen until stop is called.
func (s *scene) listening(those ...*bot) (stop func()) {
	return s.doing(func(quit <-chan struct{}, b *bot) {
		ctx, cancel := context.WithCancel(s.t.Context())
		defer cancel()
		go func() { <-quit; cancel() }()
		b.listen(ctx)
	}, those)
}

func (s *scene) doing(what func(quit <-chan struct{}, b *bot), those []*bot) (stop func()) {
	quit := make(chan struct{})
	var doing sync.WaitGroup
	for _, b := range those {
		doing.Go(func() { what(quit, b) })
	}
	stop = sync.OnceFunc(func() { close(quit); doing.Wait() })
	s.t.Cleanup(stop)
	return stop
}

// talkOn is talk, with keys of its own each time.
func (b *bot) talkOn(ctx context.Context, quit <-chan struct{}, rooms []int64, every time.Duration) {
	for {
		select {
		case <-quit:
			return
		case <-time.After(every/2 + time.Duration(b.random(int(every)))):
		}
		b.say(ctx, rooms[b.random(len(rooms))], b.key())
	}
}

// key is a key that was never used.
func (b *bot) key() string { return fmt.Sprintf("%s-%d", b.name, keys.Add(1)) }

// acked waits until as many more sends have been acknowledged.
func (s *scene) acked(more int) {
	s.t.Helper()
	upto := chaos.Sends(s.history.Records()) + more
	await(s.t, fmt.Sprintf("%d more sends are acknowledged", more), func() bool { return chaos.Sends(s.history.Records()) >= upto })
}

// struck notes a strike of a fault in the history, before it and after.
func (s *scene) struck(what string, strike func()) {
	s.history.Add(chaos.Record{Client: "nemesis", Op: chaos.Strike, Phase: chaos.Invoked, Note: what})
	strike()
	s.history.Add(chaos.Record{Client: "nemesis", Op: chaos.Strike, Phase: chaos.OK, Note: what})
}

// settle reads what there is in the end, and waits until these have heard it.
func (s *scene) settle(those ...*bot) (final chaos.Final, took time.Duration) {
	s.t.Helper()
	begun := time.Now()
	s.awaitReady(s.t)
	final = readAll(s.t, s.people[0], s.where)
	awaitAll(s.t, those, final)
	return final, time.Since(begun)
}

// await waits until something is so, for as long as anything may take.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(recovery); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain: %s", recovery, what)
		}
	}
}
