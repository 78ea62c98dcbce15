package compose

import (
	"context"
	"net"
	"time"
)

const (
	// vanished is how long what was sent may go without an acknowledgement before
	// its connection is given up. A stream is written to within that and a little
	// more than the time in which a quiet connection is probed, so whoever vanishes
	// without a word is let go within 35 seconds.
	vanished = 20 * time.Second
	// probing is how long a quiet connection is left alone.
	probing = 10 * time.Second
)

// Listen listens for clients, whose machines may lose their power or their
// network at any time: then nobody tells the program, and it has to find out.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	config := net.ListenConfig{
		Control:         giveUp,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: probing, Interval: probing / 2, Count: 2},
	}
	return config.Listen(ctx, "tcp", address)
}
