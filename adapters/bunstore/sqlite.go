package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"parley/application/appending"
)

// sqliteFile is SQLite in a file: one connection that writes, and two pools that
// only read, as those of PostgreSQL.
type sqliteFile struct {
	writer *bun.DB
	reader *bun.DB // of snapshots
	log    *bun.DB
	gate   gate // closed to readers while the WAL is cut
	wal    walKeeper
	disk   disk
	holds  holds
	now    func() time.Time
	unlock func() error
	folder string // to be removed with the store; empty: none
}

const (
	inMemory      = ":memory:"
	sqliteReaders = 8
)

func openSQLite(ctx context.Context, o Options) (_ *sqliteFile, err error) {
	f := &sqliteFile{now: o.Now, gate: newGate(), disk: disk{tell: o.Broken}, unlock: func() error { return nil }}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close())
		}
	}()
	path, err := f.place(strings.TrimPrefix(o.URL, "sqlite:"))
	if err != nil {
		return nil, err
	}
	if f.unlock, err = lockFile(path + ".lock"); err != nil {
		return nil, err
	}
	if err := touch(path); err != nil {
		return nil, err
	}
	synchronous := "synchronous(FULL)"
	if f.folder != "" {
		synchronous = "synchronous(OFF)" // it is gone with the process anyway
	}
	f.writer, err = connect(path, 1, "_txlock=immediate", "_pragma=journal_mode(WAL)", "_pragma="+synchronous,
		"_pragma=secure_delete(ON)", "_pragma=fullfsync(ON)", "_pragma=checkpoint_fullfsync(ON)")
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, f.writer.DB, o, sqliteDialect); err != nil {
		return nil, err
	}
	if f.reader, err = connect(path, sqliteReaders, "_pragma=query_only(ON)"); err != nil {
		return nil, err
	}
	f.log, err = connect(path, logReaders, "_pragma=query_only(ON)", "_pragma=cache_size(-512)")
	f.wal.file, f.wal.log, f.wal.most, f.wal.pause, f.wal.after = path+"-wal", o.Log, walMost, walPause, walAfter
	f.wal.disk = &f.disk
	if err != nil {
		return nil, err
	}
	return f, f.wal.takeIn(ctx, f.writer)
}

// place is the path of the database file. A database in memory is a file in a
// folder of its own, without the waits for a disk: so it is the same database in
// all else, many connections and all.
func (f *sqliteFile) place(path string) (_ string, err error) {
	if path == inMemory {
		if f.folder, err = os.MkdirTemp("", "parley"); err != nil {
			return "", fmt.Errorf("%w: %w", ErrUnreachable, err)
		}
		path = filepath.Join(f.folder, "parley.db")
	}
	if path == "" {
		return "", ErrURL
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if found, err := filepath.EvalSymlinks(path); err == nil {
		return found, nil // so that one file has one lock, whatever it is called
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return filepath.Join(folder, filepath.Base(path)), nil
}

// touch makes the file if need be, for its owner alone: it has password hashes
// in it.
func touch(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return file.Close()
}

func connect(path string, most int, settings ...string) (*bun.DB, error) {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed
	}
	settings = append([]string{"_pragma=busy_timeout(2000)", "_pragma=foreign_keys(ON)"}, settings...)
	name := "file://" + (&url.URL{Path: slashed}).EscapedPath() + "?" + strings.Join(settings, "&")
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	return bun.NewDB(db, sqlitedialect.New()), nil
}

// begin begins with BEGIN IMMEDIATE, which is the lock: whoever writes holds it
// to the commit.
func (f *sqliteFile) begin(ctx context.Context) (bun.Tx, error) {
	if err := f.disk.check(); err != nil {
		return bun.Tx{}, err
	}
	f.wal.keep(ctx, &f.gate, f.writer)
	return f.writer.BeginTx(ctx, nil)
}

func (f *sqliteFile) share(ctx context.Context, do func(context.Context, bun.Tx) error) error {
	if err := f.disk.check(); err != nil {
		return err
	}
	return f.disk.watch(f.writer.RunInTx(ctx, nil, do))
}

func (f *sqliteFile) lock(context.Context, bun.Tx) error { return nil }

func (f *sqliteFile) clock() string { return strconv.FormatInt(micros(f.now()), 10) }

func (f *sqliteFile) commit(tx bun.Tx) error { return f.disk.watch(tx.Commit()) }

// erase has the WAL cut soon: what was taken away is overwritten in the database
// itself, and the WAL is where it still stands.
func (f *sqliteFile) erase() { f.wal.cutSoon(&f.gate, f.writer) }

// drop does nothing: the database is in this process, and ends what it does with
// the context.
func (f *sqliteFile) drop() {}

func (f *sqliteFile) read(ctx context.Context, look func(context.Context, bun.IDB) error) error {
	if err := f.gate.enter(ctx); err != nil {
		return err
	}
	defer f.gate.leave()
	tx, err := f.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // there is nothing to keep
	return look(ctx, tx)
}

func (f *sqliteFile) peek(ctx context.Context, look func(context.Context, bun.IDB) error) error {
	if err := f.gate.enter(ctx); err != nil {
		return err
	}
	defer f.gate.leave()
	return look(ctx, f.log)
}

func (f *sqliteFile) fate(err error) appending.Fate {
	var refused *sqlite.Error
	if errors.As(err, &refused) {
		switch refused.Code() & 0xff { // the rest says more of the same
		case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG:
			return appending.ItsOwn
		}
	}
	return appending.Unavailable
}

func (f *sqliteFile) close() error {
	f.wal.end()
	var errs []error
	for _, db := range []*bun.DB{f.reader, f.log, f.writer} { // the last one to go cuts the WAL
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	errs = append(errs, f.unlock())
	if f.folder != "" {
		errs = append(errs, os.RemoveAll(f.folder))
	}
	return errors.Join(errs...)
}
