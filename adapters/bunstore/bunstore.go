// Package bunstore keeps everything in one database: PostgreSQL, or SQLite in a
// file beside the program. It implements [port.Work], [port.Sends], [port.Log],
// [port.Publishes] and [port.Updates].
//
// All that changes anything goes through one appender, a goroutine with a
// connection of its own, which takes the log's lock before it reads (see package
// appending). All that looks goes through a pool of readers, each look in one
// snapshot (see look.go). The models in rows.go are the same for both databases;
// what differs between them is in postgres.go and sqlite.go.
package bunstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"parley/application/appending"
	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/message"
	"parley/domain/sequence"
)

var (
	_ port.Work        = (*Store)(nil)
	_ port.Sends       = (*Store)(nil)
	_ port.Log         = (*Store)(nil)
	_ port.Publishes   = (*Store)(nil)
	_ port.Updates     = (*Store)(nil)
	_ port.Subscribers = (*Store)(nil)
)

// Why a store is not opened. Each is the user's to mend, by the sentence that
// wraps it.
var (
	ErrURL         = errors.New("the database URL is neither sqlite:path nor postgres://…")
	ErrUnreachable = errors.New("the database cannot be reached")
	ErrOutOfDate   = errors.New("the database's schema is out of date; run: parley migrate up")
	ErrUnsafe      = errors.New("the database is set to lose commits")
	ErrInUse       = errors.New("another process uses this database file")
	ErrOtherKeys   = errors.New("the database was used with other keys")
)

// Options say what a store is to be. URL and Migrations are needed; the zero
// value of everything else is what a program wants in earnest.
type Options struct {
	URL        string // sqlite:path, sqlite::memory: (gone when closed) or postgres://…
	Migrations fs.FS  // the folders postgres and sqlite
	Log        *slog.Logger
	Pace       message.Pace // how fast people may talk; zero: as fast as they like

	// Committed is called after each commit that logged something, with the last
	// position. It must not wait.
	Committed func(sequence.Position)

	// Broken is told, once, that the disk has not kept what it was told to keep.
	// Nothing is taken from then on: the process is to end, and to be started anew.
	Broken func(error)

	Now     func() time.Time     // SQLite's clock; PostgreSQL has its own
	NewMark func() sequence.Mark // nil: at random

	// AllowUnsafe takes a PostgreSQL that is set to lose commits.
	AllowUnsafe bool

	// Rehearse runs every transaction of the appender, rolls it back, and runs it
	// again, so that each step is tried twice.
	Rehearse bool

	// Absence is how long a node may be silent that holds something alone before
	// somebody else can have it; 0: ten seconds.
	Absence time.Duration

	MaxBatch int // sends and publishes in one commit; 0: as many as there may be
	Queue    int // what may wait for the appender; 0: as much as there may be
}

func (o Options) filled() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Committed == nil {
		o.Committed = func(sequence.Position) {}
	}
	if o.Broken == nil {
		o.Broken = func(error) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewMark == nil {
		o.NewMark = newMark
	}
	if o.Absence == 0 {
		o.Absence = absence
	}
	return o
}

func newMark() sequence.Mark {
	var bits [4]byte
	_, _ = rand.Read(bits[:]) // never fails
	return sequence.Mark(binary.BigEndian.Uint32(bits[:]))
}

// Store is one node's access to the database.
type Store struct {
	engine   engine
	log      *slog.Logger
	pace     message.Pace
	newMark  func() sequence.Mark
	appender *appending.Appender
	began    atomic.Int64 // where the log began when it was pruned last: a hint
	atOnce   int          // bytes of updates that are pruned at once
	close    func() error
}

// Open opens the database. It migrates a SQLite database, and refuses a
// PostgreSQL that is not migrated.
func Open(ctx context.Context, o Options) (*Store, error) {
	o = o.filled()
	engine, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	s := &Store{engine: engine, log: o.Log, pace: o.Pace, newMark: o.NewMark, atOnce: pruneBytes}
	if err := s.beginLog(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: begin the log: %w", ErrUnreachable, err), engine.close())
	}
	s.appender = appending.Start(appending.Settings{
		Store: transactions{s}, Now: time.Now, Log: o.Log, Committed: o.Committed,
		Queue: o.Queue, MaxBatch: o.MaxBatch, Rehearse: o.Rehearse,
	})
	s.close = sync.OnceValue(func() error {
		s.appender.Close()
		return engine.close()
	})
	return s, nil
}

func open(ctx context.Context, o Options) (engine, error) {
	switch name, _, _ := strings.Cut(o.URL, ":"); name {
	case "sqlite":
		return openSQLite(ctx, o)
	case "postgres", "postgresql":
		return openPostgres(ctx, o)
	default:
		return nil, ErrURL
	}
}

// beginLog gives an empty log its first entry.
func (s *Store) beginLog(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pgPatience)
	defer cancel()
	tx, err := s.engine.begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // an error means that it was committed
	if err := s.engine.lock(ctx, tx); err != nil {
		return err
	}
	if _, err := readHead(ctx, tx, s.engine.clock()); !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	_, err = tx.NewRaw("INSERT INTO log_entry (position, mark, at, kind) VALUES (0, ?, ?, ?)",
		int64(s.newMark()), bun.Safe(s.engine.clock()), genesisCode).Exec(ctx)
	if err != nil {
		return err
	}
	return tx.Commit()
}

// Change runs step under the log's lock.
func (s *Store) Change(ctx context.Context, step func(context.Context, port.Scope) error) error {
	return s.appender.Change(ctx, step)
}

// Send takes a message; it may share its commit with others.
func (s *Store) Send(ctx context.Context, d message.Draft) (message.Sent, error) {
	return s.appender.Send(ctx, d)
}

// Publish takes an update of a third party; it may share its commit with others.
func (s *Store) Publish(ctx context.Context, u hub.Update) (sequence.Place, error) {
	return s.appender.Publish(ctx, u)
}

// Close takes nothing more, finishes what has been taken, and closes the
// database.
func (s *Store) Close() error { return s.close() }
