package bunstore_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy stands between a store and its server, and can go silent as a network or
// a stopped machine does: nothing is refused, and nothing comes through.
type proxy struct {
	listener net.Listener
	network  string
	server   string // its address
	cancels  atomic.Int64
	mu       sync.Mutex
	silent   chan struct{} // closed when it goes silent
	until    string        // after the store has sent this,
	then     func()        // this is done
	open     []net.Conn
	carrying sync.WaitGroup
}

// through returns a proxy and the URL of the database through it.
func through(tb testing.TB, database string) (*proxy, string) {
	tb.Helper()
	u, err := url.Parse(database)
	if err != nil {
		tb.Fatal(err)
	}
	q := u.Query()
	p := &proxy{network: "tcp", server: u.Host, silent: make(chan struct{})}
	if folder := q.Get("host"); folder != "" {
		p.network, p.server = "unix", filepath.Join(folder, ".s.PGSQL."+q.Get("port"))
	}
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		tb.Fatal(err)
	}
	q.Del("host")
	q.Del("port")
	u.Host, u.RawQuery = p.listener.Addr().String(), q.Encode()
	p.carrying.Go(p.accept)
	tb.Cleanup(func() {
		_ = p.listener.Close()
		p.cut()
		p.carrying.Wait()
	})
	return p, u.String()
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial(p.network, p.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.open = append(p.open, client, server)
		silent := p.silent
		p.mu.Unlock()
		p.carrying.Go(func() { p.carry(server, client, silent, true) })
		p.carrying.Go(func() { p.carry(client, server, silent, false) })
	}
}

const cancelRequest = 80877102

// carry copies what comes until the proxy goes silent. It looks for what is to
// silence it, and counts requests to cancel.
func (p *proxy) carry(to, from net.Conn, silent <-chan struct{}, fromStore bool) {
	buffer := make([]byte, 64<<10)
	for first := true; ; first = false {
		n, err := from.Read(buffer)
		if err != nil {
			_ = to.Close()
			return
		}
		got := buffer[:n]
		if fromStore && first && n >= 8 && binary.BigEndian.Uint32(got[4:]) == cancelRequest {
			p.cancels.Add(1)
		}
		select {
		case <-silent:
			continue // it is swallowed
		default:
		}
		then := func() {}
		p.mu.Lock()
		if fromStore && p.until != "" && strings.Contains(strings.ToLower(string(got)), p.until) {
			p.until, then = "", p.then
		}
		p.mu.Unlock()
		_, _ = io.Copy(to, bytes.NewReader(got))
		p.mu.Lock()
		then()
		p.mu.Unlock()
	}
}

// silenceAfter makes the proxy go silent once the store has sent this.
func (p *proxy) silenceAfter(text string) {
	p.after(text, func() { close(p.silent) })
}

// cutAfter makes the proxy end the store's connections once it has sent this,
// and lets the server have it.
func (p *proxy) cutAfter(text string) {
	p.after(text, func() {
		for n := 0; n < len(p.open); n += 2 {
			_ = p.open[n].Close()
		}
	})
}

func (p *proxy) after(text string, then func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until, p.then = text, then
}

func (p *proxy) silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.silent)
}

// heal lets new connections through. Those that were silenced stay so.
func (p *proxy) heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = make(chan struct{})
}

// cut ends all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.open {
		_ = conn.Close()
	}
	p.open = nil
}
