package main_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/cmd/parley/parleytest"
)

// patience is how long a condition may take. It is only ever used up by a
// program that does not work.
const patience = 30 * time.Second

var (
	buildFlags []string
	binary     string
)

// wrappers is what this binary does instead of running tests, if it is told so by
// its first argument: it starts the program in other surroundings.
var wrappers = map[string]func(program []string) error{}

// TestMain builds the program once; the tests run what ships.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && wrappers[os.Args[1]] != nil {
		fmt.Fprintln(os.Stderr, wrappers[os.Args[1]](os.Args[2:])) // or it is the program by now
		os.Exit(1)
	}
	os.Exit(parleytest.Run(m, &binary, buildFlags...))
}

// process is the program, running.
type process struct {
	command  *exec.Cmd
	out, err *parleytest.Writings
	ended    chan struct{}
}

// start runs the program in a folder. It knows nothing of the environment of the
// tests but PATH.
func start(t testing.TB, folder string, environ []string, args ...string) *process {
	t.Helper()
	return startAs(t, folder, environ, binary, args...)
}

func startAs(t testing.TB, folder string, environ []string, program string, args ...string) *process {
	t.Helper()
	p := &process{command: exec.Command(program, args...), out: &parleytest.Writings{}, err: &parleytest.Writings{}, ended: make(chan struct{})}
	p.command.Dir = folder
	p.command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()}, environ...)
	p.command.Stdout, p.command.Stderr = p.out, p.err
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.command.Wait() // the exit code says it
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.command.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("parley %s wrote:\n%s%s", strings.Join(args, " "), p.out, p.err)
		}
	})
	return p
}

// code waits for the end and returns the exit code.
func (p *process) code(t testing.TB) int {
	t.Helper()
	select {
	case <-p.ended:
		return p.command.ProcessState.ExitCode()
	case <-time.After(patience):
		t.Fatal("the program does not end")
		return 0
	}
}

// run runs the program to its end.
func run(t testing.TB, folder string, environ []string, args ...string) (code int, out, err string) {
	t.Helper()
	p := start(t, folder, environ, args...)
	code = p.code(t)
	return code, p.out.String(), p.err.String()
}

// server is the program, serving.
type server struct {
	*process
	url string
}

var (
	scheme  = regexp.MustCompile(`Parley serves (https?)://`)
	address = regexp.MustCompile(`address"?[=:]"?([0-9.:]+)`) // in either format of the log
)

// serve starts the program on a free port and waits until it is ready.
func serve(t testing.TB, folder string, environ ...string) *server {
	t.Helper()
	return serveAs(t, folder, environ, binary, "serve")
}

func serveAs(t testing.TB, folder string, environ []string, program string, args ...string) *server {
	t.Helper()
	p := startAs(t, folder, append([]string{"PARLEY_LISTEN=127.0.0.1:0"}, environ...), program, args...)
	s := &server{process: p}
	await(t, "the program says where it serves", func() bool {
		select {
		case <-p.ended:
			t.Fatalf("the program ended: %s", p.err)
		default:
		}
		how, where := scheme.FindStringSubmatch(p.out.String()), address.FindStringSubmatch(p.err.String())
		if how == nil || where == nil {
			return false
		}
		s.url = how[1] + "://" + where[1]
		return true
	})
	return s
}

// end asks the program to end, and returns how long that took.
func (s *server) end(t testing.TB) (code int, took time.Duration) {
	t.Helper()
	asked := time.Now()
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	code = s.code(t)
	return code, time.Since(asked)
}

func await(t testing.TB, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}
