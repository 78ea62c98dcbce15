package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"parley/application/appending"
)

// engine is what differs between the databases.
type engine interface {
	// begin begins a transaction of the appender on its own connection.
	begin(ctx context.Context) (bun.Tx, error)

	// lock takes the log's lock, in a statement of its own, for as long as the
	// transaction lasts.
	lock(ctx context.Context, tx bun.Tx) error

	// share runs do in a transaction without the log's lock, for what is no part of
	// the log. (On SQLite there is one writer all the same.)
	share(ctx context.Context, do func(context.Context, bun.Tx) error) error

	// clock is SQL for the time now in microseconds.
	clock() string

	// commit commits. If it returns an error, nobody knows what became of it.
	commit(tx bun.Tx) error

	// drop breaks the appender's connection if it has not come back, so that
	// nothing waits for a database that hangs. It asks the server for nothing.
	drop()

	// erase sees to it that words which a commit has taken away are soon in no file
	// of the database's own any more. It does not wait for that.
	erase()

	// fate says what becomes of a transaction that ended with this error before
	// its COMMIT was sent.
	fate(err error) appending.Fate

	// read runs look in a transaction that sees one snapshot and changes nothing.
	read(ctx context.Context, look func(context.Context, bun.IDB) error) error

	// peek runs look outside of a transaction, for a single statement.
	peek(ctx context.Context, look func(context.Context, bun.IDB) error) error

	// alone takes what one node alone has at a time; false if somebody has it.
	alone(ctx context.Context, name string) (_ hold, had bool, err error)

	close() error
}
