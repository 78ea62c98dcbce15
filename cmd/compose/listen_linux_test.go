package compose_test

import (
	"context"
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"parley/cmd/compose"
)

func TestConnectionsOfWhoVanishesAreGivenUp(t *testing.T) {
	ours, err := compose.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what                 string
		on                   net.Listener
		unacknowledged, idle int // milliseconds, seconds
	}{{"Listen", ours, 20_000, 10}, {"a plain listener", plain, 0, 15}} {
		unacknowledged, idle := accepted(t, c.on)
		if unacknowledged != c.unacknowledged || idle != c.idle {
			t.Errorf("a connection of %s: given up %d ms after what was sent, probed after %d s; want %d and %d",
				c.what, unacknowledged, idle, c.unacknowledged, c.idle)
		}
	}
}

// accepted reads what is set on a connection that was accepted.
func accepted(t *testing.T, on net.Listener) (unacknowledged, idle int) {
	t.Helper()
	defer func() { _ = on.Close() }()
	client, err := new(net.Dialer).DialContext(context.WithoutCancel(t.Context()), "tcp", on.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	conn, err := on.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	tcp, _ := conn.(*net.TCPConn)
	raw, err := tcp.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) {
		unacknowledged, _ = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT)
		idle, _ = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_KEEPIDLE)
	}); err != nil {
		t.Fatal(err)
	}
	return unacknowledged, idle
}
