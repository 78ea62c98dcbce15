package chaos_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"parley/chaos"
)

// town is people who do all that people do.
type town struct {
	victim   *bot
	visitors []*ear // who hear to the end
	hush     func() // lets them finish, and returns when nobody writes any more
	leave    func() // ends their lines
}

// hallOf opens a room in which there is shouting, for those who can bear it: who
// hangs up after each event would be sent everything that was shouted, again and
// again.
func hallOf(t *testing.T, people []*bot, h *chaos.History) int64 {
	t.Helper()
	those := []*bot{people[0], people[1], people[2], people[bots-3]}
	hall := openRoom(t, those, "Hall")
	for _, b := range those {
		enters(b, hall, h)
	}
	return hall
}

// townOf lets people live: they talk and listen, each in their own way.
func townOf(t *testing.T, people []*bot, where []int64, hall int64) *town {
	t.Helper()
	const every = 70 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	quit := make(chan struct{})
	var busy, listening sync.WaitGroup
	var mu sync.Mutex
	admin, sleeper, leaver, victim := people[0], people[bots-3], people[bots-2], people[bots-1]
	c := &town{victim: victim}

	people[2].habit = steady(polling{})
	people[3].habit, leaver.habit, victim.habit = alternating, alternating, alternating
	people[4].habit = restless()
	sleeper.direct = narrow(t)
	calls := make(chan chan struct{})
	sleeper.naps(min(time.Minute, *lasts/5), quit, calls)
	busy.Go(func() { admin.shouts(ctx, quit, calls, hall) })
	for _, b := range people {
		listening.Go(func() { b.listen(ctx) })
		busy.Go(func() {
			if b == victim { // who is not always in the room, and cannot change things then
				b.talk(ctx, quit, where, 4*every)
			} else {
				b.live(ctx, quit, where, every)
			}
		})
	}
	busy.Go(func() { admin.host(ctx, quit, where[1], victim, time.Second) })
	busy.Go(func() { leaver.endSessions(ctx, quit, 2*time.Second) })
	busy.Go(func() { people[1].endSessions(ctx, quit, 2*time.Second) }) // who has long lines
	busy.Go(func() { people[1].visits(ctx, quit, where, time.Second) })
	for n, in := range where { // those who come in the middle, and stay
		busy.Go(func() {
			if !rest(quit, *lasts*time.Duration(n+1)/5) {
				return
			}
			if v, err := people[3].visit(ctx, in, fmt.Sprintf("late%d", n)); err == nil {
				mu.Lock()
				c.visitors = append(c.visitors, v)
				mu.Unlock()
				listening.Go(func() { v.listen(ctx) })
			}
		})
	}
	c.hush = func() { close(quit); busy.Wait() }
	c.leave = func() { cancel(); listening.Wait() }
	return c
}
