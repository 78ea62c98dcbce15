package bunstoretest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// fetched as PG_BIN takes the fetched binaries even where others are installed.
const fetched = "npm"

// folders is where PostgreSQL's programs are wont to be.
var folders = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/usr/local/pgsql/bin",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
	"/opt/local/lib/postgresql*/bin",
}

// binaries is a folder with initdb and postgres: the one that PG_BIN names, else
// the newest that is installed, else one that is fetched.
func binaries() (string, error) {
	if given := os.Getenv("PG_BIN"); given == fetched {
		return fetch()
	} else if given != "" {
		if !complete(given) {
			return "", errors.New("PG_BIN has no initdb and postgres")
		}
		return given, nil
	}
	for _, pattern := range folders {
		found, _ := filepath.Glob(pattern)
		slices.SortFunc(found, newestFirst)
		for _, folder := range found {
			if complete(folder) {
				return folder, nil
			}
		}
	}
	if path, err := exec.LookPath("postgres"); err == nil && complete(filepath.Dir(path)) {
		return filepath.Dir(path), nil
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil && complete(strings.TrimSpace(string(out))) {
		return strings.TrimSpace(string(out)), nil
	}
	return fetch()
}

// newestFirst: a longer number is a newer one.
func newestFirst(a, b string) int {
	if len(a) != len(b) {
		return len(b) - len(a)
	}
	return strings.Compare(b, a)
}

func complete(folder string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.IsDir() {
			return false
		}
	}
	return true
}
