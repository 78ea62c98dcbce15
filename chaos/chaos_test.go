package chaos_test

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"parley/adapters/bunstore/bunstoretest"
	"parley/chaos"
)

var (
	lasts = flag.Duration("chaos.for", 40*time.Second, "how long each system is struck")
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
	c := newScene(t, cluster, nodes, bots)
	before := c.footprints(t)
	hall := hallOf(t, c.people, c.history)
	town := townOf(t, c.people, c.where, hall)
	struck := strike(&stage{
		system: c.system, t: t, random: rand.New(rand.NewPCG(*seed, 2)), admin: c.people[0], victim: town.victim, room: c.where[0], people: c.people,
	}, c.history)
	c.awaitReady(t)
	healed := time.Now()
	town.hush()
	c.where = append(c.where, hall)
	for _, in := range c.where {
		c.people[0].say(t.Context(), in, fmt.Sprintf("the-end-of-%d", in))
	}
	look(t, c.people[0], c.where)
	final := c.settle(c.people...)
	awaitEars(town.visitors, final, recovery)
	recovered := time.Since(healed)
	town.leave()

	if err := c.history.Err(); err != nil {
		t.Errorf("write the history: %v", err)
	}
	records := c.history.Records()
	found := append(chaos.Judge(records, final), c.leavings(t, c.people, before)...)
	report(t, records, found, fmt.Sprintf("all caught up %v after the last fault", recovered.Round(time.Millisecond)))
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

// lines is where a history is written to be read afterwards, if that is wanted.
func lines(t *testing.T) io.Writer {
	t.Helper()
	folder := os.Getenv("CHAOS_HISTORY")
	if folder == "" {
		return io.Discard
	}
	file, err := os.CreateTemp(folder, strings.ReplaceAll(t.Name(), "/", ",")+"-*.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}
