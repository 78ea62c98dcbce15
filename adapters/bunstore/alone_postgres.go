package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"time"
)

const (
	// absence is how long a node may be silent that holds something alone. A node
	// that is stopped keeps its connections, so it is the server that ends them.
	absence = 10 * time.Second
	// releaseTime is how long giving something back may take.
	releaseTime = time.Second
)

// alone takes an advisory lock on a session of its own.
func (p *postgres) alone(ctx context.Context, name string) (_ hold, had bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	conn, err := p.sessions.Conn(ctx)
	if err != nil {
		return nil, false, err
	}
	held := &session{conn: conn, key: lockKey(name)}
	if err := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", held.key).Scan(&had); err != nil || !had {
		return nil, false, errors.Join(err, conn.Close())
	}
	// A server before version 14 has no such setting: there it takes the end of the
	// connection.
	_, _ = conn.ExecContext(ctx, fmt.Sprintf("SET idle_session_timeout = %d", p.absence.Milliseconds()))
	return held, true, nil
}

func lockKey(name string) int64 {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(name))
	return int64(sum.Sum64())
}

// session is a session of its own that has a lock.
type session struct {
	conn *sql.Conn
	key  int64
}

func (s *session) lasts(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	_, err := s.conn.ExecContext(ctx, "SELECT 1")
	return err
}

// release unlocks, since the end of a session may take a moment to come through.
func (s *session) release() {
	ctx, cancel := context.WithTimeout(context.Background(), releaseTime)
	defer cancel()
	_, _ = s.conn.ExecContext(ctx, "SELECT pg_advisory_unlock($1)", s.key)
	_ = s.conn.Close() // the session goes with it
}
