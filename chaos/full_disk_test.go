//go:build linux && chaos

package chaos_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"parley/chaos"
)

// roomAgain is how soon sends are taken again when there is room on the disk.
const roomAgain = 10 * time.Second

func TestAFullDiskStopsSendsAloneOnSQLite(t *testing.T) {
	d := smallDisk(t, filepath.Join(t.TempDir(), "disk"), "24m")
	fullDisk(t, "SQLite's disk full", sceneOn(t, startAs(t, setup{folder: d.at}, nil, 1), 5), d)
}

// The server has its log elsewhere: it refuses what does not fit, and lives on.
func TestAFullDiskStopsSendsAloneOnPostgres(t *testing.T) {
	cluster, d := clusterOn(t, "base", func(at string) *disk { return smallDisk(t, at, "96m") })
	fullDisk(t, "PostgreSQL's disk full", newScene(t, cluster, 2, 5), d)
}

func fullDisk(t *testing.T, fault string, s *scene, d *disk) {
	t.Helper()
	witnesses := watchAll(s.people)
	stopListening := s.listening(s.people...)
	stopTalking := s.talking(10*time.Millisecond, s.people...)
	s.acked(100)
	full := s.endure(fault, func() {
		empty := d.fill(t)
		defer empty()
		await(t, "sends are refused", func() bool { return refusals(witnesses) >= 20 })
		time.Sleep(diskIsFull)
	})
	s.acked(100)
	stopTalking()
	final := s.settle(s.people...)
	stopListening()
	got := full.of(witnesses)
	got.demand(t, roomAgain)
	if full.reads.failed > 0 || full.reads.done == 0 {
		t.Errorf("while the disk was full, %d of %d reads failed: %s", full.reads.failed, full.reads.done, full.reads.said)
	}
	if again := s.openedIn(fault); again > 0 {
		t.Errorf("while the disk was full, %d streams ended and were opened again", again)
	}
	s.verdict(chaos.Invariants, final, got.String(), full.reads.String())
}

// A server that cannot write its log ends. Whoever looks after it gives it room
// and starts it again.
func TestAServerThatCannotWriteItsLogLosesNothing(t *testing.T) {
	cluster, d := clusterOn(t, "pg_wal", func(at string) *disk { return smallDisk(t, at, "96m") })
	s := newScene(t, cluster, 2, 5)
	witnesses := watchAll(s.people)
	stopListening := s.listening(s.people...)
	stopTalking := s.talking(10*time.Millisecond, s.people...)
	s.acked(100)
	down := s.endure("PostgreSQL's log full", func() {
		empty := d.fill(t)
		defer empty()
		await(t, "the server fails", func() bool {
			// A long entry, so that the log needs another file soon.
			err := cluster.Do("SELECT pg_logical_emit_message(true, 'chaos', repeat('x', 4000000))")
			return err != nil && !isRefusal(err)
		})
		await(t, "sends are refused", func() bool { return refusals(witnesses) >= 20 })
		time.Sleep(diskIsFull)
	})
	if _, err := os.Stat(filepath.Join(cluster.Data(), "postmaster.pid")); err != nil {
		cluster.Start(t)
	}
	down.to = time.Now()
	s.acked(100)
	stopTalking()
	final := s.settle(s.people...)
	stopListening()
	got := down.of(witnesses)
	got.demand(t, roomAgain)
	s.verdict(chaos.Invariants, final, got.String(), down.reads.String())
}

// isRefusal reports whether the server has refused a statement and lives on.
func isRefusal(err error) bool {
	var refusal *pgconn.PgError
	return errors.As(err, &refusal) && refusal.Severity == "ERROR" && !strings.HasPrefix(refusal.Code, "57P")
}

func refusals(those []*witness) (times int) {
	for _, w := range those {
		for _, a := range w.attempts() {
			if a.refusedForNow() {
				times++
			}
		}
	}
	return times
}

// openedIn counts the streams that were opened while a fault lasted.
func (s *scene) openedIn(fault string) (opened int) {
	during := false
	for _, r := range s.history.Records() {
		switch {
		case r.Op == chaos.Strike && r.Note == fault:
			during = r.Phase == chaos.Invoked
		case r.Op == chaos.Open && during:
			opened++
		}
	}
	return opened
}
