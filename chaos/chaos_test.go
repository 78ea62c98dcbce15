package chaos_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"parley/adapters/bunstore/bunstoretest"
	"parley/chaos"
)

var (
	lasts = flag.Duration("chaos.for", 50*time.Second, "how long each system is struck")
	seed  = flag.Uint64("chaos.seed", 1, "which faults strike when")
	only  = flag.String("chaos.only", "", "strike with faults that have this in their name alone")
)

func TestNothingIsBrokenOnSQLite(t *testing.T) { torment(t, nil, 1) }

func TestNothingIsBrokenOnPostgresWithTwoNodes(t *testing.T) {
	torment(t, bunstoretest.OwnCluster(t), 2)
}

const (
	bots  = 8
	rooms = 3
)

// torment lets people live while faults strike, waits until everything has come
// back, and judges what they sent and heard.
func torment(t *testing.T, cluster *bunstoretest.Cluster, nodes int) {
	t.Helper()
	history := chaos.NewHistory(lines(t))
	s := start(t, cluster, nodes)
	people := make([]*bot, bots)
	for i := range people {
		people[i] = newBot(t, s, history, fmt.Sprintf("bot%d", i))
	}
	where := openRooms(t, people, history)
	before := s.footprints(t)

	hall := hallOf(t, people, history)
	c := townOf(t, people, where, hall)
	struck := strike(&stage{
		system: s, t: t, random: rand.New(rand.NewPCG(*seed, 2)), admin: people[0], victim: c.victim, room: where[0], people: people,
	}, history)
	s.awaitReady(t)
	healed := time.Now()
	c.hush()
	where = append(where, hall)
	for _, in := range where {
		people[0].say(t.Context(), in, fmt.Sprintf("the-end-of-%d", in))
	}
	final := readAll(t, people[0], where)
	look(t, people[0], where)
	awaitAll(t, people, final)
	awaitEars(c.visitors, final)
	recovered := time.Since(healed)
	c.leave()

	if err := history.Err(); err != nil {
		t.Errorf("write the history: %v", err)
	}
	records := history.Records()
	found := append(chaos.Judge(records, final), s.leavings(t, people, before)...)
	report(t, struck, records, found, recovered)
	for _, v := range chaos.Few(found) {
		t.Error(v)
	}
	demandLife(t, struck, records, chaos.Wants{
		Sends:  needed(),
		Done:   []chaos.Op{chaos.Edit, chaos.Delete, chaos.Rename, chaos.Add, chaos.Remove, chaos.Read, chaos.Nap},
		Ends:   []string{bySigningOut, fromAnother, byPassword},
		Lines:  []string{sse{}.name(), polling{}.name()},
		Visits: true,
	})
}

// needed is how many sends have to be acknowledged for a run to mean anything.
func needed() int { return min(1000, int(lasts.Seconds()*20)) }

// lines is where the history is written to be read afterwards, if that is wanted.
func lines(t *testing.T) *os.File {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "history.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if folder := os.Getenv("CHAOS_HISTORY"); folder != "" {
			if text, err := os.ReadFile(file.Name()); err == nil {
				_ = os.WriteFile(filepath.Join(folder, t.Name()+".jsonl"), text, 0o600)
			}
		}
		_ = file.Close()
	})
	return file
}
