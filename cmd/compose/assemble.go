package compose

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"parley/adapters/bunstore"
	"parley/adapters/keyring"
	"parley/application/port"
	"parley/domain/message"
	"parley/domain/sequence"
	"parley/migrations"
)

// Parts is what a program is put together from.
type Parts struct {
	Settings  Settings // with a public URL: see [Settings.At]
	Work      port.Work
	Sends     port.Sends
	Publishes port.Publishes
	Log       port.Log
	Updates   port.Updates
	Relays    port.Relays // nil where there is no external hub
	Bus       port.Bus
	Keys      *keyring.Ring

	// Subscribers is where this node and others tell each other of their streams;
	// nil: there are no others.
	Subscribers port.Subscribers

	NewKeys func() ([]keyring.Signing, error) // reads the signing keys anew; nil: they never change
	Now     func() time.Time
	Logger  *slog.Logger

	// Broken says why the program must end, if the store finds that it must; nil:
	// it never does.
	Broken <-chan error

	close func() error // of what Assemble has opened
}

// Close closes what [Assemble] has opened.
func (p *Parts) Close() error {
	if p.close == nil {
		return nil
	}
	return p.close()
}

// Assemble makes the parts that the settings ask for. What the settings are to
// blame for is a [Refusal].
func Assemble(ctx context.Context, s Settings, log *slog.Logger) (*Parts, error) {
	keys, err := s.keys()
	if err != nil {
		return nil, err
	}
	if err := s.makeFolder(); err != nil {
		return nil, err
	}
	var bus port.Bus // is there before anything is appended
	broken := make(chan error, 1)
	options := s.database(log, func(upto sequence.Position) { bus.Ring(upto) })
	options.Broken = func(why error) { broken <- why }
	store, err := bunstore.Open(ctx, options)
	if err != nil {
		return nil, s.refusal(ctx, err)
	}
	if err := store.ClaimKeys(ctx, keys.Fingerprints()); err != nil {
		return nil, errors.Join(s.refusal(ctx, err), store.Close())
	}
	bus, hangUp, err := s.openBus(ctx, log)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return &Parts{
		Settings:    s,
		Work:        store,
		Sends:       store,
		Publishes:   store,
		Log:         store,
		Updates:     store,
		Subscribers: s.subscribers(store),
		Relays:      store,
		Bus:         bus,
		Keys:        keys,
		NewKeys:     s.newKeys(),
		Now:         time.Now,
		Logger:      log,
		Broken:      broken,
		close:       func() error { return errors.Join(store.Close(), hangUp()) },
	}, nil
}

// keys takes the keys from where the settings say.
func (s Settings) keys() (*keyring.Ring, error) {
	if s.MasterKey != "" {
		ring, err := keyring.Derive([]byte(s.MasterKey))
		if err != nil {
			return nil, Refusal{Setting: "PARLEY_MASTER_KEY", Why: err}
		}
		return ring, nil
	}
	ring, err := keyring.Open(s.keyFolder())
	if err != nil {
		return nil, Refusal{Setting: "PARLEY_DATA_DIR", Why: err}
	}
	return ring, nil
}

// newKeys reads the signing keys anew, where they are files.
func (s Settings) newKeys() func() ([]keyring.Signing, error) {
	if s.MasterKey != "" {
		return nil
	}
	return func() ([]keyring.Signing, error) { return keyring.ReadSigning(s.keyFolder()) }
}

// makeFolder makes the data directory, if the database is to be in it.
func (s Settings) makeFolder() error {
	if s.Database != "" {
		return nil
	}
	if err := os.MkdirAll(s.DataDir, 0o700); err != nil {
		return Refusal{Setting: "PARLEY_DATA_DIR", Why: err}
	}
	return nil
}

// database is how the store is to be opened.
func (s Settings) database(log *slog.Logger, committed func(sequence.Position)) bunstore.Options {
	address := s.Database
	if address == "" {
		address = "sqlite:" + s.file()
	}
	return bunstore.Options{
		URL:         address,
		Migrations:  migrations.FS,
		Log:         log,
		Pace:        s.pace(),
		Committed:   committed,
		Broken:      nil,
		Now:         time.Now,
		NewMark:     nil,
		AllowUnsafe: s.AllowUnsafeDatabase,
		Rehearse:    false,
		Absence:     0,
		MaxBatch:    0,
		Queue:       0,
	}
}

// file is where SQLite is, where nothing else is said.
func (s Settings) file() string { return filepath.Join(s.DataDir, "parley.db") }

func (s Settings) keyFolder() string { return filepath.Join(s.DataDir, "keys") }

func (s Settings) pace() message.Pace {
	return message.Pace{PerMinute: s.RateMessages, Burst: s.RateBurst}
}

// refusal names the setting that is to blame for a store that does not open. It
// does not show the database's password.
func (s Settings) refusal(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err() // it was not tried to the end
	}
	setting := "DATABASE_URL"
	if errors.Is(err, bunstore.ErrOtherKeys) {
		setting = "PARLEY_DATA_DIR"
		if s.MasterKey != "" {
			setting = "PARLEY_MASTER_KEY"
		}
	}
	if errors.Is(err, bunstore.ErrUnsafe) {
		err = fmt.Errorf("%w; PARLEY_ALLOW_UNSAFE_DATABASE=true takes it all the same", err)
	}
	return Refusal{Setting: setting, Why: s.withoutPassword(err)}
}

// withoutPassword returns err, whatever a driver has written into it.
func (s Settings) withoutPassword(err error) error {
	parsed, parseErr := url.Parse(s.Database)
	if parseErr != nil || parsed.User == nil {
		return err
	}
	password, given := parsed.User.Password()
	if !given || password == "" || !strings.Contains(err.Error(), password) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), password, "…"))
}

// Logger writes the program's log to the given place as the settings say.
func (s Settings) Logger(to io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.LogLevel}
	if s.LogFormat == JSON {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}
