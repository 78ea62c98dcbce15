package bunstore

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// What follows lets tests look behind the ports, and break what is behind them.

// Exec runs a statement on the appender's connection, between its transactions.
func Exec(ctx context.Context, s *Store, query string) error {
	_, err := writer(s).ExecContext(ctx, query)
	return err
}

// Ask reads one text on the appender's connection.
func Ask(ctx context.Context, s *Store, query string) (text string, err error) {
	err = writer(s).QueryRowContext(ctx, query).Scan(&text)
	return text, err
}

func writer(s *Store) *bun.DB {
	switch e := s.engine.(type) {
	case *postgres:
		return e.writer
	case *sqliteFile:
		return e.writer
	default:
		panic("no such engine")
	}
}

// SkipLock makes stores append without the log's lock: two at a time, if they can.
func SkipLock() func(*Store) {
	meet := make(chan struct{})
	return func(s *Store) { s.engine = lockless{s.engine, meet} }
}

type lockless struct {
	engine
	meet chan struct{}
}

func (l lockless) lock(context.Context, bun.Tx) error {
	select {
	case l.meet <- struct{}{}:
	case <-l.meet:
	case <-time.After(20 * time.Millisecond):
	}
	return nil
}

// KeepWAL makes a store cut its WAL from a length on, and try that again soon.
func KeepWAL(s *Store, most int64, pause time.Duration) (file string) {
	f, _ := s.engine.(*sqliteFile)
	f.wal.most, f.wal.pause = most, pause
	return f.wal.file
}

// EraseAfter makes a store cut its WAL soon after something was deleted, and
// returns the files of the database.
func EraseAfter(s *Store, after time.Duration) (files []string) {
	f, _ := s.engine.(*sqliteFile)
	f.wal.after, f.wal.pause = after, after
	return []string{strings.TrimSuffix(f.wal.file, "-wal"), f.wal.file}
}

// BatchBytes makes a store commit so many bytes of updates at once.
func BatchBytes(s *Store, bytes int) { s.appender.MaxBytes = bytes }

// PruneBytes makes a store prune so many bytes of updates at once.
func PruneBytes(s *Store, bytes int) { s.atOnce = bytes }

// Readers is how many connections there are for looks.
func Readers(s *Store) int {
	switch e := s.engine.(type) {
	case *postgres:
		return e.reader.Stats().MaxOpenConnections
	case *sqliteFile:
		return e.reader.Stats().MaxOpenConnections
	default:
		panic("no such engine")
	}
}

// Successor is the least text that is greater than all with this prefix.
var Successor = successor

// Queued is how many wait for the appender.
func Queued(s *Store) int { return s.appender.Queued() }

// Closed reports whether the appender takes nothing more.
func Closed(s *Store) bool { return s.appender.Closed() }
