package compose

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"time"

	"parley/application/delivery"
	"parley/application/port"
	"parley/application/subscriptions"
)

// telling is how often the nodes tell each other of their streams.
const telling = 3 * time.Second

// subscribers is where the nodes tell each other of their streams: in the database
// that they share. SQLite has one node, which has nobody to tell.
func (s *Settings) subscribers(store port.Subscribers) port.Subscribers {
	if !s.onPostgreSQL() {
		return nil
	}
	return store
}

// registry knows who listens, and has tail tell of it.
func (p *Parts) registry(tail *delivery.Tail) *subscriptions.Registry {
	return subscriptions.New(subscriptions.Settings{
		Node:    newURN(),
		NewID:   newURN,
		Tell:    tail.Subscribed,
		Trouble: func(err error) { p.Logger.Warn("the nodes cannot tell each other who listens", slog.Any("error", err)) },
		Now:     p.Now,
		Store:   p.Subscribers,
		Every:   telling,
	})
}

// newURN is a name that nobody else has, and that tells nothing: a UUID at random
// (RFC 9562, version 4).
func newURN() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
