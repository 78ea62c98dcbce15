package chaos_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"parley/chaos"
)

// crowd is people in a room or more, who talk and listen when they are told to.
type crowd struct {
	t       *testing.T
	system  *system
	history *chaos.History
	people  []*bot // the first one is the admin of every room
	rooms   []int64
	every   time.Duration // how long who talks is silent, about
	patient time.Duration // how long all may take to catch up

	restless *bot // who listens for a moment at a time; nil: nobody
}

// gather registers people and puts all of them into every room.
func gather(t *testing.T, s *system, many int) *crowd {
	t.Helper()
	c := &crowd{t: t, system: s, history: chaos.NewHistory(lines(t)), every: 40 * time.Millisecond, patient: recovery}
	for n := range many {
		c.people = append(c.people, newBot(t, s, c.history, fmt.Sprintf("bot%d", n)))
	}
	c.rooms = openRooms(t, c.people, c.history)
	return c
}

// during lets people talk and all listen while do goes on, and until all have
// heard everything, if they do in time. It returns what there is then.
func (c *crowd) during(talkers []*bot, do func()) chaos.Final {
	c.t.Helper()
	ctx, cancel := context.WithCancel(c.t.Context())
	var listening sync.WaitGroup
	for _, b := range c.people {
		listening.Go(func() {
			for b == c.restless && ctx.Err() == nil {
				moment, cut := context.WithTimeout(ctx, 50*time.Millisecond)
				b.listen(moment)
				cut()
			}
			b.listen(ctx)
		})
	}
	c.talk(talkers, do)
	final := readAll(c.t, c.people[0], c.rooms)
	for deadline := time.Now().Add(c.patient); !c.caughtUp(final) && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	listening.Wait()
	return final
}

// talk lets people talk while do goes on, and until each has an answer.
func (c *crowd) talk(talkers []*bot, do func()) {
	c.t.Helper()
	quit := make(chan struct{})
	var talking sync.WaitGroup
	for _, b := range talkers {
		talking.Go(func() { b.talk(c.t.Context(), quit, c.rooms, c.every) })
	}
	do()
	c.system.awaitReady(c.t)
	close(quit)
	talking.Wait()
}

// caughtUp reports whether all who are in a room have heard its end.
func (c *crowd) caughtUp(final chaos.Final) bool {
	for _, b := range c.people {
		for in, room := range final {
			if len(room) > 0 && b.reached(in) < room[len(room)-1].Seq {
				return false
			}
		}
	}
	return true
}

// cut cuts off all who are connected.
func (g *gate) cut() error {
	heal, err := g.spoil(`{"type":"timeout","stream":"downstream","attributes":{"timeout":1}}`)
	if err != nil {
		return err
	}
	time.Sleep(20 * time.Millisecond) // longer than the gate takes to do it
	heal()
	return nil
}
