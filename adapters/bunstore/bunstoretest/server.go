package bunstoretest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"parley/adapters/bunstore"
	"parley/migrations"
)

// server is a PostgreSQL server. There is one of a kind for each test binary.
type server struct {
	root     url.URL // of its own database; tests get others
	template string
	mu       sync.Mutex
	made     atomic.Int64
}

const (
	ready = 60 * time.Second // for a server to start
	soon  = 30 * time.Second // for what it is asked
)

var (
	fastServer    = sync.OnceValues(func() (*server, error) { return start(fastSettings) })
	durableServer = sync.OnceValues(func() (*server, error) { return start(nil) })
)

// fastSettings are for databases that need not outlive a crash.
var fastSettings = []string{"fsync=off", "synchronous_commit=off", "full_page_writes=off"}

func fast(tb testing.TB) *server    { return had(tb, fastServer) }
func durable(tb testing.TB) *server { return had(tb, durableServer) }

func had(tb testing.TB, one func() (*server, error)) *server {
	tb.Helper()
	s, err := one()
	if err != nil {
		tb.Fatalf("this test needs PostgreSQL: set TEST_DATABASE_URL, or install PostgreSQL (PG_BIN says where), or let npm fetch one: %v", err)
	}
	return s
}

// start starts a server, or takes the one that TEST_DATABASE_URL names. A server
// that is to lose no commit is always our own: that one may be set to anything.
func start(settings []string) (*server, error) {
	s := &server{template: "parley_template_" + schema()}
	given := os.Getenv("TEST_DATABASE_URL")
	if given != "" && settings != nil {
		root, err := url.Parse(given)
		if err != nil {
			return nil, errors.New("TEST_DATABASE_URL is not a URL")
		}
		s.root = *root
		return s, s.prepare()
	}
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	socket, err := launch(bin, settings)
	if err != nil {
		return nil, err
	}
	s.root = url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres",
		RawQuery: url.Values{"host": {socket}, "port": {"5432"}, "sslmode": {"disable"}}.Encode()}
	return s, s.prepare()
}

// prepare waits until the server answers and makes the database that all others
// are copied from.
func (s *server) prepare() error {
	ctx, cancel := context.WithTimeout(context.Background(), ready)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.root.String())
		if err == nil {
			_ = conn.Close(ctx)
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer: %w%s", err, s.said())
		case <-time.After(20 * time.Millisecond):
		}
	}
	// On a server that is given it stays, for the next test binary.
	var there *pgconn.PgError
	err := s.do("CREATE DATABASE " + s.template)
	if err != nil && (!errors.As(err, &there) || !slices.Contains(madeAlready, there.Code)) {
		return err
	}
	if _, err := bunstore.Migrate(ctx, Options(s.url(s.template))); err != nil {
		return err
	}
	return nil
}

// madeAlready is what a server says that has such a database, or makes it just
// now for somebody else.
var madeAlready = []string{"42P04", "23505"}

// schema names the schema that the migrations make.
func schema() string {
	sum := sha256.New()
	err := fs.WalkDir(migrations.FS, ".", func(path string, file fs.DirEntry, err error) error {
		if err != nil || file.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations.FS, path)
		_, _ = sum.Write(text)
		return err
	})
	if err != nil {
		panic(err) // they are part of the program
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}

// said is the end of what the server wrote, if it is our own.
func (s *server) said() string {
	socket := s.root.Query().Get("host")
	text, err := os.ReadFile(filepath.Join(socket, "log"))
	if err != nil {
		return ""
	}
	return "\n" + string(text[max(0, len(text)-2000):])
}

func (s *server) url(database string) string {
	u := s.root
	u.Path = "/" + database
	return u.String()
}

// do runs statements, one after another, in the server's own database.
func (s *server) do(statements ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.root.String())
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// database makes a database for one test.
func (s *server) database(tb testing.TB, migrated bool) string {
	tb.Helper()
	name := fmt.Sprintf("parley_%d_%d", os.Getpid(), s.made.Add(1))
	create := "CREATE DATABASE " + name
	if migrated {
		create += " TEMPLATE " + s.template
	}
	s.mu.Lock()
	err := s.do(create)
	s.mu.Unlock()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.do(fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)); err != nil {
			tb.Errorf("drop a test's database: %v", err)
		}
	})
	return s.url(name)
}
