package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"parley/application/appending"
)

// postgres is PostgreSQL: one connection that writes, and two pools that read, so
// that whoever looks at something does not keep the node from reading the log.
type postgres struct {
	writer *bun.DB
	reader *bun.DB // of snapshots
	log    *bun.DB
	line   atomic.Pointer[net.Conn] // the writer's
	warned atomic.Pointer[string]   // what the writer was last warned of

	sessions *sql.DB       // of those who hold something alone: each ends with what it holds
	absence  time.Duration // after which one of them ends
}

const (
	pgReaders = 12
	// logReaders is more than read the log at the same moment: those who catch up,
	// and the tail.
	logReaders = 14
	pgPatience = 5 * time.Second // to open the store

	// logLock is the advisory lock that whoever appends holds until the commit is
	// visible. A row would do, but rows that every batch updates decay while some
	// long snapshot is open.
	logLock = 0x7061726c6579 // "parley"
)

func openPostgres(ctx context.Context, o Options) (*postgres, error) {
	config, err := postgresConfig(o.URL)
	if err != nil {
		return nil, err
	}
	p := &postgres{absence: o.Absence}
	p.reader, p.log = pgPool(config, pgReaders), pgPool(config, logReaders)
	p.sessions = stdlib.OpenDB(*config)
	p.sessions.SetMaxIdleConns(-1)
	own := config.Copy()
	own.DialFunc = p.dial(config.DialFunc)
	own.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		if n.SeverityUnlocalized == "WARNING" {
			p.warned.Store(&n.Message)
		}
	}
	p.writer = bun.NewDB(sql.OpenDB(knock{stdlib.GetConnector(*own, alive)}), pgdialect.New())
	p.writer.SetMaxOpenConns(1)
	if err := p.check(ctx, o); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// erase does nothing: what no query finds any more is the server's to tidy up.
func (p *postgres) erase() {}

// check refuses a database that is not there, would lose commits, or lacks a
// migration that this program has.
func (p *postgres) check(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeout(ctx, pgPatience)
	defer cancel()
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var value string
		if err := p.writer.QueryRowContext(ctx, "SHOW "+setting).Scan(&value); err != nil {
			return fmt.Errorf("%w: %s", ErrUnreachable, reason(err))
		}
		if value == "off" && !o.AllowUnsafe {
			return fmt.Errorf("%w: %s is off", ErrUnsafe, setting)
		}
	}
	return upToDate(ctx, p.writer.DB, o)
}

// reason is what the server or the network says, without what the driver adds
// of the URL.
func reason(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Message
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err.Error()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer"
	}
	return "no connection"
}

func (p *postgres) begin(ctx context.Context) (bun.Tx, error) {
	return p.writer.BeginTx(ctx, nil)
}

func (p *postgres) share(ctx context.Context, do func(context.Context, bun.Tx) error) error {
	return p.reader.RunInTx(ctx, nil, do)
}

// commit trusts no COMMIT that comes with a warning: so ends a wait for a
// synchronous standby that somebody cancels, and what was committed may be lost
// with this server.
func (p *postgres) commit(tx bun.Tx) error {
	p.warned.Store(nil)
	if err := tx.Commit(); err != nil {
		return err
	}
	if warning := p.warned.Load(); warning != nil {
		return errors.New(*warning)
	}
	return nil
}

func (p *postgres) lock(ctx context.Context, tx bun.Tx) error {
	_, err := tx.ExecContext(ctx, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", int64(logLock)))
	return err
}

// clock is not now(), which is the start of the transaction and so of the wait.
func (p *postgres) clock() string {
	return "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
}

func (p *postgres) read(ctx context.Context, look func(context.Context, bun.IDB) error) error {
	tx, err := p.reader.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // there is nothing to keep
	return look(ctx, tx)
}

func (p *postgres) peek(ctx context.Context, look func(context.Context, bun.IDB) error) error {
	return look(ctx, p.log)
}

// The SQLSTATEs of a session that the server has ended: the connection is lost.
const (
	adminShutdown     = "57P01"
	crashShutdown     = "57P02"
	idleInTransaction = "25P03"
	serialization     = "40001"
	deadlock          = "40P01"
)

func (p *postgres) fate(err error) appending.Fate {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch code := refused.Code; {
		case strings.HasPrefix(code, "22"), strings.HasPrefix(code, "23"):
			return appending.ItsOwn
		case code == serialization, code == deadlock, code == adminShutdown, code == crashShutdown,
			code == idleInTransaction, strings.HasPrefix(code, "08"):
			return appending.Again
		default:
			return appending.Unavailable
		}
	}
	var unconnected *pgconn.ConnectError
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.As(err, &unconnected) {
		return appending.Unavailable
	}
	return appending.Again // the connection was lost
}

func (p *postgres) close() error {
	return errors.Join(p.writer.Close(), p.reader.Close(), p.log.Close(), p.sessions.Close())
}
