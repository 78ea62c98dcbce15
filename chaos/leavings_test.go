package chaos_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/chaos"
)

// leavings judges what is left of a run when everybody has gone: what the nodes
// hold, and what they have written. It ends them.
func (s *system) leavings(t *testing.T, people []*bot, before []chaos.Footprint) (found []chaos.Violation) {
	t.Helper()
	secrets := []string{canary, "eyJ"} // how every token begins
	for _, b := range people {
		b.client.CloseIdleConnections()
		if b.direct != nil {
			b.direct.CloseIdleConnections()
		}
		secrets = append(secrets, b.secrets...)
	}
	http.DefaultClient.CloseIdleConnections()
	for i, n := range s.nodes {
		note := func(kind chaos.Kind, what string) {
			found = append(found, chaos.Violation{Invariant: "I11", Breach: chaos.Breach{Kind: kind, What: fmt.Sprintf("node %d: %s", i+1, what)}})
		}
		written, err := n.betrayals(secrets)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range written {
			note(chaos.Leak, line)
		}
		for _, more := range n.settles(t, before[i]) {
			note(chaos.Growth, more)
		}
		old := n.goroutines(t)
		n.start(t)
		s.awaitReady(t)
		http.DefaultClient.CloseIdleConnections()
		for _, more := range chaos.Grown(chaos.Footprint{Goroutines: n.goroutines(t)}, chaos.Footprint{Goroutines: old}) {
			note(chaos.Growth, more)
		}
		n.start(t)
	}
	return found
}

// footprints is what each node holds.
func (s *system) footprints(t *testing.T) (all []chaos.Footprint) {
	t.Helper()
	for _, n := range s.nodes {
		all = append(all, n.footprint(t))
	}
	return all
}

// footprint reads what the process holds, but for its goroutines.
func (n *node) footprint(t *testing.T) (f chaos.Footprint) {
	t.Helper()
	folder := fmt.Sprintf("/proc/%d", n.pid())
	open, err := os.ReadDir(folder + "/fd")
	if err != nil {
		t.Fatalf("what a process holds is read from /proc, as Linux has it: %v", err)
	}
	status, err := os.ReadFile(folder + "/status")
	if err != nil {
		t.Fatal(err)
	}
	number := func(field string) int64 {
		found := regexp.MustCompile(`(?m)^` + field + `:\s+(\d+)`).FindSubmatch(status)
		if found == nil {
			t.Fatalf("%s/status has no %s", folder, field)
		}
		value, err := strconv.ParseInt(string(found[1]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	return chaos.Footprint{Descriptors: len(open), Threads: int(number("Threads")), Memory: number("VmRSS") << 10}
}

// settles waits until the process holds no more than before, and says what it
// still holds if it does not let go of it.
func (n *node) settles(t *testing.T, before chaos.Footprint) (grown []string) {
	t.Helper()
	for deadline := time.Now().Add(recovery); ; time.Sleep(100 * time.Millisecond) {
		now := n.footprint(t)
		if grown = chaos.Grown(before, now); len(grown) == 0 || time.Now().After(deadline) {
			t.Logf("the node at %s holds %d descriptors, %d threads and %d MiB; at first %d, %d and %d",
				n.address, now.Descriptors, now.Threads, now.Memory>>20, before.Descriptors, before.Threads, before.Memory>>20)
			return grown
		}
	}
}

// goroutines ends the process in the way that makes it write down what each of its
// goroutines does, and counts them.
func (n *node) goroutines(t *testing.T) (many int) {
	t.Helper()
	from := n.log.size(t)
	n.signal(syscall.SIGQUIT)
	<-n.ended
	dump := n.log.cut(t, from)
	many = len(regexp.MustCompile(`(?m)^goroutine \d+ .*\[`).FindAllString(dump, -1))
	if many == 0 {
		t.Fatalf("the process wrote no goroutines down:\n%s", dump)
	}
	return many
}

// betrayals reads all that the node has written.
func (n *node) betrayals(secrets []string) ([]string, error) {
	file, err := os.Open(n.log.path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return chaos.Betrayals(file, secrets)
}

// log is all that a node writes, over its restarts.
type log struct{ path string }

func (l log) size(t *testing.T) int64 {
	t.Helper()
	info, err := os.Stat(l.path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// cut takes away what was written since, and returns it.
func (l log) cut(t *testing.T, from int64) string {
	t.Helper()
	text, err := os.ReadFile(l.path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(l.path, from); err != nil {
		t.Fatal(err)
	}
	return string(text[from:])
}

// mostSaid is how much of a log people are shown.
const mostSaid = 16 << 10

// end is the end of the log.
func (l log) end() string {
	text, err := os.ReadFile(l.path)
	if err != nil {
		return err.Error()
	}
	if len(text) > mostSaid {
		text = text[len(text)-mostSaid:]
	}
	return strings.ToValidUTF8(string(text), "?")
}
