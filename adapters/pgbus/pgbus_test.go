package pgbus_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"parley/adapters/bunstore/bunstoretest"
	"parley/adapters/pgbus"
	"parley/application/contract"
	"parley/domain/sequence"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestContract(t *testing.T) {
	contract.Bus(t, func(t *testing.T) contract.Buses {
		t.Helper()
		url := bunstoretest.EmptyPostgresURL(t)
		return contract.Buses{
			One: open(t, url), Other: open(t, url),
			Break: func(ctx context.Context) error { return cut(ctx, url) },
		}
	})
}

func open(t *testing.T, url string) *pgbus.Bus {
	t.Helper()
	bus, err := pgbus.Open(t.Context(), url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bus.Close(); err != nil {
			t.Error(err)
		}
	})
	return bus
}

// cut ends all connections of buses.
func cut(ctx context.Context, url string) error {
	return do(ctx, url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parley bus' AND datname = current_database()")
}

func do(ctx context.Context, url, statement string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, statement)
	return err
}

// Whoever can connect can notify.
func TestWhatIsNoRingIsNotHeard(t *testing.T) {
	url := bunstoretest.EmptyPostgresURL(t)
	heard := make(chan sequence.Position, 10)
	stop, err := open(t, url).Listen(func(upto sequence.Position) { heard <- upto })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	for _, payload := range []string{"", "x", "-1", "9223372036854775808", "1.5", "7"} {
		if err := do(t.Context(), url, "NOTIFY parley_log, '"+payload+"'"); err != nil {
			t.Fatal(err)
		}
	}
	if got := <-heard; got != 7 {
		t.Errorf("heard %d, want 7 alone", got)
	}
}

// Each ring is a lock on the whole database, for all who write there.
func TestManyRingsAreToldAsAFew(t *testing.T) {
	const rings, every = 2000, 100 * time.Microsecond
	url := bunstoretest.EmptyPostgresURL(t)
	one, other := open(t, url), open(t, url)
	heard := make(chan sequence.Position, rings)
	stop, err := other.Listen(func(upto sequence.Position) { heard <- upto })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	began := time.Now()
	pace := time.NewTicker(every)
	defer pace.Stop()
	for upto := range sequence.Position(rings) {
		<-pace.C
		one.Ring(upto + 1)
	}
	told := 1
	for upto := <-heard; upto < rings; upto = <-heard {
		told++
	}
	if most := 3 + int(time.Since(began)/(10*time.Millisecond)); told > most {
		t.Errorf("told in %d rings, want at most %d", told, most)
	}
}

// A database that is away must not keep a node from what it says to itself, nor
// from ending.
func TestWithoutADatabaseNobodyWaits(t *testing.T) {
	bus := open(t, "postgres://nobody@127.0.0.1:1/none?connect_timeout=1")
	began := time.Now()
	bus.Ring(1)
	if took := time.Since(began); took > time.Second {
		t.Errorf("ringing took %v", took)
	}
	if _, err := bus.Listen(func(sequence.Position) {}); err == nil {
		t.Error("it says that it listens")
	}
	if _, err := pgbus.Open(t.Context(), "postgres://user:secret@host:port/", slog.Default()); err == nil || err.Error() != pgbus.ErrURL.Error() {
		t.Errorf("a URL that is none: got %v", err)
	}
}
