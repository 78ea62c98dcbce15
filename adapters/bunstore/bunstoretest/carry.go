package bunstoretest

import (
	"encoding/binary"
	"net"
	"strings"
	"sync/atomic"
	"time"
)

// carry is one connection, from the store to its server.
type carry struct {
	proxy         *Proxy
	store, server net.Conn
	hushed        atomic.Bool
	name          string // how its end calls itself; the proxy's lock is held for it
	begun         bool
}

// copy hands on what comes, unless the connection is silenced. see is shown it
// before that, and what it returns is done before that, too.
func (c *carry) copy(to, from net.Conn, see func([]byte) (then func())) {
	defer c.forget()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			_ = to.Close()
			return
		}
		time.Sleep(time.Duration(c.proxy.delay.Load()))
		then := see(buffer[:n])
		if c.hushed.Load() {
			continue // it is swallowed
		}
		if then != nil {
			then() // first, or else the answer may be faster
		}
		_, _ = to.Write(buffer[:n])
	}
}

// What the protocol calls a request to cancel, and a statement.
const (
	cancelRequest = 80877102
	query         = 'Q'
)

// toServer looks at what the store sends: who it is, whether it is a request to
// cancel, and whether something is to be done before the server has it.
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
	if sent[0] == query && p.cuts() {
		return func() { _ = c.store.Close() }
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
