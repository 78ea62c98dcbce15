package chaos_test

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"parley/chaos"
)

// habit is how somebody listens: over what, and how many events they take before
// they hang up and go elsewhere; 0 means all that come.
type habit func(random func(int) int) (over transport, most int)

// steady stays with one transport.
func steady(over transport) habit {
	return func(func(int) int) (transport, int) { return over, 0 }
}

// alternating goes on over another transport now and then.
func alternating(random func(int) int) (transport, int) {
	return transports[random(len(transports))], 1 + random(40)
}

// restless hangs up after a single event, for a while at a time, and then catches
// up: on a random node and over a random transport each time. It does so for short
// whiles, so that it keeps up with what is said also where every line takes long to
// open. How soon everybody is back tells of the program then, and not of it.
func restless() habit {
	fits := 0
	return func(random func(int) int) (transport, int) {
		over := transports[random(len(transports))]
		if fits == 0 {
			fits = 10 + random(20)
			return over, 200
		}
		fits--
		return over, 1
	}
}

func TestWhoIsRestlessKeepsUp(t *testing.T) {
	h, random := restless(), rand.New(rand.NewPCG(1, 1))
	const lines = 10_000
	singles, events := 0, 0
	for range lines {
		_, most := h(random.IntN)
		events += most
		if most == 1 {
			singles++
		}
	}
	if singles < lines*9/10 {
		t.Errorf("%d of %d lines were hung up after one event, want nine of ten", singles, lines)
	}
	if events < 8*lines { // 160 a second where a line takes 50 ms; some 50 are said
		t.Errorf("%d events in %d lines, want eight a line", events, lines)
	}
}

// fleeting hangs up after a few events each time.
func fleeting(random func(int) int) (transport, int) { return sse{}, 2 + random(4) }

// narrow is a client whose buffer does not grow, so that what it leaves unread soon
// fills the ones at the other end. It must not go through the gate, which buffers
// too. The buffer has room for a whole segment of the loopback (64 KiB): with less,
// TCP hands over a few bytes every fifth of a second, when the client has woken.
func narrow(t *testing.T) *http.Client {
	t.Helper()
	dialer := net.Dialer{Control: func(_, _ string, c syscall.RawConn) (err error) {
		failed := c.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 128<<10) })
		if failed != nil {
			return failed
		}
		return err
	}}
	client := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// naps makes an ear leave what it is sent unread for a while, each time that it
// has been awake for as long. Whoever takes the calls shouts then, to say more than
// the buffers of a connection hold; they close the call when they have.
func (e *ear) naps(lasts time.Duration, quit <-chan struct{}, calls chan<- chan struct{}) {
	wake := time.Now().Add(-lasts / 2)
	e.pause = func(context.Context) {
		if time.Since(wake) < lasts {
			return
		}
		r := chaos.Record{Client: e.called, Op: chaos.Nap, Phase: chaos.Invoked}
		e.of.history.Add(r)
		r.Phase = chaos.OK
		call := make(chan struct{})
		select {
		case calls <- call:
			rest(quit, lasts)
			<-call
		case <-quit:
		}
		select {
		case <-quit: // it was woken, and sleeps no more
			r.Phase, e.pause = chaos.Unknown, nil
		default:
		}
		e.of.history.Add(r)
		wake = time.Now()
	}
}
