package clients_test

import (
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// cutter stands between clients and the hub. It cuts the line of each client once,
// inside the block that has a certain word in it, at a byte that the client's
// query names; then it lets it come again and go on.
type cutter struct {
	url    string
	to     string
	word   string
	where  func(name string, block []byte) int // how many bytes of the block are let through
	change func(block []byte) []byte           // into as many bytes; nil: none

	mu   sync.Mutex
	cut  map[string]bool
	open sync.WaitGroup
}

// stand puts a cutter before the hub.
func stand(t *testing.T, before *hub, c *cutter) *cutter {
	t.Helper()
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.url, c.to, c.cut = "http://"+door.Addr().String(), strings.TrimPrefix(before.url, "http://"), make(map[string]bool)
	lines := make(chan net.Conn)
	c.open.Go(func() {
		for {
			line, err := door.Accept()
			if err != nil {
				close(lines)
				return
			}
			lines <- line
		}
	})
	c.open.Go(func() {
		for line := range lines {
			c.open.Go(func() { c.pass(line) })
		}
	})
	t.Cleanup(func() {
		_ = door.Close()
		c.open.Wait()
	})
	return c
}

// pass lets one request through and its answer back, until it is cut.
func (c *cutter) pass(line net.Conn) {
	defer func() { _ = line.Close() }()
	head, err := until(line, "\r\n\r\n")
	if err != nil {
		return
	}
	hub, err := net.Dial("tcp", c.to)
	if err != nil {
		return
	}
	defer func() { _ = hub.Close() }()
	if _, err := hub.Write(head); err != nil {
		return
	}
	c.open.Go(func() { // the client says no more; its end is the hub's
		_, _ = io.Copy(io.Discard, line)
		_ = hub.Close()
	})
	_, query, _ := strings.Cut(string(head), "&name=")
	name, _, _ := strings.Cut(query, " ")
	for end := "\r\n\r\n"; ; end = "\n\n" {
		block, err := until(hub, end)
		if err != nil {
			return
		}
		if c.change != nil {
			block = c.change(block)
		}
		if let, cut := c.cuts(name, block); cut {
			_, _ = line.Write(block[:let])
			return
		}
		if _, err := line.Write(block); err != nil {
			return
		}
	}
}

// cuts reports whether the line is cut in this block, and after how many bytes.
func (c *cutter) cuts(name string, block []byte) (let int, cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut[name] || !bytes.Contains(block, []byte(c.word)) {
		return 0, false
	}
	c.cut[name] = true
	begin := bytes.LastIndex(block, []byte("\r\n")) + len("\r\n") // before it stands how long the chunk is
	return begin + c.where(name, block[begin:]), true
}

// until reads to the end of what ends so.
func until(from io.Reader, end string) ([]byte, error) {
	var text []byte
	for one := make([]byte, 1); !bytes.HasSuffix(text, []byte(end)); text = append(text, one[0]) {
		if _, err := io.ReadFull(from, one); err != nil {
			return nil, err
		}
	}
	return text, nil
}
