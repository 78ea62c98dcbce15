package bunstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

const (
	// connectTime is how long connecting may take: as long as the network is silent,
	// nobody should be at it for long when it comes back.
	connectTime = 1500 * time.Millisecond
	// idleTime is how long a connection is thought to be alive that was used, and
	// pingTime how long it may take to show that it still is.
	idleTime = time.Second
	pingTime = 500 * time.Millisecond
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

func pgPool(config *pgx.ConnConfig, connections int) *bun.DB {
	pool := bun.NewDB(stdlib.OpenDB(*config, alive), pgdialect.New())
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return pool
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
