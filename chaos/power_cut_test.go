//go:build linux && chaos

package chaos_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"parley/chaos"
)

func TestAPowerCutLosesNothingThatWasAcknowledgedOnSQLite(t *testing.T) {
	d := imageDisk(t, filepath.Join(t.TempDir(), "disk"), "64M")
	s := sceneOn(t, startAs(t, setup{folder: d.at}, nil, 1), 5)
	final, recovered := s.powerCuts(d, powerCuts)
	s.verdict(chaos.Invariants, final, fmt.Sprintf("ready again %v after the power was back", recovered.Round(time.Millisecond)))
}

func TestAPowerCutLosesNothingThatWasAcknowledgedOnPostgres(t *testing.T) {
	cluster, d := clusterOn(t, ".", func(at string) *disk { return imageDisk(t, at, "256M") })
	s := newScene(t, cluster, 2, 5)
	final, recovered := s.powerCuts(d, powerCuts)
	s.verdict(chaos.Invariants, final, fmt.Sprintf("ready again %v after the power was back", recovered.Round(time.Millisecond)))
}

// powerCuts cuts the power as often while people talk, and lets everything start
// again on what was left. It returns the longest time that this took.
func (s *scene) powerCuts(d *disk, times int) (final chaos.Final, longest time.Duration) {
	s.t.Helper()
	stopListening := s.listening(s.people...)
	stopTalking := s.talking(10*time.Millisecond, s.people...)
	for range times {
		s.acked(30)
		s.struck("cut the power", func() {
			s.everyProcess(syscall.SIGSTOP)
			d.cutPower(s.t, func() { s.everyProcess(syscall.SIGKILL); s.awaitEnds() })
		})
		back := time.Now()
		if s.cluster != nil {
			// After a real cut, no process has the number in it.
			if err := os.Remove(filepath.Join(s.cluster.Data(), "postmaster.pid")); err != nil {
				s.t.Fatal(err)
			}
			s.cluster.Start(s.t)
		}
		for _, n := range s.nodes {
			n.start(s.t)
		}
		s.awaitReady(s.t)
		longest = max(longest, time.Since(back))
	}
	s.acked(30)
	stopTalking()
	final = s.settle(s.people...)
	stopListening()
	return final, longest
}

// everyProcess sends a signal to all that write: the nodes, and the database's
// server with all its processes.
func (s *scene) everyProcess(signal syscall.Signal) {
	for _, n := range s.nodes {
		n.signal(signal)
	}
	for _, pid := range s.servers() {
		_ = syscall.Kill(pid, signal) // it may be gone already
	}
}

// awaitEnds waits until nobody has a file open any more.
func (s *scene) awaitEnds() {
	s.t.Helper()
	for _, n := range s.nodes {
		<-n.ended
	}
	await(s.t, "the server has ended", func() bool { return len(s.servers()) == 0 })
}

// servers are the processes of the database's server that live.
func (s *scene) servers() (pids []int) {
	s.t.Helper()
	if s.cluster == nil {
		return nil
	}
	all, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		s.t.Fatal(err)
	}
	data, err := filepath.EvalSymlinks(s.cluster.Data())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, cwd := range all {
		if folder, err := os.Readlink(cwd); err == nil && folder == data { // where each of them works
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(cwd)))
			if err != nil {
				s.t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	return pids
}

// A rig on which nothing can be lost proves nothing. The same cut takes commits
// from a PostgreSQL that is set to answer before they are flushed.
func TestAPowerCutLosesWhatPostgresDoesNotFlush(t *testing.T) {
	cluster, d := clusterOn(t, ".", func(at string) *disk { return imageDisk(t, at, "256M") })
	if err := cluster.Do("ALTER SYSTEM SET synchronous_commit = off", "ALTER SYSTEM SET wal_writer_delay = '10s'", "SELECT pg_reload_conf()"); err != nil {
		t.Fatal(err)
	}
	lost, cuts := 0, 0
	s := sceneOn(t, startAs(t, setup{settings: []string{"PARLEY_ALLOW_UNSAFE_DATABASE=true"}}, cluster, 1), 5)
	if err := cluster.Do("CHECKPOINT"); err != nil { // who talks, and where, is to be kept
		t.Fatal(err)
	}
	for ; lost == 0 && cuts < powerCuts; cuts++ {
		final, _ := s.powerCuts(d, 1)
		lost = chaos.Lost(s.history.Records(), final)
	}
	t.Logf("%d acknowledged sends were lost in %d power cuts, as they should be", lost, cuts)
	if lost == 0 {
		t.Errorf("nothing was lost in %d power cuts: this rig cannot show a loss", cuts)
	}
}

// And from a SQLite that does not flush: 0 with it, some without.
func TestAPowerCutLosesWhatSQLiteDoesNotFlush(t *testing.T) {
	for synchronous, wantLost := range map[string]bool{"FULL": false, "OFF": true} {
		d := imageDisk(t, filepath.Join(t.TempDir(), "disk"), "64M")
		file := filepath.Join(d.at, "direct.db")
		db := directly(t, file, synchronous)
		const written = 200
		for n := range written {
			if _, err := db.ExecContext(t.Context(), "INSERT INTO said VALUES (?)", n); err != nil {
				t.Fatal(err)
			}
		}
		d.cutPower(t, func() { _ = db.Close() })
		db = directly(t, file, "FULL")
		var there int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM said").Scan(&there); err != nil {
			t.Fatal(err)
		}
		_ = db.Close()
		t.Logf("synchronous=%s: %d of %d commits are there after a power cut", synchronous, there, written)
		if lost := there < written; lost != wantLost {
			t.Errorf("synchronous=%s: %d of %d commits are there, want some lost: %v", synchronous, there, written, wantLost)
		}
	}
}

// directly opens a file as the program does, but for how it flushes.
func directly(t *testing.T, file, synchronous string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)&_pragma="+fmt.Sprintf("synchronous(%s)", synchronous))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE IF NOT EXISTS said (n INTEGER)"); err != nil {
		t.Fatal(err)
	}
	return db
}
