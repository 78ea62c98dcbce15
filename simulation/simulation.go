// Package simulation tells stories in which everything goes wrong at once, and
// looks for a promise that was broken.
//
// Several nodes run what ships: the tail of the log with its readers, the
// appender, the use cases and the domain. What is around them is played here, in
// the virtual time of a testing/synctest bubble: one log in memory with a lock, a
// bus that nobody can rely on, people who talk, come and go, and whatever befalls
// the machines. One seed decides all of it. Everybody acts at instants of their
// own (see actor), so a seed tells the same story each time.
package simulation

import (
	"context"
	"fmt"
	"sync"
	"time"

	"parley/domain/identity"
	"parley/domain/message"
)

// Settings say which story is told.
type Settings struct {
	Seed  uint64
	Steps int
	Plant Plant // what is broken on purpose; the zero Plant is nothing
	Trace bool  // write the story down
}

// Told is what became of a story.
type Told struct {
	Broken []Violation // of the promises, the first one first; a few at most
	Story  []string    // what happened, if it was to be written down
	Count  Count
}

// Count is how often what happened.
type Count map[Deed]int

// Deed is something that can happen in a story.
type Deed string

// The deeds. A story in which they do not happen shows nothing of them.
const (
	wasSaid      Deed = "said"
	wasHeard     Deed = "heard"
	wasOpened    Deed = "opened"
	wasResumed   Deed = "resumed"
	wasReset     Deed = "reset"
	wasRetried   Deed = "tried again"
	wasRemoved   Deed = "removed"
	wasDeleted   Deed = "deleted"
	wasEnded     Deed = "signed out"
	wasCrashed   Deed = "crashed"
	wasRestored  Deed = "restored"
	wasBefallen  Deed = "in trouble"
	wasPublished Deed = "published"
)

// Missing are the deeds that did not happen.
func (c Count) Missing() (missing []string) {
	for _, d := range []Deed{wasSaid, wasHeard, wasOpened, wasResumed, wasReset, wasRetried, wasRemoved, wasDeleted, wasEnded, wasCrashed, wasRestored, wasBefallen, wasPublished} {
		if c[d] == 0 {
			missing = append(missing, string(d))
		}
	}
	return missing
}

// Add adds the counts of another story.
func (c Count) Add(o Count) {
	for d, n := range o {
		c[d] += n
	}
}

// Violation is a promise that was broken.
type Violation struct {
	Law  Law
	What string
}

func (v Violation) String() string { return fmt.Sprintf("%s: %s", v.Law, v.What) }

// Tell tells a story. It is to be called in a bubble, and leaves nothing running
// in it.
func Tell(s Settings) Told {
	w := newWorld(s)
	w.begin()
	for n := 0; n < s.Steps && !w.isBroken(); n++ {
		w.step()
		w.driver.rest(w.gap())
	}
	w.heal()
	if !w.isBroken() {
		w.judgeEnd()
	}
	w.end()
	return Told{Broken: w.broken, Story: w.story(), Count: w.count}
}

// world is everything around the nodes, and the nodes.
type world struct {
	Settings
	driver  *actor
	running sync.WaitGroup // whatever was started and has to end
	ctx     context.Context
	stop    context.CancelFunc
	faults  sync.WaitGroup // that have not passed
	talking sync.WaitGroup // who waits for an answer
	lock    chan struct{}  // the log's; whoever has put something in holds it
	tuning  tuning

	// What follows is guarded. Nobody waits while they hold mu.
	mu          sync.Mutex
	history     *history
	restored    time.Time // when the log last became another one
	slots       int
	marks       uint32
	sessions    map[identity.SessionID]identity.UserID
	everEnded   map[identity.SessionID]bool // in any history
	skew        time.Duration               // of the store's clock
	mood        mood                        // of the bus
	nodes       []*node                     // by number
	trouble     map[int]bool                // the nodes that something has befallen
	founding    int                         // how many records there were at first
	people      []*person
	keys, turns int
	sends       map[message.Name]*utterance
	healing     bool
	broken      []Violation
	traced      []traced
	count       Count
}

func (w *world) isBroken() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.broken) > 0
}

const mostBroken = 10

// breaks notes a violation. The lock is held.
func (w *world) breaks(law Law, what string, args ...any) {
	if len(w.broken) < mostBroken {
		v := Violation{law, fmt.Sprintf(what, args...)}
		w.broken = append(w.broken, v)
		w.note(w.driver, "BROKEN %s", v)
	}
}
