package bunstore_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
)

func TestWhatIsNotOpened(t *testing.T) {
	file := bunstoretest.SQLiteURL(t)
	bunstoretest.Open(t, file)
	link := filepath.Join(t.TempDir(), "other.db")
	if err := os.Symlink(strings.TrimPrefix(file, "sqlite:"), link); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, url string
		set       bunstoretest.Set
		want      error
	}{
		{"no URL", "", nil, bunstore.ErrURL},
		{"no path", "sqlite:", nil, bunstore.ErrURL},
		{"another database", "mysql://localhost/x", nil, bunstore.ErrURL},
		{"a URL that is none", "postgres://user:secret@host:port/x", nil, bunstore.ErrURL},
		{"nobody there", "postgres://user:secret@127.0.0.1:1/x", nil, bunstore.ErrUnreachable},
		{"no such folder", "sqlite:/no/such/folder/parley.db", nil, bunstore.ErrUnreachable},
		{"a file in use", file, nil, bunstore.ErrInUse},
		{"a file in use by another name", "sqlite:" + link, nil, bunstore.ErrInUse},
		{"not migrated", bunstoretest.EmptyPostgresURL(t), nil, bunstore.ErrOutOfDate},
		{"set to lose commits", bunstoretest.PostgresURL(t), func(o *bunstore.Options) { o.AllowUnsafe = false }, bunstore.ErrUnsafe},
	} {
		t.Run(c.what, func(t *testing.T) {
			o := bunstoretest.Options(c.url)
			if c.set != nil {
				c.set(&o)
			}
			s, err := bunstore.Open(t.Context(), o)
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if err == nil {
				_ = s.Close()
			} else if strings.Contains(err.Error(), "secret") {
				t.Errorf("the password is told: %v", err)
			}
		})
	}
}

func TestASafeServerIsTaken(t *testing.T) {
	bunstoretest.Open(t, bunstoretest.DurablePostgresURL(t), func(o *bunstore.Options) { o.AllowUnsafe = false })
}

func TestAFileIsOpenedAgain(t *testing.T) {
	url := bunstoretest.SQLiteURL(t)
	h := newHall(t, bunstoretest.Open(t, url))
	h.mustSay("hello", "")
	before, err := h.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	again := bunstoretest.Open(t, url)
	if after, err := again.Head(t.Context()); err != nil || after != before {
		t.Errorf("the head: got %v (%v), want %v", after, err, before)
	}
}

func TestAFileIsItsOwnersAlone(t *testing.T) {
	url := bunstoretest.SQLiteURL(t)
	newHall(t, bunstoretest.Open(t, url))
	files, err := filepath.Glob(strings.TrimPrefix(url, "sqlite:") + "*")
	if err != nil || len(files) < 3 {
		t.Fatalf("files: got %v (%v), want the database, its lock and its WAL", files, err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s: got mode %o, want 600", filepath.Base(file), got)
		}
	}
}

func TestADatabaseInMemoryLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s := bunstoretest.SQLite(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

func TestTheSettingsOfAFile(t *testing.T) {
	s := bunstoretest.Open(t, bunstoretest.SQLiteURL(t))
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "foreign_keys": "1",
	} {
		if got, err := bunstore.Ask(t.Context(), s, "PRAGMA "+pragma); err != nil || got != want {
			t.Errorf("%s: got %s (%v), want %s", pragma, got, err, want)
		}
	}
}

func TestManyNodesMigrateAtOnce(t *testing.T) {
	o := bunstoretest.Options(bunstoretest.EmptyPostgresURL(t))
	before, err := bunstore.Status(t.Context(), o)
	if err != nil || len(before) == 0 || !before[0].Applied.IsZero() {
		t.Fatalf("before: got %+v (%v), want steps that are not applied", before, err)
	}
	var done sync.Map
	var migrating sync.WaitGroup
	for n := range 3 {
		migrating.Go(func() {
			steps, err := bunstore.Migrate(t.Context(), o)
			if err != nil {
				t.Error(err)
			}
			done.Store(n, len(steps))
		})
	}
	migrating.Wait()
	total := 0
	done.Range(func(_, steps any) bool { n, _ := steps.(int); total += n; return true })
	if total != len(before) {
		t.Errorf("steps that were applied: got %d, want %d", total, len(before))
	}
	after, err := bunstore.Status(t.Context(), o)
	if err != nil || after[0].Applied.IsZero() || after[0].Name != "00001_first_conversation.sql" {
		t.Errorf("after: got %+v (%v), want steps that are applied", after, err)
	}
	bunstoretest.Open(t, o.URL)
}

func TestTheStatusOfAFile(t *testing.T) {
	o := bunstoretest.Options(bunstoretest.SQLiteURL(t))
	steps, err := bunstore.Status(t.Context(), o)
	if err != nil || len(steps) == 0 || steps[0].Applied.IsZero() {
		t.Errorf("got %+v (%v), want steps that are applied", steps, err)
	}
}

func TestADatabaseKnowsItsKeys(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		s := open()
		claim := func(keys map[string][]byte) error { return s.ClaimKeys(t.Context(), keys) }
		if err := claim(map[string][]byte{"cursor": {1}, "print": {2}}); err != nil {
			t.Errorf("the first: %v", err)
		}
		if err := claim(map[string][]byte{"cursor": {1}, "print": {2}, "refresh": {3}}); err != nil {
			t.Errorf("the same and one more: %v", err)
		}
		for _, other := range []map[string][]byte{{"cursor": {2}}, {"cursor": {1}, "refresh": {4}}} {
			if err := claim(other); !errors.Is(err, bunstore.ErrOtherKeys) {
				t.Errorf("others: got %v, want them refused", err)
			}
		}
	})
}

// The log of the program says what went wrong; who asked is told nothing of it.
func TestTheCauseIsLoggedAndNotTold(t *testing.T) {
	engines(t, func(t *testing.T, open func(...bunstoretest.Set) *bunstore.Store) {
		var text bytes.Buffer
		h := newHall(t, open(func(o *bunstore.Options) { o.Log = slog.New(slog.NewTextHandler(&text, nil)) }))
		if err := bunstore.Exec(t.Context(), h.Store, "ALTER TABLE log_entry RENAME TO gone"); err != nil {
			t.Fatal(err)
		}
		_, err := h.say("hello", "")
		if err == nil || strings.Contains(err.Error(), "log_entry") {
			t.Errorf("got %v, want it refused without a word of the database", err)
		}
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text.String(), "log_entry") {
			t.Errorf("the log: got %q, want the cause", text.String())
		}
	})
}
