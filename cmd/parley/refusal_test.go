package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const refused = 78

func TestWhatIsWrongOrWeakIsRefusedInALineThatNamesIt(t *testing.T) {
	for name, c := range map[string]struct {
		environ []string
		setting string
	}{
		"beyond loopback without a public URL": {[]string{"PARLEY_LISTEN=0.0.0.0:0"}, "PARLEY_PUBLIC_URL"},
		"a short master key":                   {[]string{"PARLEY_MASTER_KEY=short"}, "PARLEY_MASTER_KEY"},
		"any origin":                           {[]string{"PARLEY_CORS_ORIGINS=*"}, "PARLEY_CORS_ORIGINS"},
		"an origin that no page has":           {[]string{"PARLEY_CORS_ORIGINS=https://example.org:443"}, "PARLEY_CORS_ORIGINS"},
		"not a number":                         {[]string{"PARLEY_RATE_BURST=x"}, "PARLEY_RATE_BURST"},
		"half of TLS":                          {[]string{"PARLEY_TLS_CERT=cert.pem"}, "PARLEY_TLS_KEY"},
		"no such database":                     {[]string{"DATABASE_URL=mysql://x"}, "DATABASE_URL"},
		"nobody answers":                       {[]string{"DATABASE_URL=postgres://parley:hunter2@127.0.0.1:1/parley"}, "DATABASE_URL"},
		"nobody answers who would ring":        {[]string{"DATABASE_URL=postgres://parley:hunter2@127.0.0.1:1/parley", "PARLEY_BUS=postgres"}, "DATABASE_URL"},
		"rings of PostgreSQL on SQLite":        {[]string{"PARLEY_BUS=postgres"}, "PARLEY_BUS"},
		"rings of nobody":                      {[]string{"PARLEY_BUS=redis://127.0.0.1"}, "PARLEY_BUS"},
		"a secret that is a key":               {[]string{"MERCURE_JWT_SECRET=-----BEGIN PUBLIC KEY-----hunter2"}, "MERCURE_JWT_SECRET"},
		"a secret for another algorithm":       {[]string{"MERCURE_PUBLISHER_JWT_KEY=hunter2", "MERCURE_JWT_ALG=RS256"}, "MERCURE_PUBLISHER_JWT_KEY"},
		"no algorithm":                         {[]string{"MERCURE_JWT_ALG=none"}, "MERCURE_JWT_ALG"},
		"another hub without a key":            {[]string{"MERCURE_URL=https://hub.example/.well-known/mercure"}, "MERCURE_JWT_SECRET"},
		"no folder for SQLite":                 {[]string{"DATABASE_URL=sqlite:/nowhere/at/all/parley.db"}, "DATABASE_URL"},
		"the data directory is a file":         {[]string{"PARLEY_DATA_DIR=/dev/null"}, "PARLEY_DATA_DIR"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			code, out, said := run(t, folder, c.environ, "serve")
			if code != refused {
				t.Errorf("got exit code %d, want %d", code, refused)
			}
			if !strings.HasPrefix(said, "parley: "+c.setting+": ") || strings.Count(said, "\n") != 1 {
				t.Errorf("got %q, want one line that begins with %s", said, c.setting)
			}
			if strings.Contains(out, "Parley serves") {
				t.Errorf("it said that it serves: %s", out)
			}
			if strings.Contains(said, "hunter2") {
				t.Errorf("it shows the password: %s", said)
			}
		})
	}
}

func TestASecondProcessOnTheSameFileIsRefused(t *testing.T) {
	folder := t.TempDir()
	first := serve(t, folder)
	code, _, said := run(t, folder, []string{"PARLEY_LISTEN=127.0.0.1:0"}, "serve")
	if code != refused || !strings.HasPrefix(said, "parley: DATABASE_URL: ") {
		t.Errorf("got exit code %d and %q, want %d and DATABASE_URL", code, said, refused)
	}
	join(t, first, "ada") // the first one does not mind
	if code, _ := first.end(t); code != 0 {
		t.Errorf("the first one ended with %d", code)
	}
	serve(t, folder) // the file is free again
}

func TestOtherKeysThanTheDatabaseWasUsedWithAreRefused(t *testing.T) {
	folder := t.TempDir()
	serve(t, folder).end(t)

	other := "PARLEY_MASTER_KEY=" + strings.Repeat("another key ", 4)
	code, _, said := run(t, folder, []string{"PARLEY_LISTEN=127.0.0.1:0", other}, "serve")
	if code != refused || !strings.HasPrefix(said, "parley: PARLEY_MASTER_KEY: ") {
		t.Errorf("a master key: got exit code %d and %q, want %d and PARLEY_MASTER_KEY", code, said, refused)
	}
	if err := os.RemoveAll(filepath.Join(folder, "data/keys")); err != nil {
		t.Fatal(err)
	}
	code, _, said = run(t, folder, []string{"PARLEY_LISTEN=127.0.0.1:0"}, "serve")
	if code != refused || !strings.HasPrefix(said, "parley: PARLEY_DATA_DIR: ") {
		t.Errorf("new keys: got exit code %d and %q, want %d and PARLEY_DATA_DIR", code, said, refused)
	}
	for _, want := range []string{"from now on", "already"} {
		if code, out, said := run(t, folder, nil, "keys", "adopt"); code != 0 || !strings.Contains(out, want) {
			t.Errorf("adopting them: got exit code %d, %q and %q, want 0 and %q", code, out, said, want)
		}
	}
	serve(t, folder).end(t)
}

func TestCheckSaysWhatServeWouldSayAndMakesNothing(t *testing.T) {
	folder := t.TempDir()
	code, out, said := run(t, folder, nil, "check")
	if code != 0 || !strings.Contains(out, "settings: fine") {
		t.Errorf("got exit code %d and %q %q, want 0", code, out, said)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 0 {
		t.Errorf("it has made %v (%v)", entries, err)
	}
	s := serve(t, folder)
	if code, _, _ := run(t, folder, nil, "check"); code != refused {
		t.Errorf("while another process serves: got exit code %d, want %d", code, refused)
	}
	s.end(t)
	if code, out, said := run(t, folder, nil, "check"); code != 0 || !strings.Contains(out, "database: fine") {
		t.Errorf("afterwards: got exit code %d and %q %q, want 0", code, out, said)
	}
	if code, _, _ := run(t, folder, []string{"PARLEY_CORS_ORIGINS=*"}, "check"); code != refused {
		t.Errorf("with a wildcard: got exit code %d, want %d", code, refused)
	}
}
