package chaos_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"parley/adapters/bunstore/bunstoretest"
	"parley/chaos"
)

func TestARestoredBackupIsToldToWhoeverKnowsMoreOnSQLite(t *testing.T) {
	t.Parallel() // most of it is waiting
	for range restorings {
		restoring(t, newScene(t, nil, 1, 4), sqliteBackup)
	}
}

// The nodes live on while their database becomes another one.
func TestARestoredBackupIsToldToWhoeverKnowsMoreOnPostgres(t *testing.T) {
	t.Parallel() // most of it is waiting
	for range restorings {
		restoring(t, newScene(t, bunstoretest.OwnCluster(t), 2, 4), postgresBackup)
	}
}

// restoring takes a backup while people talk, and restores it a while later while
// they go on. Two of them listen all the time; one has been away since before the
// backup; one goes with what is lost, and comes back when its places in the log
// are in use again.
func restoring(t *testing.T, s *scene, backup func(*scene) (restore func())) {
	t.Helper()
	gone, late := s.people[2], s.people[3]
	stopListening := s.listeningAnew(s.people[:2]...)
	stopGone, stopLate := s.listeningAnew(gone), s.listeningAnew(late)
	stopTalking := s.talking(20*time.Millisecond, s.people[:2]...)
	s.acked(50)
	stopGone()
	var restore func()
	s.struck(chaos.BackUp, func() { restore = backup(s) })
	s.acked(50)
	await(t, "everybody hears something that is to be lost", func() bool { return s.heardByAll(late, s.people[0], s.people[1]) })
	stopLate()
	s.acked(20)
	s.struck(chaos.Restore, restore)
	s.awaitReady(t)
	s.acked(150) // more than were lost
	stopReturned := s.listeningAnew(gone, late)
	s.acked(20)
	stopTalking()
	healed := time.Now()
	final := readAll(t, s.people[0], s.where)
	for deadline := healed.Add(recovery); len(named(t, "R3").Judge(s.history.Records(), final)) > 0 && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond) // what is wrong in the end is for the judge
	}
	took := time.Since(healed)
	stopReturned()
	stopListening()

	h := s.history.Records()
	lost, misled, resets := chaos.Lost(h, final), chaos.Misled(h, final), 0
	for range chaos.Those(h, chaos.Reset, chaos.Noted) {
		resets++
	}
	if misled[gone.name] || len(misled) != 3 {
		t.Errorf("%v have heard what is lost, want all but %s", misled, gone.name)
	}
	row{fault: "a backup restored", struck: min(lost, 1), recovery: took,
		figures: fmt.Sprintf("%d acknowledged after the backup and gone with it, %d streams reset", lost, resets)}.
		judged(t, chaos.Restored, h, final).say(t)
}

func named(t *testing.T, name string) chaos.Invariant {
	t.Helper()
	for _, invariant := range chaos.Restored {
		if invariant.Name == name {
			return invariant
		}
	}
	t.Fatalf("there is no invariant %s", name)
	return chaos.Invariant{}
}

// heardByAll reports whether each of those has heard something that was begun
// after the backup.
func (s *scene) heardByAll(those ...*bot) bool {
	since, heard := make(map[string]bool), make(map[string]bool)
	backedUp := false
	for _, r := range s.history.Records() {
		switch {
		case r.Op == chaos.Strike && r.Note == chaos.BackUp && r.Phase == chaos.OK:
			backedUp = true
		case r.Op == chaos.Send && r.Phase == chaos.Invoked:
			since[r.Key] = backedUp
		case r.Op == chaos.Hear && since[r.Key]:
			heard[r.Client] = true
		}
	}
	for _, b := range those {
		if !heard[b.name] {
			return false
		}
	}
	return true
}

// sqliteBackup takes a backup as an operator does while the program runs. It is
// restored while the program is down.
func sqliteBackup(s *scene) (restore func()) {
	s.t.Helper()
	file, backup := s.file(), filepath.Join(s.t.TempDir(), "backup.db")
	onFile(s.t, file, func(db *sql.DB) error {
		_, err := db.ExecContext(s.t.Context(), "VACUUM INTO ?", backup)
		return err
	})
	return func() {
		node := s.nodes[0]
		node.kill()
		for _, old := range []string{file + "-wal", file + "-shm"} {
			if err := os.Remove(old); err != nil {
				s.t.Fatal(err)
			}
		}
		command(s.t, "cp", backup, file)
		node.start(s.t)
	}
}

// onFile does something with a SQLite file as a program of somebody else does.
func onFile(t *testing.T, file string, do func(*sql.DB) error) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)")
	if err == nil {
		err = errors.Join(do(db), db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// postgresBackup copies the data of the server that is down, and puts the copy
// back in the same way.
func postgresBackup(s *scene) (restore func()) {
	s.t.Helper()
	data := s.cluster.Data()
	backup := filepath.Join(filepath.Dir(data), "backup")
	s.cluster.Crash(s.t)
	command(s.t, "cp", "-a", data, backup)
	s.cluster.Start(s.t)
	return func() {
		s.cluster.Crash(s.t)
		command(s.t, "rm", "-rf", data)
		command(s.t, "mv", backup, data)
		s.cluster.Start(s.t)
	}
}

// command runs a command to its end.
func command(t *testing.T, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), recovery)
	defer cancel()
	if said, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, said)
	}
}
