package chaos_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"parley/chaos"
)

const (
	// freedWithin is how long the program may hold the stream of somebody who has
	// vanished.
	freedWithin = 35 * time.Second
	// deaf is how long these clients hear nothing before they come again: 45 s in
	// earnest, where something is written every 15 s at least, and here people talk
	// all the time.
	deaf = 3 * time.Second
)

// A client whose machine loses its power says no farewell, and acknowledges
// nothing any more.
func TestWhoVanishesWithoutAWordIsLetGoAndMissesNothing(t *testing.T) {
	t.Parallel() // it waits
	s := newScene(t, nil, 1, 5)
	vanishing, talking := s.people[:3], s.people[3:]
	wired := make([]*wires, len(vanishing))
	for i, b := range vanishing {
		wired[i] = own(t, b, s.nodes[0].address)
	}
	stopListening := s.listening(s.people...)
	stopTalking := s.talking(50*time.Millisecond, talking...)
	s.acked(50)
	var gone []string
	s.struck("clients vanish without a word", func() {
		for _, l := range wired {
			gone = append(gone, l.vanish(t)...)
		}
	})
	vanished := time.Now()
	if held := s.nodes[0].holds(t, gone); held != len(gone) || held < len(vanishing) {
		t.Fatalf("the program holds %d of %d connections, want all of them, at least %d", held, len(gone), len(vanishing))
	}
	back := s.awaitBack(vanishing)
	s.acked(50)
	for deadline := vanished.Add(freedWithin + 5*time.Second); s.nodes[0].holds(t, gone) > 0 && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	freed := time.Since(vanished)
	if freed > freedWithin {
		t.Errorf("the program has let go after %v, want %v", freed, freedWithin)
	}
	stopTalking()
	final := s.settle(s.people...)
	stopListening()
	s.verdict(chaos.Invariants, final, fmt.Sprintf("%d connections vanished, let go after %v; those who had them were back after %v",
		len(gone), freed.Round(time.Millisecond), back.Round(time.Millisecond)))
}

// awaitBack waits until each of those has come back, by themselves, and heard
// something.
func (s *scene) awaitBack(those []*bot) (took time.Duration) {
	s.t.Helper()
	begun, before := time.Now(), s.history.Records()
	await(s.t, "those who have vanished come back", func() bool {
		back, streams := make(map[string]bool), make(map[string]int)
		for i, r := range s.history.Records() {
			if r.Op == chaos.Open {
				streams[r.Client] = r.Conn
			}
			if i >= len(before) && r.Op == chaos.Hear && r.Conn == streams[r.Client] && r.Conn > 1 {
				back[r.Client] = true
			}
		}
		for _, b := range those {
			if !back[b.name] {
				return false
			}
		}
		return true
	})
	return time.Since(begun)
}

// wires are somebody's own connections to a node, past its gate, which can
// vanish.
type wires struct {
	mu   sync.Mutex
	open map[*wire]bool
}

// wire is a connection that hears nothing for so long at most. One that has
// vanished is not closed, for that would be a farewell, before the test ends.
type wire struct {
	*net.TCPConn

	of       *wires
	vanished bool
}

// own lets somebody connect to a node by themselves.
func own(t *testing.T, b *bot, address string) *wires {
	t.Helper()
	l := &wires{open: make(map[*wire]bool)}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		conn, err := (&net.Dialer{KeepAlive: -1}).DialContext(ctx, "tcp", address)
		if err != nil {
			return nil, err
		}
		tcp, _ := conn.(*net.TCPConn)
		made := &wire{TCPConn: tcp, of: l}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.open[made] = true
		return made, nil
	}}
	b.client = &http.Client{Transport: transport}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		l.mu.Lock()
		defer l.mu.Unlock()
		for conn := range l.open {
			_ = conn.TCPConn.Close()
		}
	})
	return l
}

func (l *wire) Read(into []byte) (int, error) {
	if err := l.SetReadDeadline(time.Now().Add(deaf)); err != nil {
		return 0, err
	}
	return l.TCPConn.Read(into)
}

func (l *wire) Close() error {
	l.of.mu.Lock()
	defer l.of.mu.Unlock()
	if l.vanished {
		return nil
	}
	delete(l.of.open, l)
	return l.TCPConn.Close()
}

// vanish lets all open connections vanish: the kernel throws away whatever
// arrives for them before it is acknowledged. It returns their local ports.
func (l *wires) vanish(t *testing.T) (ports []string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	const returnNothing = unix.BPF_RET | unix.BPF_K // the whole filter: accept no byte
	program := unix.SockFprog{Len: 1, Filter: &unix.SockFilter{Code: returnNothing}}
	for conn := range l.open {
		raw, err := conn.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		var refused error
		if err := raw.Control(func(fd uintptr) {
			refused = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &program)
		}); err != nil || refused != nil {
			t.Fatalf("let a connection vanish: %v %v", err, refused)
		}
		conn.vanished = true
		_, port, _ := net.SplitHostPort(conn.LocalAddr().String())
		ports = append(ports, port)
	}
	return ports
}

// holds counts the connections from these ports that the process has open, as the
// kernel knows it.
func (n *node) holds(t *testing.T, ports []string) (held int) {
	t.Helper()
	from := make(map[string]bool)
	for _, port := range ports {
		from[port] = true
	}
	owned := n.sockets(t)
	table, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	_, listening, _ := net.SplitHostPort(n.address)
	for _, entry := range strings.Split(string(table), "\n")[1:] {
		fields := strings.Fields(entry)
		if len(fields) > 9 && portOf(fields[1]) == listening && from[portOf(fields[2])] && owned[fields[9]] {
			held++
		}
	}
	return held
}

// portOf reads the port of an address such as 0100007F:1F90.
func portOf(address string) string {
	_, text, _ := strings.Cut(address, ":")
	port, _ := strconv.ParseUint(text, 16, 16)
	return strconv.FormatUint(port, 10)
}

// sockets are the inodes of the sockets that the process has open.
func (n *node) sockets(t *testing.T) map[string]bool {
	t.Helper()
	open, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", n.pid()))
	if err != nil || len(open) == 0 {
		t.Fatalf("the descriptors of the node: %v (%v)", open, err)
	}
	owned := make(map[string]bool)
	for _, path := range open {
		target, err := os.Readlink(path)
		if inode, is := strings.CutPrefix(target, "socket:["); is && err == nil {
			owned[strings.TrimSuffix(inode, "]")] = true
		}
	}
	return owned
}
