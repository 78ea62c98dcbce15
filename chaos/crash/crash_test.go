//go:build unix

package crash_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/chaos/crash"
)

// TestMain is a program that passes a point five times, in a process that is to
// be struck; else it runs the tests.
func TestMain(m *testing.M) {
	switch os.Getenv("PASSES") {
	case "":
		os.Exit(m.Run())
	case "points":
		for n := range 5 {
			crash.At("point")
			crash.At("another")
			_, _ = fmt.Fprintln(os.Stdout, n+1)
		}
	case "answers":
		answers()
	case "together":
		for range 5 {
			go crash.Now()
		}
		select {}
	}
}

// passing runs that program and returns what it wrote, and the notes.
func passing(t *testing.T, what string, env ...string) (said, notes string, state *os.ProcessState) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "notes")
	program := exec.CommandContext(t.Context(), self)
	program.Env = append(env, "PASSES="+what, "CRASH_NOTES="+file)
	out, err := program.Output()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	noted, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), " "), string(noted), program.ProcessState
}

func TestAProcessDiesAtTheNthPassingOfItsPoint(t *testing.T) {
	said, notes, state := passing(t, "points", "CRASH_AT=point:3")
	status, _ := state.Sys().(syscall.WaitStatus)
	if said != "1 2" || notes != "point\n" || status.Signal() != syscall.SIGKILL {
		t.Errorf("it wrote %q and %q and ended with %v", said, notes, state)
	}
}

func TestAProcessThatIsNotToBeStruckPasses(t *testing.T) {
	for _, at := range []string{"", "CRASH_AT=point:6", "CRASH_AT=elsewhere:1"} {
		if said, notes, state := passing(t, "points", at); said != "1 2 3 4 5" || notes != "" || !state.Success() {
			t.Errorf("with %q it wrote %q and %q and ended with %v", at, said, notes, state)
		}
	}
}

func TestAProcessThatIsStruckTogetherIsStruckOnce(t *testing.T) {
	if _, notes, state := passing(t, "together", "CRASH_AT=point:1", "CRASH_LINGER=20ms"); notes != "point\n" || state.Success() {
		t.Errorf("it wrote %q and ended with %v", notes, state)
	}
}

func TestAPlanThatCannotBeReadEndsTheProcess(t *testing.T) {
	for _, env := range [][]string{
		{"CRASH_AT=point"}, {"CRASH_AT=point:0"}, {"CRASH_AT=:1"},
		{"CRASH_AT=point:1", "CRASH_BY=magic"}, {"CRASH_AT=point:1", "CRASH_LINGER=long"},
	} {
		if said, _, state := passing(t, "points", env...); said != "" || state.Success() {
			t.Errorf("with %q it wrote %q and ended with %v", env, said, state)
		}
	}
}

func TestAStalledProcessWaitsEachTime(t *testing.T) {
	began := time.Now()
	said, _, state := passing(t, "points", "CRASH_AT=point:2", "CRASH_BY=stall", "CRASH_LINGER=50ms")
	if took := time.Since(began); said != "1 2 3 4 5" || !state.Success() || took < 4*50*time.Millisecond {
		t.Errorf("it wrote %q and ended with %v after %v", said, state, took)
	}
}

func TestAStoppedProcessGoesOnWhereItWas(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	program := exec.CommandContext(t.Context(), self)
	program.Env = []string{"PASSES=points", "CRASH_AT=point:2", "CRASH_BY=stop"}
	program.Stdout = &out
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(program.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Fatalf("it is not stopped: %v, %v", status, err)
	}
	if err := program.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := program.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(strings.Fields(out.String()), " "); got != "1 2 3 4 5" {
		t.Errorf("it wrote %q", got)
	}
}

// answers serves messages 1, 2 and so on, writes what it was answered, and hands
// out each of them a little later, if it is not held.
func answers() {
	said := 0
	server := httptest.NewServer(crash.Answers("point", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		said++
		w.Header().Set("Location", fmt.Sprintf("/api/messages/%d", said))
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprintf(w, "said %d", said)
	})))
	defer server.Close()
	for n := 1; n <= 5; n++ {
		answer, err := http.Post(server.URL+"/api/messages", "", nil)
		if err != nil {
			return // the server is this process: it dies
		}
		_ = answer.Body.Close()
		_, _ = fmt.Fprintln(os.Stdout, answer.StatusCode, answer.ContentLength)
		go crash.Hold("point", int64(n))
		time.Sleep(20 * time.Millisecond) // so that it is held, if it is to be
	}
}

func TestAProcessDiesAfterTheAnswerToWhatItDidNotHandOut(t *testing.T) {
	said, notes, state := passing(t, "answers", "CRASH_AT=point:2")
	// Whether who asked can still write down the last answer is chance.
	if short := "201 6 201 6"; said != short && said != short+" 201 6" || notes != "point\n" || state.Success() {
		t.Errorf("it wrote %q and %q and ended with %v", said, notes, state)
	}
	if said, notes, state := passing(t, "answers"); said != "201 6 201 6 201 6 201 6 201 6" || notes != "" || !state.Success() {
		t.Errorf("without a plan it wrote %q and %q and ended with %v", said, notes, state)
	}
}
