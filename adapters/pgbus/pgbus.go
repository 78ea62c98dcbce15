// Package pgbus carries rings between nodes that share a PostgreSQL database, by
// LISTEN and NOTIFY. It has two connections of its own, one to hear and one to
// ring; never does it ring within the transaction that appends, for NOTIFY takes
// a lock on the whole database until the commit.
//
// It loses rings whenever a connection is lost, and makes it again by itself:
// what happened meanwhile is found by the next look at the log.
package pgbus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/domain/sequence"
)

const (
	// channel is what is listened to, in one database.
	channel = "parley_log"
	// spacing is the least time between two rings of a node: in a busy moment
	// they are one, the furthest.
	spacing = 10 * time.Millisecond
	// patience is how long connecting, or ringing, may take.
	patience = 3 * time.Second
	// soonest and latest are how long after a failure it is tried again.
	soonest, latest = 50 * time.Millisecond, 2 * time.Second
)

// What is wrong at the start.
var (
	ErrURL     = errors.New("pgbus: not the URL of a PostgreSQL database")
	ErrNoReply = errors.New("pgbus: the database does not answer")
)

// sessionSettings bound what a connection can do to others. A ring keeps nothing,
// so its commit need not wait for a disk.
var sessionSettings = map[string]string{
	"application_name":        "parley bus",
	"synchronous_commit":      "off",
	"statement_timeout":       "3s",
	"tcp_keepalives_idle":     "1",
	"tcp_keepalives_interval": "3",
	"tcp_keepalives_count":    "3",
	"tcp_user_timeout":        "5s",
}

// Bus is one node's part of the bus.
type Bus struct {
	config *pgx.ConnConfig
	log    *slog.Logger
	stop   context.CancelFunc
	ended  sync.WaitGroup
	rung   *latestRing // that the other nodes are yet to be told of

	mu        sync.Mutex
	listeners map[*listener]bool
	connected chan struct{} // closed while the database is listened to
}

// Open connects to the database in the background, and stays so until Close,
// whatever becomes of ctx. It is an error only if the URL is none.
func Open(ctx context.Context, url string, log *slog.Logger) (*Bus, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, ErrURL // the cause has the password in it
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.ConnectTimeout = patience
	config.DialFunc = (&net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: time.Second, Interval: 3 * time.Second, Count: 3,
	}}).DialContext
	for name, value := range sessionSettings {
		config.RuntimeParams[name] = value
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	b := &Bus{
		config: config, log: log, stop: stop, rung: newLatestRing(),
		listeners: make(map[*listener]bool), connected: make(chan struct{}),
	}
	b.ended.Go(func() { b.again(ctx, "listen", b.hear) })
	b.ended.Go(func() { b.again(ctx, "ring", b.tell) })
	return b, nil
}

// Close hangs up. Nobody may listen any more.
func (b *Bus) Close() error {
	b.stop()
	b.ended.Wait()
	return nil
}

// Ring tells everybody who listens on this node, and, as soon as it can, the
// other nodes.
func (b *Bus) Ring(upto sequence.Position) {
	b.hand(upto)
	b.rung.ring(upto)
}

// Listen calls heard, on a goroutine of its own, until stop has returned. It
// waits until the database is listened to.
func (b *Bus) Listen(heard func(sequence.Position)) (stop func(), err error) {
	b.mu.Lock()
	connected := b.connected
	b.mu.Unlock()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-connected:
	case <-late.C:
		return nil, ErrNoReply
	}
	l := newListener(heard)
	b.mu.Lock()
	b.listeners[l] = true
	b.mu.Unlock()
	return sync.OnceFunc(func() {
		b.mu.Lock()
		delete(b.listeners, l)
		b.mu.Unlock()
		l.stop()
	}), nil
}

// hand gives a ring to everybody who listens on this node. It does not wait.
func (b *Bus) hand(upto sequence.Position) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for l := range b.listeners {
		l.rung.ring(upto)
	}
}

// again does something over a connection, and again over another one when that
// is lost, until ctx ends.
func (b *Bus) again(ctx context.Context, what string, do func(context.Context, *pgx.Conn) error) {
	wait := soonest
	for ctx.Err() == nil {
		worked, err := b.over(ctx, do)
		if ctx.Err() != nil {
			return
		}
		if worked {
			wait = soonest
		}
		b.log.Warn("the bus is to be connected anew", "to", what, "cause", err)
		select {
		case <-time.After(wait/2 + rand.N(wait)): //nolint:gosec // nobody gains by guessing it
		case <-ctx.Done():
		}
		wait = min(2*wait, latest)
	}
}

// over does something over a new connection. It reports whether there was one.
func (b *Bus) over(ctx context.Context, do func(context.Context, *pgx.Conn) error) (worked bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, b.config)
	if err != nil {
		return false, errors.New("no connection") // the cause has the URL in it
	}
	defer func() {
		soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(soon) // it may be lost already
	}()
	return true, do(ctx, conn)
}

// hear hands on what comes.
func (b *Bus) hear(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	b.mu.Lock()
	close(b.connected)
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		b.connected = make(chan struct{})
		b.mu.Unlock()
	}()
	for {
		heard, err := conn.WaitForNotification(ctx)
		if err != nil {
			return fmt.Errorf("wait for a ring: %w", err)
		}
		if upto, ok := read(heard.Payload); ok {
			b.hand(upto)
		}
	}
}

// tell rings the other nodes. A ring that could not be told is told over the next
// connection, with what has been rung since.
func (b *Bus) tell(ctx context.Context, conn *pgx.Conn) error {
	for {
		upto, ok := b.rung.wait(ctx)
		if !ok {
			return ctx.Err()
		}
		if err := notify(ctx, conn, upto); err != nil {
			b.rung.ring(upto)
			return fmt.Errorf("ring: %w", err)
		}
		select {
		case <-time.After(spacing):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func notify(ctx context.Context, conn *pgx.Conn, upto sequence.Position) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := conn.Exec(ctx, "SELECT pg_notify($1, $2)", channel, write(upto))
	return err
}
