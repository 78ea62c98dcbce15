package bunstoretest

import (
	"encoding/binary"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Proxy stands between a store and its server. It can refuse connections as a
// server does that is down, and go silent as a network or a stopped machine does:
// nothing is refused, and nothing comes through.
type Proxy struct {
	Cancels atomic.Int64 // requests to cancel that have come by

	tb       testing.TB
	address  string // where it listens
	network  string
	server   string // its address
	carrying sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener // nil while connections are refused
	silent   bool
	muted    string // nothing of whoever calls themselves so comes through; empty: nobody
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
	p.mu.Lock()
	refusing := p.listener == nil
	p.silent, p.muted = false, ""
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

// carry is one connection, from the store to its server.
type carry struct {
	proxy         *Proxy
	store, server net.Conn
	hushed        atomic.Bool
	name          string // how its end calls itself; the proxy's lock is held for it
	begun         bool
}

// copy hands on what comes, unless the connection is silenced. see is shown it
// before that, and what it returns is done after.
func (c *carry) copy(to, from net.Conn, see func([]byte) (then func())) {
	defer c.forget()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			_ = to.Close()
			return
		}
		then := see(buffer[:n])
		if c.hushed.Load() {
			continue // it is swallowed
		}
		_, _ = to.Write(buffer[:n])
		if then != nil {
			then()
		}
	}
}

const cancelRequest = 80877102

// toServer looks at what the store sends: who it is, whether it is a request to
// cancel, and whether something is to be done after it.
func (c *carry) toServer(sent []byte) (then func()) {
	p := c.proxy
	p.mu.Lock()
	defer p.mu.Unlock()
	if !c.begun {
		c.begun, c.name = true, string(sent)
		if len(sent) >= 8 && binary.BigEndian.Uint32(sent[4:]) == cancelRequest {
			p.Cancels.Add(1)
		}
		c.hush(p.muted)
	}
	if p.until == "" || c.hushed.Load() || !strings.Contains(strings.ToLower(string(sent)), p.until) {
		return nil
	}
	p.until = ""
	return p.then
}

// hush silences the connection if this application is at its end, and reports
// whether it is. The proxy's lock is held.
func (c *carry) hush(application string) bool {
	is := application != "" && strings.Contains(c.name, "application_name\x00"+application+"\x00")
	if is {
		c.hushed.Store(true)
	}
	return is
}

// end ends both halves. The proxy's lock is held.
func (c *carry) end() {
	_ = c.store.Close()
	_ = c.server.Close()
}

func (c *carry) forget() {
	c.proxy.mu.Lock()
	defer c.proxy.mu.Unlock()
	delete(c.proxy.open, c)
}
