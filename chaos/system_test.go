package chaos_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"parley/adapters/bunstore/bunstoretest"
)

// binary is the program as it ships.
var binary string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	folder, err := os.MkdirTemp("", "parley-chaos")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	binary = filepath.Join(folder, "parley")
	if said, err := exec.Command("go", "build", "-o", binary, "parley/cmd/parley").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build parley: %v\n%s", err, said)
		return 1
	}
	return m.Run()
}

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

// start starts the program with as many nodes.
func start(t *testing.T, cluster *bunstoretest.Cluster, nodes int) *system {
	t.Helper()
	return startIn(t, t.TempDir(), cluster, nodes)
}

// startIn starts the program with its files in a folder, and with further
// settings.
func startIn(t *testing.T, folder string, cluster *bunstoretest.Cluster, nodes int, settings ...string) *system {
	t.Helper()
	s := &system{cluster: cluster, folder: folder}
	if cluster != nil {
		s.database = cluster.Database(t)
	}
	for range nodes {
		n := &node{address: freeAddress(t)}
		n.gate = newGate(t, n.address)
		s.nodes = append(s.nodes, n)
	}
	for _, n := range s.nodes {
		n.env = []string{
			"PATH=" + os.Getenv("PATH"), "PARLEY_LISTEN=" + n.address, "PARLEY_PUBLIC_URL=" + s.nodes[0].gate.url(),
			"PARLEY_DATA_DIR=" + folder, "DATABASE_URL=" + s.database, "PARLEY_RATE_MESSAGES=0", "PARLEY_LOG_LEVEL=warn",
		}
		n.env = append(n.env, settings...)
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
	address string
	env     []string
	gate    *gate

	mu      sync.Mutex
	process *exec.Cmd
	ended   chan struct{}
	written strings.Builder
}

func (n *node) start(t *testing.T) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.process = exec.Command(binary, "serve")
	n.process.Env = n.env
	n.process.Stderr = &lockedWriter{n}
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

// lockedWriter keeps the end of what a node writes, over its restarts.
type lockedWriter struct{ *node }

const mostSaid = 16 << 10

func (w *lockedWriter) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.written.Len() < mostSaid {
		w.written.Write(text)
	}
	return len(text), nil
}

func (n *node) said() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.written.String()
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// gate is the network before a node.
type gate struct{ *toxiproxy.Proxy }

func newGate(t *testing.T, upstream string) *gate {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "gate", freeAddress(t), upstream)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	return &gate{proxy}
}

func (g *gate) url() string { return "http://" + g.Listen }

// break_ puts a toxic on the gate until heal is called.
func (g *gate) spoil(toxic string) (heal func(), err error) {
	made, err := g.Toxics.AddToxicJson(strings.NewReader(toxic))
	if err != nil {
		return nil, err
	}
	return func() { _ = g.Toxics.RemoveToxic(context.Background(), made.Name) }, nil
}
