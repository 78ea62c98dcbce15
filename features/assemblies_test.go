package features_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/adapters/keyring"
	"parley/adapters/membus"
	"parley/cmd/compose"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/features/livingdoc"
	"parley/features/stage"
	"parley/migrations"
)

// assemblies are the ways in which the program is put together. Each runs every
// scenario, but those with a tag that its not names. The files whose names end as
// this one's does are the only ones here that know what the program is made of.
var assemblies = []struct {
	name  string
	not   []livingdoc.LeftOut
	build func(*testing.T) build
}{
	{"use cases, SQLite", noRestart, useCases(false)},
	{"use cases, every step tried twice", noRestart, useCases(true)},
	{"HTTP and SSE, SQLite", nil, overHTTP(1, dial, func(testing.TB) string { return "" })},
	{"HTTP and SSE, PostgreSQL", nil, overHTTP(1, dial, bunstoretest.PostgresURL)},
	{"HTTP and polling, SQLite", unbroken, overHTTP(1, dialPolls, func(testing.TB) string { return "" })},
	{"HTTP and SSE, PostgreSQL, two nodes", apart, overHTTP(2, dial, bunstoretest.PostgresURL)},
	{"HTTP and an external hub, SQLite", elsewhere, overHTTP(1, dialHub, func(testing.TB) string { return "" }, externalHub)},
}

// What an assembly leaves out, and why.
var (
	noRestart = []livingdoc.LeftOut{{Tag: thirdParties, Because: "Third parties speak the Mercure protocol, and use cases alone speak none."}, {Tag: "@restart", Because: "Use cases alone are no service that could be restarted."}}
	unbroken  = []livingdoc.LeftOut{{Tag: thirdParties, Because: "Updates of third parties are heard on event streams alone; polls are for what happens in the chat."}, {Tag: "@unbroken", Because: "Who polls has no line between two polls. Of a room that they came into in such a moment they " +
		"then hear what was said before, and of one that they were taken out of, less: both is as if they had lost the connection, which other scenarios tell."}}
	apart     = []livingdoc.LeftOut{{Tag: "@one-node", Because: "Nodes tell each other every few seconds who listens, which takes a story too long; other tests show that they do."}}
	elsewhere = append([]livingdoc.LeftOut{{Tag: thirdParties, Because: "Third parties publish and listen on the other hub, which keeps promises of its own."}, {Tag: "@at-once", Because: "A hub of somebody else's looks at rights when a line opens and knows of no sessions: " +
		"whoever was taken out, or signed out, hears on there until the token of their line ends, a minute after it was made."}}, unbroken...)
)

// read returns the settings that ship, with those changed that are given.
func read(t *testing.T, changed ...string) compose.Settings {
	t.Helper()
	settings, unknown, err := compose.Read(append(changed, "PARLEY_LISTEN=127.0.0.1:0", "PARLEY_LOG_LEVEL=error"))
	if err != nil || len(unknown) > 0 {
		t.Fatalf("settings %v: %v", unknown, err)
	}
	return settings
}

// useCases calls the use cases of the program that ships, on SQLite in memory.
// Passwords are hashed cheaply; what they are worth is shown elsewhere.
func useCases(rehearse bool) func(*testing.T) build {
	return func(t *testing.T) build {
		t.Helper()
		return func(changed ...string) (production, error) {
			bus, settings := membus.New(), read(t, changed...).At("127.0.0.1:1")
			store, err := bunstore.Open(t.Context(), bunstore.Options{
				URL: "sqlite::memory:", Migrations: migrations.FS, Log: quiet(t), Committed: bus.Ring, Rehearse: rehearse,
				Pace: message.Pace{PerMinute: settings.RateMessages, Burst: settings.RateBurst},
			})
			if err != nil {
				return production{}, err
			}
			keys, err := keyring.Derive(make([]byte, keyring.MinMaster))
			if err != nil {
				return production{}, err
			}
			program, err := compose.New(&compose.Parts{
				Settings: settings, Work: store, Sends: store, Publishes: store, Log: store, Updates: store, Bus: bus, Keys: keys, Now: time.Now, Logger: quiet(t),
			})
			if err != nil {
				return production{}, err
			}
			app := program.App
			app.Register.Hash = func(_ context.Context, p identity.Password) (string, error) { return p.Secret(), nil }
			app.SignIn.Verify = func(_ context.Context, p identity.Password, hash string) (bool, error) {
				return p.Secret() == hash, nil
			}
			app.ChangePassword.Hash, app.ChangePassword.Verify = app.Register.Hash, app.SignIn.Verify
			stop, err := bus.Listen(app.Follow.Tail.Ring)
			end := running(t, app.Follow.Tail.Run, func() error { stop(); return store.Close() })
			month := func(ctx context.Context) error { return errors.Join(heardOfAll(ctx, app), monthLater(ctx, app)) }
			return production{stage: stage.Direct{App: app}, month: month, end: end}, errors.Join(err, await(t.Context(), app.Follow.Tail.Ready))
		}
	}
}

// overHTTP runs the very program that ships, as one or more nodes, and talks to it
// over real sockets. Each scenario has a data directory and a database of its own.
// What is around it has its say in the settings.
func overHTTP(nodes int, dial func(*http.Client) dialer, database func(testing.TB) string, around ...func(testing.TB) []string) func(*testing.T) build {
	return func(t *testing.T) build {
		t.Helper()
		database(t) // fails here and not in the midst of a scenario, if it cannot be had
		folder, count := t.TempDir(), new(atomic.Int64)
		return func(changed ...string) (production, error) {
			own := &scope{TB: t}
			all := &service{t: t, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
			changed = append(changed, "PARLEY_DATA_DIR="+filepath.Join(folder, fmt.Sprint(count.Add(1))),
				"DATABASE_URL="+database(own), "PARLEY_ALLOW_UNSAFE_DATABASE=true")
			for _, settings := range around {
				changed = append(changed, settings(own)...)
			}
			if nodes > 1 {
				changed = append(changed, "PARLEY_BUS=postgres", "PARLEY_PUBLIC_URL=http://127.0.0.1:1")
			}
			for range nodes {
				all.nodes = append(all.nodes, &node{service: all, settings: read(t, changed...)})
			}
			err := all.start(t.Context())
			reached := stage.HTTP{Client: all.client, Dial: dial(all.client), Visits: new(stage.Visits), Grant: all.grant}
			for _, node := range all.nodes {
				reached.URLs = append(reached.URLs, node.url())
			}
			holds := func() error {
				if met, apart := reached.Visits.Apart("Ada", "Ben"); nodes > 1 && met && !apart {
					return errors.New("Ada and Ben heard one another on one node alone, which shows nothing of several")
				}
				return nil
			}
			return production{stage: reached, month: all.month, restart: all.restart, holds: holds, end: func() {
				all.stop()
				own.end()
			}}, err
		}
	}
}

// scope is a test's, for as long as one scenario takes: what it opened goes then,
// or else there would soon be a hundred databases.
type scope struct {
	testing.TB
	undo []func()
}

func (s *scope) Cleanup(undo func()) { s.undo = append(s.undo, undo) }

func (s *scope) end() {
	for _, undo := range slices.Backward(s.undo) {
		undo()
	}
}

// running runs a program until end is called, and closes it then.
func running(t *testing.T, run func(context.Context) error, done func() error) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	return func() {
		cancel()
		if err := errors.Join(<-ended, done()); err != nil {
			t.Errorf("the program ended badly: %v", err)
		}
	}
}

// quiet is a log that speaks of what went wrong alone.
func quiet(t *testing.T) *slog.Logger {
	t.Helper()
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
}
