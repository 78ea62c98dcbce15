// Package appending makes all changes of a node: one [Appender] runs them, many
// sends and publishes in one transaction where they have queued up. What a transaction is, and
// what its errors mean, is a [Store]'s to say.
package appending

import (
	"context"
	"log/slog"
	"time"

	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/sequence"
)

// Store is what an appender appends to.
type Store interface {
	// Begin begins a transaction, which takes the log's lock before it reads
	// anything. ctx ends when there is no time left for it, but not any more once
	// Commit has been called.
	Begin(ctx context.Context) (Transaction, error)

	// Fate says what becomes of a transaction that ended with this error before
	// its commit was asked for.
	Fate(err error) Fate
}

// Transaction holds the log's lock until it ends. All that is read in it was read
// after the lock was taken.
type Transaction interface {
	// Ground reads what the decisions on drafts rest on.
	Ground(drafts []message.Draft) (message.Ground, error)

	// Write stores messages, to which it gives their IDs, with their entries of
	// the log, and the new states of paces.
	Write(fresh []*message.Fresh, paces map[identity.UserID]time.Time) error

	// Publish stores updates of third parties, with their entries of the log, and
	// returns the places of these.
	Publish(updates []hub.Update) ([]sequence.Place, error)

	// Scope is what a step can reach.
	Scope() port.Scope

	// Trouble is the first thing that the store itself has refused, whether those
	// who asked for it took notice or not.
	Trouble() error

	// Commit keeps everything, and returns the last position that was logged; zero
	// if nothing was. If it returns an error, nobody knows what became of it.
	Commit() (upto sequence.Position, err error)

	// End undoes what was not committed.
	End()
}

// Fate is what becomes of a transaction that has failed.
type Fate int

// The fates.
const (
	Unavailable Fate = iota // nothing is run again: who asked may ask again
	ItsOwn                  // the fault of one item: each is run alone
	Again                   // it got in the way of another, or lost its connection: run once more
)

// Settings say what an appender is to be. All that follows Committed may be zero.
type Settings struct {
	Store Store
	Now   func() time.Time
	Log   *slog.Logger

	// Committed is called after each commit that logged something, with the last
	// position. It must not wait.
	Committed func(sequence.Position)

	Queue    int  // what may wait; 0: 4096
	MaxBatch int  // sends and publishes in one commit; 0: as many as there may be
	MaxBytes int  // of updates in one commit, if it is more than one; 0: 4 MiB
	Waiting  int  // bytes of updates that may wait; 0: 64 MiB
	Rehearse bool // run every transaction, roll it back, and run it again
}

// Most of what a batch takes. Each send is counted with all the rows it may
// write: a message, an entry, a read mark and a pace. Updates may be large, so
// they are counted by their bytes, too: one that is larger than a batch is
// published alone.
const (
	maxBatch   = 256
	maxBytes   = 4 << 20
	maxWaiting = 64 << 20 // bytes of updates in the queue
	maxRows    = 1000
	rowsOfSend = 4
	maxQueue   = 4096
)

func (s Settings) filled() Settings {
	if s.MaxBatch <= 0 {
		s.MaxBatch = maxBatch
	}
	s.MaxBatch = min(s.MaxBatch, maxBatch, maxRows/rowsOfSend)
	if s.Queue <= 0 {
		s.Queue = maxQueue
	}
	if s.MaxBytes <= 0 {
		s.MaxBytes = maxBytes
	}
	if s.Waiting <= 0 {
		s.Waiting = maxWaiting
	}
	return s
}
