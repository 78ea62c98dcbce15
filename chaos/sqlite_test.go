package chaos_test

import (
	"database/sql"
	bits "encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/chaos"
	"parley/cmd/parley/parleytest"
)

// exitRefused is the exit code of a program that refuses to start.
const exitRefused = 78

func TestASecondProgramOnTheSameFileRefusesToStart(t *testing.T) {
	t.Parallel() // it waits
	s := newScene(t, nil, 1, 4)
	first := watch(s.people[0])
	stopListening := s.listening(s.people...)
	stopTalking := s.talking(20*time.Millisecond, s.people...)
	s.acked(50)
	begun := time.Now()
	refused := 0
	s.struck("start a second program", func() {
		for range 3 {
			code, said := s.second(t)
			if code != exitRefused || strings.Count(said, "\n") != 1 || !strings.Contains(said, "in use") && !strings.Contains(said, "uses") {
				t.Errorf("the second program: exit code %d, want %d and one line that says why: %q", code, exitRefused, said)
				continue
			}
			refused++
			t.Logf("it says %q", said)
		}
	})
	ended := time.Now()
	s.acked(50)
	stopTalking()
	final := s.settle(s.people...)
	stopListening()
	got := judgeAnswers([]*witness{first}, begun, ended, false)
	got.demand(t, 2*time.Second)
	if got.refused > 0 {
		t.Errorf("the first program refused %d sends meanwhile, want it to go on as if nothing was", got.refused)
	}
	s.verdict(chaos.Invariants, final, fmt.Sprintf("refused to start %d times", refused), got.String())
}

// second starts the program once more with the files of the first.
func (s *scene) second(t *testing.T) (code int, said string) {
	t.Helper()
	second := exec.CommandContext(t.Context(), binary, "serve")
	second.Env = append(slices.Clone(s.nodes[0].env), "PARLEY_LISTEN="+parleytest.FreeAddress(t), "PARLEY_LOG_LEVEL=warn")
	second.WaitDelay = time.Second
	timer := time.AfterFunc(recovery, func() { _ = second.Process.Kill() })
	defer timer.Stop()
	text, err := second.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return second.ProcessState.ExitCode(), string(text)
}

// What was acknowledged stands in the WAL. While it is carried over into the
// database, the program may be killed at any point; and the file that tells
// readers where to look may be gone.
func TestAKillInACheckpointLosesNothing(t *testing.T) {
	t.Parallel() // most of it is waiting
	s := newScene(t, nil, 1, 8)
	stopListening := s.listening(s.people...)
	stopTalking := s.talking(4*time.Millisecond, s.people...)
	inside, deleted := 0, 0
	for deadline := time.Now().Add(2 * recovery); inside < checkpointKill && time.Now().Before(deadline); {
		s.struck("kill in a checkpoint", func() {
			s.awaitCheckpoint()
			s.nodes[0].kill()
			if s.inCheckpoint() {
				inside++
			}
			if inside%2 == 1 {
				deleted++
				s.deleteSharedMemory()
			}
			s.nodes[0].start(t)
		})
		s.awaitReady(t)
	}
	s.deleteSharedMemory() // under the program, which goes on
	s.acked(50)
	s.nodes[0].kill()
	s.nodes[0].start(t)
	s.acked(50)
	stopTalking()
	final := s.settle(s.people...)
	stopListening()
	s.checkIntegrity()
	if inside < checkpointKill {
		t.Errorf("%d kills were in a checkpoint, want %d", inside, checkpointKill)
	}
	s.verdict(chaos.Invariants, final, fmt.Sprintf("killed inside %d checkpoints; -shm deleted %d times, once under the program", inside, deleted+1))
}

// awaitCheckpoint waits until the database itself is written to, which happens in
// a checkpoint alone.
func (s *scene) awaitCheckpoint() {
	s.t.Helper()
	changed := func() time.Time {
		info, err := os.Stat(s.file())
		if err != nil {
			s.t.Fatal(err)
		}
		return info.ModTime()
	}
	before := changed()
	for deadline := time.Now().Add(recovery); changed().Equal(before); {
		if time.Now().After(deadline) {
			s.t.Fatal("there is no checkpoint")
		}
	}
}

// inCheckpoint reports whether a checkpoint was begun and not ended when the
// program was killed: the WAL's index has how far it got beside how far it was to
// get (the SQLite file format, section 4.2 of "WAL-mode File Format").
func (s *scene) inCheckpoint() bool {
	s.t.Helper()
	const carried, attempted = 96, 128
	index, err := os.ReadFile(s.file() + "-shm")
	if err != nil || len(index) < attempted+4 {
		s.t.Fatalf("the WAL's index: %d bytes, %v", len(index), err)
	}
	return bits.NativeEndian.Uint32(index[carried:]) < bits.NativeEndian.Uint32(index[attempted:])
}

func (s *scene) deleteSharedMemory() {
	s.t.Helper()
	if err := os.Remove(s.file() + "-shm"); err != nil {
		s.t.Fatal(err)
	}
}

// checkIntegrity ends the program and asks SQLite whether the file is sound.
func (s *scene) checkIntegrity() {
	s.t.Helper()
	s.nodes[0].kill()
	onFile(s.t, s.file(), func(db *sql.DB) error {
		var found string
		err := db.QueryRowContext(s.t.Context(), "PRAGMA integrity_check").Scan(&found)
		if err == nil && found != "ok" {
			err = errors.New(found)
		}
		return err
	})
}
