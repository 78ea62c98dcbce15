package chaos_test

import (
	"context"
	"fmt"
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
	people  []*bot // the first one is the admin of every room
	where   []int64
	every   time.Duration // how long who talks is silent, about
	patient time.Duration // how long anything may take to come right
}

func newScene(t *testing.T, cluster *bunstoretest.Cluster, nodes, people int) *scene {
	t.Helper()
	return sceneOn(t, start(t, cluster, nodes), people)
}

// sceneOn registers people and puts all of them into every room.
func sceneOn(t *testing.T, on *system, people int) *scene {
	t.Helper()
	s := &scene{system: on, t: t, history: chaos.NewHistory(lines(t)), every: 40 * time.Millisecond, patient: recovery}
	for i := range people {
		s.people = append(s.people, newBot(t, on, s.history, fmt.Sprintf("bot%d", i)))
	}
	s.where = openRooms(t, s.people, s.history)
	return s
}

// during lets some talk and all listen while do goes on, and until all have heard
// everything, if they do in time. It returns what there is then.
func (s *scene) during(talkers []*bot, do func()) chaos.Final {
	s.t.Helper()
	stopListening := s.listening(s.people...)
	stopTalking := s.talking(s.every, talkers...)
	do()
	s.awaitReady(s.t)
	stopTalking()
	final := s.settle(s.people...)
	stopListening()
	return final
}

// talking lets some talk until stop is called, which waits until they have
// finished what they have begun.
func (s *scene) talking(every time.Duration, those ...*bot) (stop func()) {
	return s.doing(func(quit <-chan struct{}, b *bot) { b.talk(s.t.Context(), quit, s.where, every) }, those)
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

// settle reads what there is in the end, and waits until these have heard it.
func (s *scene) settle(those ...*bot) chaos.Final {
	s.t.Helper()
	s.awaitReady(s.t)
	final := readAll(s.t, s.people[0], s.where)
	awaitAll(those, final, s.patient)
	return final
}

// struck notes a strike of a fault in the history, before it and after, and
// returns these two times.
func (s *scene) struck(what string, strike func()) (from, upto time.Duration) {
	r := chaos.Record{Client: "nemesis", Op: chaos.Strike, Phase: chaos.Invoked, Note: what}
	from = s.history.Add(r)
	strike()
	r.Phase = chaos.OK
	return from, s.history.Add(r)
}

// acked waits until as many more sends have been acknowledged.
func (s *scene) acked(more int) {
	s.t.Helper()
	upto := chaos.Sends(s.history.Records()) + more
	await(s.t, fmt.Sprintf("%d more sends are acknowledged", more), func() bool { return chaos.Sends(s.history.Records()) >= upto })
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
