//go:build unix

package main_test

import (
	"context"
	"net/http"
	"syscall"
	"testing"
	"time"
)

// A node that is stopped as a whole can give back nothing: neither its own clocks
// nor a broken connection end what it holds. The database must.
func TestANodeThatIsStoppedWithTheLockStopsTheOthersForThreeSecondsAtMost(t *testing.T) {
	c := together(t, "postgres")
	talking, silence := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for talking.Err() == nil {
			_, _, _ = c.ada.ask(t, "POST", "/api/messages", map[string]any{"chatRoomId": c.room, "content": "on and on"})
		}
	}()
	defer func() { <-ended }()
	defer silence()
	c.stopWithTheLock(t)
	began := time.Now()
	status, answer, err := c.ben.ask(t, "POST", "/api/messages", map[string]any{"chatRoomId": c.room, "content": "we go on"})
	if took := time.Since(began); err != nil || status != http.StatusCreated || took > 3*time.Second {
		t.Errorf("got %d %v (%v) after %v, want it taken within 3s", status, answer, err, took)
	}
	silence()
	if err := c.one.command.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	<-ended
	c.ada.at = c.two // whose sends and listeners go on
	line := c.ben.listen(t, c.room, "")
	hear(t, line, "stream.opened")
	c.ada.say(t, c.room, "and so do I")
	var heard any
	for heard != "and so do I" {
		heard = hear(t, line, "message")["content"]
	}
}

// stopWithTheLock stops the first node again and again, until that is while it
// holds the log's lock.
func (c *cluster) stopWithTheLock(t *testing.T) {
	t.Helper()
	const held = `SELECT count(*)::text FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND datname = current_database() AND state = 'idle in transaction'`
	node := c.one.command.Process
	await(t, "the node is stopped with the lock", func() bool {
		if err := node.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		if locks, err := c.do(t.Context(), held); err != nil {
			t.Fatal(err)
		} else if locks == "1" {
			return true
		}
		if err := node.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		return false
	})
}
