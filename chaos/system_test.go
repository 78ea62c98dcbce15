package chaos_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/adapters/bunstore/bunstoretest"
	"parley/cmd/parley/parleytest"
)

// binary is the program as it ships.
var binary string

func TestMain(m *testing.M) { os.Exit(parleytest.Run(m, &binary)) }

// recovery is how long anything may take to come back. It is only ever used up
// by a program that does not.
const recovery = 30 * time.Second

// system is the program as it runs in earnest: one process on SQLite, or several
// on one PostgreSQL, each behind a gate that the network can break.
type system struct {
	cluster  *bunstoretest.Cluster // nil on SQLite
	folder   string                // of the keys, and of the database on SQLite
	database string
	nodes    []*node
}

// setup is how the program is started, where that is not usual.
type setup struct {
	program  string   // a variant; empty: the program as it ships
	folder   string   // of its files; empty: a new one
	settings []string // beside the usual ones
	crash    []string // where it is to be struck
}

// start starts the program with as many nodes.
func start(t *testing.T, cluster *bunstoretest.Cluster, nodes int) *system {
	t.Helper()
	return startAs(t, setup{}, cluster, nodes)
}

func startAs(t *testing.T, how setup, cluster *bunstoretest.Cluster, nodes int) *system {
	t.Helper()
	if how.program == "" {
		how.program = binary
	}
	if how.folder == "" {
		how.folder = t.TempDir()
	}
	s := &system{cluster: cluster, folder: how.folder}
	if cluster != nil {
		s.database = cluster.Database(t)
	}
	for range nodes {
		n := &node{binary: how.program, crash: how.crash, address: parleytest.FreeAddress(t)}
		n.gate = newGate(t, n.address)
		s.nodes = append(s.nodes, n)
	}
	for _, n := range s.nodes {
		n.env = []string{
			"PATH=" + os.Getenv("PATH"), "PARLEY_LISTEN=" + n.address, "PARLEY_PUBLIC_URL=" + s.nodes[0].gate.url(),
			"PARLEY_DATA_DIR=" + s.folder, "DATABASE_URL=" + s.database, "PARLEY_RATE_MESSAGES=0", "PARLEY_LOG_LEVEL=debug",
		}
		n.env = append(n.env, how.settings...)
		n.start(t)
	}
	t.Cleanup(func() {
		for _, n := range s.nodes {
			n.kill()
			if t.Failed() {
				t.Logf("the node at %s wrote:\n%s", n.address, n.said())
			}
		}
	})
	s.awaitReady(t)
	return s
}

// file is the database on SQLite.
func (s *system) file() string { return filepath.Join(s.folder, "parley.db") }

// awaitReady waits until every node welcomes requests. One that refused to start,
// because the database was away just then, is started again, as a supervisor
// does.
func (s *system) awaitReady(t *testing.T) {
	t.Helper()
	for _, n := range s.nodes {
		deadline := time.Now().Add(recovery)
		for !n.ready(t.Context()) {
			if time.Now().After(deadline) {
				t.Fatalf("the node at %s does not become ready", n.address)
			}
			select {
			case <-n.ended:
				n.start(t)
			default:
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// node is one process.
type node struct {
	binary  string
	address string
	env     []string
	crash   []string // told beside env to the next process: where it is to be struck
	gate    *gate

	mu      sync.Mutex
	process *exec.Cmd
	ended   chan struct{}
	log     log
}

func (n *node) start(t *testing.T) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.process = exec.Command(n.binary, "serve")
	n.process.Env = slices.Concat(n.env, n.crash)
	if n.log.path == "" {
		n.log.path = filepath.Join(t.TempDir(), "log")
	}
	file, err := os.OpenFile(n.log.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // the process has it
	n.process.Stderr = file
	if err := n.process.Start(); err != nil {
		t.Fatal(err)
	}
	ended, process := make(chan struct{}), n.process
	n.ended = ended
	go func() {
		_ = process.Wait() // how it ended is up to who ended it
		close(ended)
	}()
}

// signal sends a signal to the process.
func (n *node) signal(s syscall.Signal) {
	n.mu.Lock()
	defer n.mu.Unlock()
	_ = n.process.Process.Signal(s) // it may be gone already
}

// kill ends the process at once, in whatever it is doing.
func (n *node) kill() {
	n.signal(syscall.SIGKILL)
	<-n.ended
}

func (n *node) pid() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.process.Process.Pid
}

func (n *node) ready(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.address+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// said is the end of what the node has written, over its restarts.
func (n *node) said() string { return n.log.end() }
