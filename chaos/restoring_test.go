package chaos_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"parley/chaos"
)

// restoring takes a backup while people talk, and restores it a while later while
// they go on. Two of them listen all the time; one has been away since before the
// backup; one goes with what is lost, and comes back when its places in the log
// are in use again. It returns what there is in the end.
func (s *scene) restoring(backup func(*scene) (restore func())) chaos.Final {
	s.t.Helper()
	gone, late := s.people[2], s.people[3]
	stopListening := s.listening(s.people[:2]...)
	stopGone, stopLate := s.listening(gone), s.listening(late)
	stopTalking := s.talking(20*time.Millisecond, s.people[:2]...)
	s.acked(50)
	stopGone()
	var restore func()
	s.struck(chaos.BackUp, func() { restore = backup(s) })
	s.acked(50)
	await(s.t, "everybody hears something that is to be lost", func() bool { return s.heardByAll(late, s.people[0], s.people[1]) })
	stopLate()
	s.acked(20)
	s.struck(chaos.Restore, restore)
	s.awaitReady(s.t)
	s.acked(150) // more than were lost
	stopReturned := s.listening(gone, late)
	s.acked(20)
	stopTalking()
	final := readAll(s.t, s.people[0], s.where)
	for deadline := time.Now().Add(s.patient); !s.known(final) && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	stopReturned()
	stopListening()
	if misled := chaos.Misled(s.history.Records(), final); misled[gone.name] || len(misled) != 3 {
		s.t.Errorf("%v have heard what is lost, want all but %s", misled, gone.name)
	}
	return final
}

// known reports whether everybody knows what there is.
func (s *scene) known(final chaos.Final) bool {
	return len(chaos.JudgeBy(chaos.Restored[len(chaos.Restored)-1:], s.history.Records(), final)) == 0
}

// heardByAll reports whether each of those has heard something that was begun
// after the last backup.
func (s *scene) heardByAll(those ...*bot) bool {
	since, heard := make(map[string]bool), make(map[string]bool)
	for _, r := range s.history.Records() {
		switch {
		case r.Op == chaos.Strike && r.Note == chaos.BackUp && r.Phase == chaos.OK:
			clear(since)
			clear(heard)
		case r.Op == chaos.Send && r.Phase == chaos.Invoked:
			since[r.Key] = true
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

// command runs a command to its end.
func command(t *testing.T, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), recovery)
	defer cancel()
	if said, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, said)
	}
}
