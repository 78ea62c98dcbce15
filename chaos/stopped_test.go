package chaos_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"parley/adapters/bunstore/bunstoretest"
	"parley/chaos"
	"parley/chaos/variant"
)

const (
	// promised is how long a node that is stopped while it holds the log's lock may
	// keep the others from sending.
	promised = 3 * time.Second
	// noise is how much longer it may seem on a machine that is busy.
	noise = time.Second
	// stopping is how long the node is stopped: longer than it may be noticed.
	stopping = promised + noise + time.Second
)

// A node may be stopped at any moment, and so while everybody waits for it.
func TestWhoIsStoppedWithTheLogsLockHoldsUpNobodyForLong(t *testing.T) {
	c := sceneOn(t, startAs(t, setup{program: built(t, variant.Crashing)}, bunstoretest.OwnCluster(t), 2), bots)
	final, longest := c.holdUp(2, *lasts/4)
	records := c.history.Records()
	report(t, records, chaos.Judge(records, final), fmt.Sprintf("a send on the other node took up to %v", longest.Round(time.Millisecond)))
	if acknowledged := chaos.Sends(records); acknowledged < 200 {
		t.Errorf("only %d sends were acknowledged", acknowledged)
	}
	switch {
	case longest > promised+noise:
		t.Errorf("a send on the other node took %v; at most %v was promised", longest, promised)
	case longest < noise/2:
		t.Errorf("no send on the other node took longer than %v: nobody was in its way", longest)
	}
}

// Who measures waits must see one that is too long.
func TestALockThatNobodyTakesBackIsNoticed(t *testing.T) {
	patient := variant.Variant{Name: "leave the lock to whoever has it", Edits: append(variant.Crashing.Edits, variant.Edit{
		File: "adapters/bunstore/connect.go",
		From: `"idle_in_transaction_session_timeout": "1s",`,
		To:   `"idle_in_transaction_session_timeout": "1h",`,
	})}
	c := sceneOn(t, startAs(t, setup{program: built(t, patient)}, bunstoretest.OwnCluster(t), 2), bots)
	if _, longest := c.holdUp(1, 0); longest <= promised+noise {
		t.Errorf("no send on the other node took longer than %v, while the lock was held for %v", longest, stopping)
	}
}

// holdUp stops a node while it holds the lock, so many times at least and for as
// long, while people talk. It returns what there is in the end, and the longest
// that a send on the other node took.
func (s *scene) holdUp(times int, lasts time.Duration) (final chaos.Final, longest time.Duration) {
	s.t.Helper()
	stopped, other := s.nodes[0], s.nodes[1]
	measured := s.people[bots/2:]
	for _, b := range measured {
		b.system = &system{nodes: []*node{other}}
	}
	random := rand.New(rand.NewPCG(*seed, 4))
	began, n := time.Now(), 0
	final = s.during(s.people, func() {
		for ; n < times || time.Since(began) < lasts; n++ {
			from, upto := s.stopWithTheLock(stopped, random)
			longest = max(longest, s.longestSend(measured, from, upto))
		}
	})
	return final, longest
}

// stopWithTheLock starts a node anew that stops while it holds the lock, lets it
// go on later, and returns from when until when it was stopped.
func (s *scene) stopWithTheLock(n *node, random *rand.Rand) (from, upto time.Duration) {
	s.t.Helper()
	notes := filepath.Join(s.t.TempDir(), "notes")
	n.kill()
	n.crash = []string{"CRASH_AT=after-lock:" + strconv.Itoa(2+random.IntN(30)), "CRASH_BY=stop", "CRASH_NOTES=" + notes}
	n.start(s.t)
	for deadline := time.Now().Add(recovery); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(notes); err == nil {
			break
		}
		if time.Now().After(deadline) {
			s.t.Fatal("the node does not stop")
		}
	}
	from, upto = s.struck("stop with the log's lock", func() { time.Sleep(stopping) })
	n.signal(syscall.SIGCONT)
	n.crash = nil
	s.awaitReady(s.t)
	return from, upto
}

// longestSend is how long any of these people waited for an answer that was
// under way, or still to be asked for, between two times. Who has none yet has
// waited until now.
func (s *scene) longestSend(those []*bot, from, upto time.Duration) (longest time.Duration) {
	mine := make(map[string]bool)
	for _, b := range those {
		mine[b.name] = true
	}
	begun := make(map[string]time.Duration)
	var last time.Duration
	for _, r := range s.history.Records() {
		last = r.At
		switch {
		case !mine[r.Client] || r.Op != chaos.Send:
		case r.Phase == chaos.Invoked:
			begun[r.Key] = r.At
		default:
			if r.At > from && begun[r.Key] < upto {
				longest = max(longest, r.At-begun[r.Key])
			}
			delete(begun, r.Key)
		}
	}
	for _, at := range begun {
		if at < upto {
			longest = max(longest, last-at)
		}
	}
	return longest
}
