package compose

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"parley/adapters/bunstore"
)

// Migrate brings the database up to date, and writes what it has done.
func Migrate(ctx context.Context, s Settings, log *slog.Logger, to io.Writer) error {
	if err := s.makeFolder(); err != nil {
		return err
	}
	done, err := bunstore.Migrate(ctx, s.database(log, nil))
	if err != nil {
		return s.refusal(ctx, err)
	}
	var said strings.Builder
	for _, step := range done {
		fmt.Fprintln(&said, "applied", step.Name)
	}
	said.WriteString("the database is up to date\n")
	_, err = io.WriteString(to, said.String())
	return err
}

// MigrationStatus writes which steps of the schema the database has.
func MigrationStatus(ctx context.Context, s Settings, log *slog.Logger, to io.Writer) error {
	if !s.databaseExists() {
		_, err := fmt.Fprintln(to, "there is no database yet; serve makes it")
		return err
	}
	steps, err := bunstore.Status(ctx, s.database(log, nil))
	if err != nil {
		return s.refusal(ctx, err)
	}
	var said strings.Builder
	for _, step := range steps {
		if step.Applied.IsZero() {
			fmt.Fprintln(&said, "missing", step.Name)
		} else {
			fmt.Fprintln(&said, "applied", step.Name, step.Applied.Format(time.DateTime))
		}
	}
	_, err = io.WriteString(to, said.String())
	return err
}

// AdoptKeys ties the database to the keys of these settings, where it was used
// with others: cursors begin anew, and all sessions end.
func AdoptKeys(ctx context.Context, s Settings, log *slog.Logger, to io.Writer) (err error) {
	ring, err := s.keys()
	if err != nil {
		return err
	}
	store, err := bunstore.Open(ctx, s.database(log, nil))
	if err != nil {
		return s.refusal(ctx, err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := store.ClaimKeys(ctx, ring.Fingerprints()); !errors.Is(err, bunstore.ErrOtherKeys) {
		if err == nil {
			_, err = fmt.Fprintln(to, "the database is used with these keys already")
		}
		return err
	}
	ended, err := store.AdoptKeys(ctx, ring.Fingerprints())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(to, "the database is used with these keys from now on; sessions that have ended: %d\n", ended)
	return err
}

// Check opens what a program of these settings would open. It makes neither a
// database nor keys: it reports whether the database is there at all, and looks
// at the keys only if there are some.
func Check(ctx context.Context, s Settings, log *slog.Logger) (found bool, err error) {
	if !s.databaseExists() {
		return false, nil
	}
	store, err := bunstore.Open(ctx, s.database(log, nil))
	if err != nil {
		return false, s.refusal(ctx, err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if s.MasterKey == "" && !exists(s.keyFolder()) {
		return true, nil
	}
	ring, err := s.keys()
	if err != nil {
		return true, err
	}
	if err := store.ClaimKeys(ctx, ring.Fingerprints()); err != nil {
		return true, s.refusal(ctx, err)
	}
	return true, nil
}

// databaseExists reports whether there is something to open; a server's database
// is thought to be there until it is not found.
func (s Settings) databaseExists() bool {
	if s.Database == "" {
		return exists(s.file())
	}
	path, file := strings.CutPrefix(s.Database, "sqlite:")
	return !file || exists(path)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
