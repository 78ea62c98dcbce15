//go:build unix

package bunstoretest

import (
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Cluster is a PostgreSQL server of a test's own, which loses no commit and which
// the test may break.
type Cluster struct {
	*server
	bin, dir string
}

// OwnCluster starts a server for this test alone.
func OwnCluster(tb testing.TB) *Cluster {
	tb.Helper()
	bin, err := binaries()
	if err != nil {
		tb.Fatalf("this test needs PostgreSQL's programs: %v", err)
	}
	dir, err := initialize(bin)
	if err != nil {
		tb.Fatal(err)
	}
	c := &Cluster{bin: bin, dir: dir, server: &server{template: "template_parley"}}
	c.root = url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres",
		RawQuery: url.Values{"host": {dir}, "port": {"5432"}, "sslmode": {"disable"}}.Encode()}
	c.Start(tb)
	if err := c.prepare(); err != nil {
		tb.Fatal(err)
	}
	return c
}

// Data is the folder of the server's data. While the server is down, the test may
// copy it, put a copy in its place, or move it away and leave a link.
func (c *Cluster) Data() string { return filepath.Join(c.dir, "data") }

// Database is the URL of a fresh and migrated database.
func (c *Cluster) Database(tb testing.TB) string {
	tb.Helper()
	return c.database(tb, true)
}

// Start starts the server, again if it was stopped, and returns when it answers.
func (c *Cluster) Start(tb testing.TB) {
	tb.Helper()
	if err := serve(c.dir, c.bin, nil); err != nil {
		tb.Fatal(err)
	}
	for deadline := time.Now().Add(ready); !c.answers(tb); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatalf("PostgreSQL does not answer%s", c.said())
		}
	}
}

// Crash stops the server as pg_ctl's immediate mode does: nothing is finished,
// and the next start recovers from the log. It returns when it is down, and nobody
// writes to its data any more.
func (c *Cluster) Crash(tb testing.TB) {
	tb.Helper()
	pidFile := filepath.Join(c.Data(), "postmaster.pid")
	text, err := os.ReadFile(pidFile)
	if err != nil {
		tb.Fatalf("the server is down already: %v", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		tb.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil {
		tb.Fatal(err)
	}
	for deadline := time.Now().Add(ready); c.answers(tb) || exists(pidFile); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatalf("PostgreSQL does not end%s", c.said())
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (c *Cluster) answers(tb testing.TB) bool {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), c.root.String())
	if err == nil {
		_ = conn.Close(tb.Context())
	}
	return err == nil
}

// Do runs statements as the server's owner.
func (c *Cluster) Do(statements ...string) error { return c.do(statements...) }
