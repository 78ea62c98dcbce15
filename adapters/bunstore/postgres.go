package bunstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"parley/application/appending"
)

// postgres is PostgreSQL: one connection that writes, and a pool that reads.
type postgres struct {
	writer *bun.DB
	reader *bun.DB
	line   atomic.Pointer[net.Conn] // the writer's
	warned atomic.Pointer[string]   // what the writer was last warned of
}

const (
	pgReaders  = 16
	pgPatience = 5 * time.Second // to open the store

	// connectTime is how long connecting may take: as long as the network is silent,
	// nobody should be at it for long when it comes back.
	connectTime = 1500 * time.Millisecond
	// idleTime is how long a connection is thought to be alive that was used, and
	// pingTime how long it may take to show that it still is.
	idleTime = time.Second
	pingTime = 500 * time.Millisecond

	// logLock is the advisory lock that whoever appends holds until the commit is
	// visible. A row would do, but rows that every batch updates decay while some
	// long snapshot is open.
	logLock = 0x7061726c6579 // "parley"
)

// sessionSettings keep a node that is stopped in the middle, or cut off, from
// stopping the others: the server ends what holds the lock for long.
var sessionSettings = map[string]string{
	"application_name":                    "parley",
	"idle_in_transaction_session_timeout": "1s",
	"lock_timeout":                        "2s",
	"statement_timeout":                   "3s",
	"tcp_keepalives_idle":                 "1",
	"tcp_keepalives_interval":             "3",
	"tcp_keepalives_count":                "3",
	"tcp_user_timeout":                    "5s",
	// Statements name their tables in the order in which they are best read;
	// planning that over again would take longer than reading.
	"join_collapse_limit": "1",
	"jit":                 "off",
}

func openPostgres(ctx context.Context, o Options) (*postgres, error) {
	config, err := postgresConfig(o.URL)
	if err != nil {
		return nil, err
	}
	p := &postgres{}
	p.reader = bun.NewDB(stdlib.OpenDB(*config, alive), pgdialect.New())
	p.reader.SetMaxOpenConns(pgReaders)
	p.reader.SetMaxIdleConns(pgReaders)
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

func postgresConfig(url string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, ErrURL // the cause has the password in it
	}
	// Bun writes values into the text of a statement, so that each text is new
	// and preparing it would be a round trip for nothing.
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTime
	}
	config.DialFunc = (&net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: time.Second, Interval: 3 * time.Second, Count: 3,
	}}).DialContext
	for name, value := range sessionSettings {
		config.RuntimeParams[name] = value
	}
	return config, nil
}

// alive has connections that were idle show that they are alive, and gives them
// up soon if they do not: a network may have forgotten them without a word. The
// database package then tries one more, and after that makes a new one.
var alive = stdlib.OptionShouldPing(func(ctx context.Context, idle stdlib.ShouldPingParams) bool {
	if idle.IdleDuration <= idleTime {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	return idle.Conn.Ping(ctx) != nil // then the driver finds that it is closed
})

type connecting struct{}

// knock lets the dialer tell a new connection of the writer from a request to
// cancel what runs on the one there is: the driver makes those by itself, with a
// context of its own, whenever a connection breaks.
type knock struct{ driver.Connector }

func (k knock) Connect(ctx context.Context) (driver.Conn, error) {
	return k.Connector.Connect(context.WithValue(ctx, connecting{}, true))
}

var errNoCancel = errors.New("bunstore: the writer cancels nothing")

// dial refuses to carry requests to cancel: one that meets a COMMIT would end
// its wait for a synchronous standby, and the commit would be visible without
// being safe. It remembers the connection, for [postgres.drop].
func (p *postgres) dial(dial pgconn.DialFunc) pgconn.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if ctx.Value(connecting{}) == nil {
			return nil, errNoCancel
		}
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		p.line.Store(&conn)
		return conn, nil
	}
}

func (p *postgres) drop() {
	if line := p.line.Load(); line != nil {
		_ = (*line).Close()
	}
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
	return look(ctx, p.reader)
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

func (p *postgres) close() error { return errors.Join(p.writer.Close(), p.reader.Close()) }
