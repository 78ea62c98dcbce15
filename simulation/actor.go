package simulation

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

const (
	// grain is how far apart the instants of one actor are at least. Whatever the
	// program waits for is a multiple of it.
	grain = 10 * time.Microsecond
	// slots is how many actors have instants that differ from all others'.
	slots = int(grain / time.Nanosecond)
)

// actor is one who does one thing after another. No two do anything at the same
// instant, and each draws lots of their own: so what happens does not depend on
// whom the scheduler lets go first.
type actor struct {
	name   string
	slot   time.Duration
	random *rand.Rand
	line   *line // on whose behalf it reads; nil: nobody's
	tail   *node // whose tail it is; nil: nobody's
}

// actor makes one more actor. The lock is held.
func (w *world) actor(name string, args ...any) *actor {
	w.slots++
	return w.actorOf(uint64(w.slots), w.slots, fmt.Sprintf(name, args...))
}

func (w *world) actorOf(stream uint64, slot int, name string) *actor {
	return &actor{
		name: name, slot: time.Duration(slot % slots),
		random: rand.New(rand.NewPCG(w.Seed, stream)), //nolint:gosec // it has to be foreseeable
	}
}

// until is how long to wait for the actor's first instant after d.
func (a *actor) until(d time.Duration) time.Duration {
	now := time.Now().UnixNano()
	at := now + int64(d)
	at += int64(a.slot) - at%int64(grain)
	for at <= now {
		at += int64(grain)
	}
	return time.Duration(at - now)
}

// rest waits, whatever happens.
func (a *actor) rest(d time.Duration) { time.Sleep(a.until(d)) }

// wait waits, but not beyond the end of ctx.
func (a *actor) wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(a.until(d))
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// chance is true in one of n cases.
func (a *actor) chance(n int) bool { return a.random.IntN(n) == 0 }

// between draws a time.
func (a *actor) between(least, most time.Duration) time.Duration {
	return least + time.Duration(a.random.Int64N(int64(most-least)))
}

func pick[T any](a *actor, of []T) T { return of[a.random.IntN(len(of))] }

type actorKey struct{}

// with makes ctx say who acts.
func (a *actor) with(ctx context.Context) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// who acts here; what the program does on nobody's behalf is a mistake.
func who(ctx context.Context) *actor {
	a, _ := ctx.Value(actorKey{}).(*actor)
	return a
}

// traced is a line of the story.
type traced struct {
	at   time.Time
	text string
}

// note writes down what happens. The lock is held.
func (w *world) note(a *actor, what string, args ...any) {
	if w.Trace {
		w.traced = append(w.traced, traced{time.Now(), a.name + ": " + fmt.Sprintf(what, args...)})
	}
}

// story is what was written down, in an order that is always the same.
func (w *world) story() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.SortStableFunc(w.traced, func(a, b traced) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return strings.Compare(a.text, b.text)
	})
	lines := make([]string, len(w.traced))
	for i, t := range w.traced {
		lines[i] = fmt.Sprintf("%14s  %s", t.at.Sub(start), t.text)
	}
	return lines
}

// start is when every bubble begins.
var start = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
