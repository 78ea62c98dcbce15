package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Migration is one step of the schema.
type Migration struct {
	Version int64
	Name    string    // of its file
	Applied time.Time // zero: it is not
}

// Migrate brings the schema of the database up to date and returns what it did.
// Any number of nodes may do so at once.
func Migrate(ctx context.Context, o Options) ([]Migration, error) {
	var done []Migration
	err := withProvider(ctx, o, func(p *goose.Provider) error {
		results, err := p.Up(ctx)
		for _, r := range results {
			done = append(done, Migration{r.Source.Version, base(r.Source.Path), time.Now().UTC()})
		}
		return err
	})
	if err != nil {
		return done, fmt.Errorf("migrate: %w", err)
	}
	return done, nil
}

// Status returns all steps that this program knows, and which of them the
// database has.
func Status(ctx context.Context, o Options) ([]Migration, error) {
	var all []Migration
	err := withProvider(ctx, o, func(p *goose.Provider) error {
		steps, err := p.Status(ctx)
		for _, s := range steps {
			all = append(all, Migration{s.Source.Version, base(s.Source.Path), s.AppliedAt.UTC()})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("migration status: %w", err)
	}
	return all, nil
}

func base(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// withProvider runs do on a database of its own connection, which is not bound
// by what bounds a session that serves.
func withProvider(ctx context.Context, o Options, do func(*goose.Provider) error) error {
	o = o.filled()
	if strings.HasPrefix(o.URL, "sqlite:") {
		f, err := openSQLite(ctx, o) // which migrates
		if err != nil {
			return err
		}
		p, err := provider(f.writer.DB, o, sqliteDialect)
		if err == nil {
			err = do(p)
		}
		return errors.Join(err, f.close())
	}
	config, err := postgresConfig(o.URL)
	if err != nil {
		return err
	}
	for name := range sessionSettings {
		delete(config.RuntimeParams, name)
	}
	db := stdlib.OpenDB(*config)
	if err := db.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("%w: %s", ErrUnreachable, reason(err)), db.Close())
	}
	p, err := provider(db, o, postgresDialect)
	if err == nil {
		err = do(p)
	}
	return errors.Join(err, db.Close())
}

// migrationDialect is a database as the migrations know it.
type migrationDialect struct {
	folder string
	goose  goose.Dialect
}

var (
	sqliteDialect   = migrationDialect{"sqlite", goose.DialectSQLite3}
	postgresDialect = migrationDialect{"postgres", goose.DialectPostgres}
)

func migrate(ctx context.Context, db *sql.DB, o Options, d migrationDialect) error {
	p, err := provider(db, o, d)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func provider(db *sql.DB, o Options, d migrationDialect) (*goose.Provider, error) {
	files, err := fs.Sub(o.Migrations, d.folder)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if d == postgresDialect {
		// Several nodes may begin at once; the others look again every second.
		one, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
		if err != nil {
			return nil, fmt.Errorf("migrations: %w", err)
		}
		options = append(options, goose.WithSessionLocker(one))
	}
	p, err := goose.NewProvider(d.goose, db, files, options...)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return p, nil
}

const undefinedTable = "42P01"

// upToDate refuses a schema that lacks a step which this program knows. One that
// has more is fine: steps only ever add.
func upToDate(ctx context.Context, db *sql.DB, o Options) error {
	p, err := provider(db, o, postgresDialect)
	if err != nil {
		return err
	}
	applied := make(map[int64]bool)
	rows, err := db.QueryContext(ctx, "SELECT version_id FROM goose_db_version WHERE is_applied")
	var none *pgconn.PgError
	switch {
	case errors.As(err, &none) && none.Code == undefinedTable:
		return ErrOutOfDate
	case err != nil:
		return fmt.Errorf("%w: %s", ErrUnreachable, reason(err))
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var version int64
		if err := rows.Scan(&version); err != nil {
			return fmt.Errorf("%w: %s", ErrUnreachable, reason(err))
		}
		applied[version] = true
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%w: %s", ErrUnreachable, reason(err))
	}
	for _, source := range p.ListSources() {
		if !applied[source.Version] {
			return ErrOutOfDate
		}
	}
	return nil
}
