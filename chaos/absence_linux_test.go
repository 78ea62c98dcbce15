package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/adapters/bunstore/bunstoretest"
	"parley/adapters/pollfeed/polltest"
	"parley/adapters/ssefeed/ssetest"
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
	// caughtUp is how long anybody may take to catch up.
	caughtUp = 5 * time.Minute
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
	stop := s.attending(away)
	s.openMore(inRooms - len(s.where))
	s.sayMany(talking, 10*len(s.where))
	before := readAll(t, s.people[0], s.where)
	awaitAll(t, away, before)
	stop()

	begun := time.Now()
	s.sayMany(talking, awayFor)
	said := time.Since(begun)
	final := readAll(t, s.people[0], s.where)
	held, peak := s.memory(t), int64(0)
	begun = time.Now()
	stop = s.attending(away)
	for deadline := begun.Add(caughtUp); !allReached(away, final) && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		peak = max(peak, s.memory(t))
	}
	took := time.Since(begun)
	stop()
	if most := mostMemory * int64(nodes); peak > most {
		t.Errorf("the program has %d MiB resident, %d before, want %d at most", peak>>20, held>>20, most>>20)
	}
	row{fault: fmt.Sprintf("%d clients away for %d entries", len(away), awayFor), struck: len(away), recovery: took,
		figures: fmt.Sprintf("said %.0f/s; caught up at %.0f events/s; resident %d MiB, %d while they caught up", awayFor/said.Seconds(),
			float64(awayFor*len(away))/took.Seconds(), held>>20, peak>>20)}.
		judged(t, chaos.Invariants, heardBy(s.history.Records(), away), final).say(t)
}

// heardBy is a history in which nobody listens but those.
func heardBy(h []chaos.Record, those []*bot) []chaos.Record {
	listens := make(map[string]bool)
	for _, b := range those {
		listens[b.name] = true
	}
	return slices.DeleteFunc(h, func(r chaos.Record) bool { return r.Op == chaos.In && !listens[r.Client] })
}

// attending lets every other one listen, and the rest poll, until stop is called.
func (s *scene) attending(those []*bot) (stop func()) {
	var listening, polling []*bot
	for i, b := range those {
		if i%2 == 0 {
			listening = append(listening, b)
		} else {
			polling = append(polling, b)
		}
	}
	stopListening := s.listening(listening...)
	stopPolling := s.doing(func(quit <-chan struct{}, b *bot) {
		ctx, cancel := context.WithCancel(s.t.Context())
		defer cancel()
		go func() { <-quit; cancel() }()
		for ctx.Err() == nil {
			if err := b.poll(ctx); err != nil && ctx.Err() == nil {
				_ = b.signIn(ctx) // it is tried again anyway
			}
		}
	}, polling)
	return func() { stopListening(); stopPolling() }
}

// poll asks once for what there is.
func (b *bot) poll(ctx context.Context) error {
	b.mu.Lock()
	ask := polltest.Request{
		URL:   b.base() + "/api/events?topic=/chat/room/{id}&topic=/chat/user/{id}",
		Token: b.token, After: b.cursor, Wait: 5, Client: b.client,
	}
	b.conns++
	conn := b.conns
	b.mu.Unlock()
	b.history.Add(chaos.Record{Client: b.name, Op: chaos.Open, Phase: chaos.Noted, Conn: conn, Cursor: ask.After})
	answer, err := polltest.Poll(ctx, ask)
	if err != nil {
		return err
	}
	for _, event := range answer.Events {
		if err := b.take(conn, ssetest.Event{Data: string(event.Data), ID: event.Cursor}); err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cursor = answer.Cursor
	return nil
}

// openMore opens further rooms of everybody.
func (s *scene) openMore(more int) {
	s.t.Helper()
	for range more {
		others := make([]int64, 0, len(s.people)-1)
		for _, b := range s.people[1:] {
			others = append(others, b.id)
		}
		status, body, err := s.people[0].again(s.t.Context(), http.MethodPost, "/api/rooms",
			map[string]any{"type": "group", "name": "One more", "participantIds": others})
		var made struct{ ID int64 }
		if err != nil || status != http.StatusCreated || json.Unmarshal(body, &made) != nil {
			s.t.Fatalf("open a room: %d %s %v", status, body, err)
		}
		s.where = append(s.where, made.ID)
		for _, b := range s.people {
			s.history.Add(chaos.Record{Client: b.name, Op: chaos.In, Phase: chaos.Noted, Room: made.ID})
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

func allReached(those []*bot, final chaos.Final) bool {
	for _, b := range those {
		for in, room := range final {
			if len(room) > 0 && b.reached(in) < room[len(room)-1].Seq {
				return false
			}
		}
	}
	return true
}

var resident = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

// memory is what all nodes have resident, in bytes.
func (s *scene) memory(t *testing.T) (bytes int64) {
	t.Helper()
	for _, n := range s.nodes {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.pid()))
		found := resident.FindSubmatch(status)
		if err != nil || found == nil {
			t.Fatalf("how much memory the node takes: %v", err)
		}
		kilobytes, err := strconv.ParseInt(string(found[1]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		bytes += kilobytes << 10
	}
	return bytes
}
