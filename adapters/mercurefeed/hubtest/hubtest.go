// Package hubtest has hubs for tests: the reference hub of the Mercure protocol,
// as a process of its own, and a client that listens to a hub as the API's
// document asks of clients.
//
// The reference hub is under the AGPL. It is built from a module of its own,
// tools/mercure, and talked to over the network; nothing of it is linked, copied or
// shipped.
package hubtest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// The keys of a hub, where a test does not say other ones.
const (
	PublisherKey  = "a publisher's key of a hub in tests"
	SubscriberKey = "a subscriber's key of a hub in tests"
)

// Hub is the reference hub.
type Hub struct {
	URL string

	tb      testing.TB
	address string
	env     []string
	process *exec.Cmd // nil while it does not run
	ended   chan struct{}
	said    writing
}

// Start starts a hub that keeps no history, at a free port of this machine. Each
// setting is a NAME=value of the hub's environment. The test ends it.
func Start(tb testing.TB, settings ...string) *Hub {
	tb.Helper()
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	address := port.Addr().String()
	_ = port.Close()
	h := &Hub{URL: "http://" + address + "/.well-known/mercure", tb: tb, address: address}
	h.env = append([]string{
		"ADDR=" + address, "TRANSPORT_URL=local://local", "SUBSCRIPTIONS=1",
		"PUBLISHER_JWT_KEY=" + PublisherKey, "SUBSCRIBER_JWT_KEY=" + SubscriberKey,
	}, settings...)
	tb.Cleanup(h.Kill)
	h.Run()
	return h
}

// Kill ends the hub without a warning. What it held is gone.
func (h *Hub) Kill() {
	if h.process == nil {
		return
	}
	_ = h.process.Process.Kill()
	<-h.ended
	h.process = nil
}

// Run starts the hub again, where it was before.
func (h *Hub) Run() {
	h.tb.Helper()
	path, err := binary()
	if err != nil {
		h.tb.Fatalf("this test needs the reference hub of Mercure, which is built from tools/mercure: "+
			"let Go fetch what that needs, as by go build -C tools/mercure %s: %v", program, err)
	}
	h.process, h.ended = exec.Command(path), make(chan struct{})
	h.process.Env, h.process.SysProcAttr = h.env, dependent()
	h.process.Stdout, h.process.Stderr = &h.said, &h.said
	if err := h.process.Start(); err != nil {
		h.process = nil
		h.tb.Fatal(err)
	}
	go func(process *exec.Cmd, ended chan struct{}) {
		_ = process.Wait()
		close(ended)
	}(h.process, h.ended)
	h.awaitHealth()
}

func (h *Hub) awaitHealth() {
	h.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+h.address+"/healthz", nil)
		if err != nil {
			h.tb.Fatal(err)
		}
		if response, err := client.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-h.ended:
			h.tb.Fatalf("the hub has ended: %s", h.said.String())
		case <-ctx.Done():
			h.tb.Fatalf("the hub does not become healthy: %s", h.said.String())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// writing is what a process writes.
type writing struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *writing) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(text)
}

func (w *writing) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := w.text.String()
	return fmt.Sprintf("%d bytes, which end in: %s", len(text), text[max(0, len(text)-2000):])
}
