package bunstoretest

import (
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Proxy stands between a store and its server. It can refuse connections as a
// server does that is down; go silent as a network or a stopped machine does, so
// that nothing is refused and nothing comes through; cut connections; and be slow.
type Proxy struct {
	Cancels atomic.Int64 // requests to cancel that have come by

	tb       testing.TB
	address  string // where it listens
	network  string
	server   string // its address
	carrying sync.WaitGroup
	delay    atomic.Int64 // of whatever comes through, in nanoseconds

	mu       sync.Mutex
	listener net.Listener // nil while connections are refused
	silent   bool
	muted    string // nothing of whoever calls themselves so comes through; empty: nobody
	cutting  bool   // each statement that is sent ends its connection,
	nth      int    // or only the one that comes so many from now; 0: none
	until    string // after the store has sent this,
	then     func() // this is done
	open     map[*carry]bool
}

// Through returns a proxy and the URL of the database through it. The test ends
// it.
func Through(tb testing.TB, database string) (*Proxy, string) {
	tb.Helper()
	u, err := url.Parse(database)
	if err != nil {
		tb.Fatal(err)
	}
	q := u.Query()
	p := &Proxy{tb: tb, address: "127.0.0.1:0", network: "tcp", server: u.Host, open: make(map[*carry]bool)}
	if folder := q.Get("host"); folder != "" {
		p.network, p.server = "unix", filepath.Join(folder, ".s.PGSQL."+q.Get("port"))
	}
	p.listen()
	tb.Cleanup(func() {
		p.Refuse()
		p.carrying.Wait()
	})
	q.Del("host")
	q.Del("port")
	q.Set("sslmode", "disable") // or there is nothing to be read on the way
	u.Host, u.RawQuery = p.address, q.Encode()
	return p, u.String()
}

// Refuse ends all connections, and lets no new one be made until Heal.
func (p *Proxy) Refuse() {
	p.mu.Lock()
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
	p.mu.Unlock()
	p.Cut()
}

// Silence lets nothing through any more, and nobody know.
func (p *Proxy) Silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = true
	for c := range p.open {
		c.hushed.Store(true)
	}
}

// Mute lets nothing through any more of whoever connects as this application, nor
// to them. It returns how many connections they have.
func (p *Proxy) Mute(application string) (connections int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.muted = application
	for c := range p.open {
		if c.hush(application) {
			connections++
		}
	}
	return connections
}

// Heal lets new connections through. Those that were silenced stay so: nothing
// tells either end that they are of no use any more.
func (p *Proxy) Heal() {
	p.delay.Store(0)
	p.mu.Lock()
	refusing := p.listener == nil
	p.silent, p.muted, p.until, p.cutting, p.nth = false, "", "", false, 0
	p.mu.Unlock()
	if refusing {
		p.listen()
	}
}

// Cut ends all connections. New ones can be made.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		c.end()
	}
}

// CutStatements ends each connection with the next statement that is sent over it,
// which the server gets, and nobody learns what becomes of it; until Heal.
func (p *Proxy) CutStatements() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cutting = true
}

// CutStatement does so with one statement alone, the nth from now on.
func (p *Proxy) CutStatement(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.nth = n
}

// cuts reports whether a statement ends its connection. The lock is held.
func (p *Proxy) cuts() bool {
	if p.nth > 0 {
		p.nth--
		return p.nth == 0
	}
	return p.cutting
}

// Slow holds up whatever comes through, in either direction, until Heal.
func (p *Proxy) Slow(by time.Duration) { p.delay.Store(int64(by)) }

// SilenceAfter makes the proxy go silent once the store has sent this.
func (p *Proxy) SilenceAfter(text string) {
	p.after(text, p.Silence)
}

// CutAfter makes the proxy end the store's connections once one of them has sent
// this, and lets the server have it.
func (p *Proxy) CutAfter(text string) {
	p.after(text, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for c := range p.open {
			_ = c.store.Close()
		}
	})
}

func (p *Proxy) after(text string, then func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until, p.then = strings.ToLower(text), then
}

func (p *Proxy) listen() {
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		p.tb.Error(err)
		return
	}
	p.mu.Lock()
	p.listener, p.address = listener, listener.Addr().String()
	p.mu.Unlock()
	p.carrying.Go(func() {
		for {
			store, err := listener.Accept()
			if err != nil {
				return
			}
			p.connect(store)
		}
	})
}

func (p *Proxy) connect(store net.Conn) {
	server, err := net.Dial(p.network, p.server)
	if err != nil {
		_ = store.Close()
		return
	}
	c := &carry{proxy: p, store: store, server: server}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener == nil {
		c.end()
		return
	}
	c.hushed.Store(p.silent)
	p.open[c] = true
	p.carrying.Go(func() { c.copy(server, store, c.toServer) })
	p.carrying.Go(func() { c.copy(store, server, func([]byte) (then func()) { return nil }) })
}
