package chaos_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"parley/adapters/bunstore/bunstoretest"
	"parley/chaos"
)

// While somebody else holds the log's lock, or ends everybody's sessions again
// and again, sends are refused in time and everything else goes on.
func TestWhoHoldsUpTheDatabaseHoldsUpSendsAlone(t *testing.T) {
	t.Parallel() // it waits
	cluster := bunstoretest.OwnCluster(t)
	s := newScene(t, cluster, 2, 6)
	witnesses := watchAll(s.people)
	stopListening := s.listening(s.people...)
	stopTalking := s.talking(30*time.Millisecond, s.people...)
	s.acked(100)

	held := s.endure("the log's lock held for "+lockIsHeld.String(), func() {
		if err := s.hold(t.Context(), lockIsHeld); err != nil {
			t.Fatal(err)
		}
	})
	if held.reads.failed > 0 || held.reads.done == 0 {
		t.Errorf("while the lock was held, %d of %d reads failed: %s", held.reads.failed, held.reads.done, held.reads.said)
	}
	s.acked(100)
	struck := 0
	ended := s.endure("the database's sessions ended in a loop", func() {
		for end := time.Now().Add(terminating); time.Now().Before(end); struck++ {
			if err := cluster.Do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parley'"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
	s.acked(100)
	stopTalking()
	final := s.settle(s.people...)
	stopListening()
	if held.of(witnesses).refused == 0 || struck == 0 {
		t.Errorf("nobody was refused while the lock was held, or nobody's session was ended (%d times)", struck)
	}
	figures := []string{fmt.Sprintf("sessions ended %d times", struck)}
	for _, c := range []*calamity{held, ended} {
		got := c.of(witnesses)
		got.demand(t, 2*time.Second)
		figures = append(figures, got.String(), c.reads.String())
	}
	s.verdict(chaos.Invariants, final, figures...)
}

// calamity is the time in which a fault lasted, and what reads were like in it.
type calamity struct {
	from, to time.Time
	reads    reads
}

func (c *calamity) of(those []*witness) answers { return judgeAnswers(those, c.from, c.to, false) }

// endure reads from all nodes for as long as a fault lasts.
func (s *scene) endure(what string, strike func()) *calamity {
	s.t.Helper()
	quit := make(chan struct{})
	var reading sync.WaitGroup
	c := &calamity{from: time.Now()}
	reading.Go(func() { c.reads.on(s, quit) })
	s.struck(what, strike)
	c.to = time.Now()
	close(quit)
	reading.Wait()
	return c
}

// reads counts how reads were answered, of the API and of a stream's beginning.
type reads struct {
	done, failed int
	worst        time.Duration
	said         string // by the last that failed
}

func (r *reads) on(s *scene, quit <-chan struct{}) {
	reader := s.people[0]
	paths := []string{
		fmt.Sprintf("/api/messages?chatRoom=%d&limit=10", s.where[0]),
		"/api/rooms",
		fmt.Sprintf("/api/events?topic=/chat/room/%d&wait=0", s.where[0]),
	}
	for {
		select {
		case <-quit:
			return
		case <-time.After(20 * time.Millisecond):
		}
		begun := time.Now()
		status, body, err := reader.call(s.t.Context(), http.MethodGet, paths[r.done%len(paths)], nil)
		r.worst = max(r.worst, time.Since(begun))
		if r.done++; err != nil || status != http.StatusOK {
			r.failed++
			r.said = fmt.Sprintf("%d %s %v", status, body, err)
		}
	}
}

func (r *reads) String() string {
	return fmt.Sprintf("%d reads, %d failed, worst %v", r.done, r.failed, r.worst.Round(time.Millisecond))
}
