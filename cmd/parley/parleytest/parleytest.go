// Package parleytest has what tests need that start the program as it ships.
package parleytest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Run builds the program once, says in program where it is, runs the tests and
// takes the program away again. It returns the exit code for TestMain. Flags are
// those of go build.
func Run(tests *testing.M, program *string, flags ...string) (code int) {
	folder, err := os.MkdirTemp("", "parley-program")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	*program = filepath.Join(folder, "parley")
	build := exec.Command("go", append(append([]string{"build"}, flags...), "-o", *program, "parley/cmd/parley")...)
	if said, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build parley: %v\n%s", err, said)
		return 1
	}
	return tests.Run()
}

// FreeAddress is an address of loopback that was free a moment ago.
func FreeAddress(tb testing.TB) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// Writings collects what a process writes, and may be read while it runs.
type Writings struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *Writings) Write(more []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(more)
}

func (w *Writings) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// Lines are those that are whole, without their ends; the last is empty.
func (w *Writings) Lines() []string {
	text := w.String()
	return strings.Split(text[:strings.LastIndex(text, "\n")+1], "\n")
}
