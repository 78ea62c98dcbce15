package compose

import (
	"context"
	"log/slog"
	"strings"

	"parley/adapters/membus"
	"parley/adapters/pgbus"
	"parley/application/port"
)

// Ringing says how nodes tell each other that something was logged.
type Ringing string

// The ways of ringing.
const (
	NoRinging    Ringing = "none" // there is one node, or each looks at the log by itself
	ByPostgreSQL Ringing = "postgres"
)

// UnmarshalText takes nothing but the ways that there are.
func (r *Ringing) UnmarshalText(text []byte) error {
	return oneOf(r, text, NoRinging, ByPostgreSQL)
}

func (s *Settings) checkBus() error {
	if s.Bus == ByPostgreSQL && !s.onPostgreSQL() {
		return refuse("PARLEY_BUS", "%s takes a DATABASE_URL that is postgres://…", ByPostgreSQL)
	}
	return nil
}

func (s *Settings) onPostgreSQL() bool {
	return strings.HasPrefix(s.Database, "postgres://") || strings.HasPrefix(s.Database, "postgresql://")
}

// openBus returns the bus, and what ends it. One that has connections makes them
// in the background: the program waits for them when it begins to run.
func (s *Settings) openBus(ctx context.Context, log *slog.Logger) (bus port.Bus, hangUp func() error, err error) {
	if s.Bus != ByPostgreSQL {
		return membus.New(), func() error { return nil }, nil
	}
	nodes, err := pgbus.Open(ctx, s.Database, log)
	if err != nil {
		return nil, nil, Refusal{Setting: "DATABASE_URL", Why: err}
	}
	return nodes, nodes.Close, nil
}
