// Package bunstoretest opens stores for tests: SQLite in memory, and PostgreSQL
// in a fresh database of a server that it finds or fetches and starts by itself.
// A server that cannot be had fails the test, with the ways to have one: a test
// that is skipped where its service is missing is a test that nobody runs.
package bunstoretest

import (
	"path/filepath"
	"testing"

	"parley/adapters/bunstore"
	"parley/migrations"
)

// Set changes the options of a store to be opened.
type Set func(*bunstore.Options)

// SQLite opens an empty store in memory, which goes with the test.
func SQLite(tb testing.TB, set ...Set) *bunstore.Store {
	tb.Helper()
	return Open(tb, "sqlite::memory:", set...)
}

// SQLiteURL is the URL of a database file that is still to be made.
func SQLiteURL(tb testing.TB) string {
	tb.Helper()
	return "sqlite:" + filepath.Join(tb.TempDir(), "parley.db")
}

// Postgres opens an empty store on PostgreSQL, which goes with the test.
func Postgres(tb testing.TB, set ...Set) *bunstore.Store {
	tb.Helper()
	return Open(tb, PostgresURL(tb), set...)
}

// PostgresURL is the URL of a fresh and migrated PostgreSQL database. Its server
// is set to lose commits, for speed.
func PostgresURL(tb testing.TB) string {
	tb.Helper()
	return fast(tb).database(tb, true)
}

// EmptyPostgresURL is the URL of a database that is not migrated.
func EmptyPostgresURL(tb testing.TB) string {
	tb.Helper()
	return fast(tb).database(tb, false)
}

// DurablePostgresURL is the URL of a fresh and migrated database of a server
// that loses no commit.
func DurablePostgresURL(tb testing.TB) string {
	tb.Helper()
	return durable(tb).database(tb, true)
}

// Open opens a store and closes it with the test.
func Open(tb testing.TB, url string, set ...Set) *bunstore.Store {
	tb.Helper()
	store, err := bunstore.Open(tb.Context(), Options(url, set...))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := store.Close(); err != nil {
			tb.Errorf("close the store: %v", err)
		}
	})
	return store
}

// Options are those of a store under test.
func Options(url string, set ...Set) bunstore.Options {
	o := bunstore.Options{URL: url, Migrations: migrations.FS, AllowUnsafe: true}
	for _, change := range set {
		change(&o)
	}
	return o
}
