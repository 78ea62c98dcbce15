package compose

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// ending is how long an ending may take: what is under way is finished, streams
// are told to come again, and whoever does not read is cut off.
const ending = 7 * time.Second

// Run serves until ctx ends or a part of the program fails, and then ends
// cleanly. It leaves nothing running, and the listener closed.
func (p *Program) Run(ctx context.Context, on net.Listener) error {
	tail, stopTail := context.WithCancel(context.WithoutCancel(ctx))
	var parts sync.WaitGroup
	defer parts.Wait()
	defer stopTail()
	stopListening, err := p.bus.Listen(p.tail.Ring)
	if err != nil {
		return errors.Join(fmt.Errorf("listen to the bus: %w", err), on.Close())
	}
	defer stopListening()
	parts.Go(func() {
		if err := p.tail.Run(tail); err != nil {
			p.log.Error("the tail of the log has ended", slog.Any("error", err))
		}
	})

	if p.settings.hiding() {
		p.log.WarnContext(ctx, "everybody seems to come from this machine: name the proxy in PARLEY_TRUSTED_PROXIES, or one of them who guesses passwords keeps the others waiting")
	}
	parts.Go(func() { p.sweep(tail) })
	parts.Go(func() { p.followKeys(tail) })
	parts.Go(func() { p.hand(tail) })
	parts.Go(func() { p.registry.Run(tail) })

	var handlers sync.RWMutex // each holds it for reading, the end for writing
	server := p.server(&handlers)
	failed := make(chan error, 1)
	parts.Go(func() { failed <- p.serve(server, on) })
	select {
	case err = <-failed:
	case err = <-p.broken:
	case <-ctx.Done():
	}
	p.end(ctx, server, &handlers)
	return err
}

// maxHead is how large a request can be without its body, in bytes: a stream may
// ask for a thousand topics by their addresses, with a token that names hundreds.
const maxHead = 256 << 10

// server bounds what a client can cost before a handler has seen it. It has no
// time for writing: a stream has its own for each write.
func (p *Program) server(handlers *sync.RWMutex) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	return &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !handlers.TryRLock() {
				return // the program has ended
			}
			defer handlers.RUnlock()
			p.Handler.ServeHTTP(w, r)
		}),
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    maxHead,
		Protocols:         protocols,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: 128,
			WriteByteTimeout:     30 * time.Second,
			SendPingTimeout:      30 * time.Second,
		},
		ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelWarn),
	}
}

func (p *Program) serve(server *http.Server, on net.Listener) error {
	var err error
	if p.settings.TLSCert == "" {
		err = server.Serve(on)
	} else {
		err = server.ServeTLS(on, p.settings.TLSCert, p.settings.TLSKey)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve: %w", err)
}

// end finishes what is under way. From its first moment on the program is
// unready and opens no stream.
func (p *Program) end(ctx context.Context, server *http.Server, handlers *sync.RWMutex) {
	p.log.InfoContext(ctx, "ending")
	p.tail.Drain()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), ending)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		p.log.WarnContext(ctx, "some connections did not end in time and were cut off")
		_ = server.Close()
	}
	handlers.Lock() // for good
	p.log.InfoContext(ctx, "ended")
}
