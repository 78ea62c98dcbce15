package chaos_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/adapters/bunstore/bunstoretest"
	"parley/chaos"
)

func TestWhoWasAwayForLongHearsExactlyTheRestOnSQLite(t *testing.T) {
	t.Parallel() // so that others wait meanwhile
	absence(t, nil, 1)
}

func TestWhoWasAwayForLongHearsExactlyTheRestOnPostgres(t *testing.T) {
	t.Parallel() // so that others wait meanwhile
	absence(t, bunstoretest.OwnCluster(t), 2)
}

const (
	absentees = 4 // half of them listen, half of them poll
	inRooms   = 20
	senders   = 24 // who do not listen
	// mostCatchingUp is how long anybody may take to catch up.
	mostCatchingUp = 5 * time.Minute
	// mostMemory is how much a node may have resident: 64 MiB, and recent entries
	// and older pages of 64 MiB each, and as much garbage again before the collector
	// comes.
	mostMemory = 64<<20 + 2*(64<<20+64<<20)
)

// absence lets some go away, says very much, and lets them come back all at once.
func absence(t *testing.T, cluster *bunstoretest.Cluster, nodes int) {
	t.Helper()
	s := newScene(t, cluster, nodes, absentees+senders)
	away, talking := s.people[:absentees], s.people[absentees:]
	for i, b := range away {
		if i%2 == 1 {
			b.habit = steady(polling{})
		}
	}
	stop := s.listening(away...)
	s.openMore(inRooms - len(s.where))
	s.sayMany(talking, 10*len(s.where))
	s.settle(away...)

	var final chaos.Final
	var said time.Duration
	s.struck(fmt.Sprintf("%d clients away for %d entries", len(away), awayFor), func() {
		stop()
		begun := time.Now()
		s.sayMany(talking, awayFor)
		said = time.Since(begun)
		final = readAll(t, s.people[0], s.where)
	})
	held := s.memory(t)
	peak, begun := held, time.Now()
	stop = s.listening(away...)
	talking[0].say(t.Context(), s.where[0], "the-last-word") // which everybody hears after all the rest
	for !caughtUp(earsOf(away), final) && time.Since(begun) < mostCatchingUp {
		peak = max(peak, s.memory(t))
		time.Sleep(10 * time.Millisecond)
	}
	took := time.Since(begun)
	final = s.settle(away...)
	stop()
	if most := mostMemory * int64(nodes); peak > most {
		t.Errorf("the program has %d MiB resident, %d before, want %d at most", peak>>20, held>>20, most>>20)
	}
	s.verdictOn(heardBy(s.history.Records(), away), chaos.Invariants, final, fmt.Sprintf("said %.0f/s; caught up at %.0f events/s; resident %d MiB, %d while they caught up",
		awayFor/said.Seconds(), float64(awayFor*len(away))/took.Seconds(), held>>20, peak>>20))
}

// heardBy is a history in which nobody listens but those.
func heardBy(h []chaos.Record, those []*bot) []chaos.Record {
	listens := make(map[string]bool)
	for _, b := range those {
		listens[b.name] = true
	}
	return slices.DeleteFunc(h, func(r chaos.Record) bool { return r.Op == chaos.In && !listens[r.Client] })
}

// openMore opens further rooms of everybody.
func (s *scene) openMore(more int) {
	s.t.Helper()
	for range more {
		in := openRoom(s.t, s.people, "One more")
		s.where = append(s.where, in)
		for _, b := range s.people {
			enters(b, in, s.history)
		}
	}
}

// sayMany says so many messages, as fast as it goes.
func (s *scene) sayMany(those []*bot, messages int) {
	s.t.Helper()
	const each = 4 // at a time: as many connections as a bot keeps
	var left atomic.Int64
	left.Store(int64(messages))
	var saying sync.WaitGroup
	for _, b := range those {
		for range each {
			saying.Go(func() {
				for n := left.Add(-1); n >= 0; n = left.Add(-1) {
					b.say(s.t.Context(), s.where[n%int64(len(s.where))], b.key())
				}
			})
		}
	}
	saying.Wait()
}

// memory is what all nodes have resident, in bytes.
func (s *scene) memory(t *testing.T) (bytes int64) {
	t.Helper()
	for _, f := range s.footprints(t) {
		bytes += f.Memory
	}
	return bytes
}
