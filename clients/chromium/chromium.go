// Package chromium runs a real browser for tests: what a browser does with what
// we send, only a browser can say.
package chromium

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience is how long a page may take, on a machine that is busy with other tests.
const patience = 90 * time.Second

// programs is what a Chromium is called, and where it is if no PATH says so.
var programs = []string{
	"chromium",
	"chromium-browser",
	"google-chrome",
	"google-chrome-stable",
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
}

// Find returns the path of a Chromium: the one that CHROME names, else one that
// is installed, else Debian's, which it installs where it may. Without any the
// test fails and says how to get one.
func Find(t testing.TB) string {
	t.Helper()
	path, err := find()
	if err != nil {
		t.Fatalf("%v\nInstall Chromium (on Debian: apt-get install chromium), or name one in CHROME.", err)
	}
	return path
}

func find() (string, error) {
	if given := os.Getenv("CHROME"); given != "" {
		path, err := exec.LookPath(given)
		if err != nil {
			return "", fmt.Errorf("CHROME is no program: %w", err)
		}
		return path, nil
	}
	if path := installed(); path != "" {
		return path, nil
	}
	if err := install(); err != nil {
		return "", fmt.Errorf("there is no Chromium: %w", err)
	}
	if path := installed(); path != "" {
		return path, nil
	}
	return "", errors.New("there is no Chromium, though it was just installed")
}

func installed() string {
	for _, program := range programs {
		if path, err := exec.LookPath(program); err == nil {
			return path
		}
	}
	return ""
}

// Flags are what a Chromium is started with in tests: without a screen, as root
// too, without a word to anybody but the page's own server, and with all that it
// remembers in a folder, which is to be a new one for each run.
func Flags(profile string) []string {
	return []string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--user-data-dir=" + profile,
	}
}

// DumpDOM opens a page, a URL or the path of a file, in a browser of its own and
// returns the document as it is once it has loaded and its scripts have run.
func DumpDOM(t testing.TB, page string) string {
	t.Helper()
	if !strings.Contains(page, "://") {
		path, err := filepath.Abs(page)
		if err != nil {
			t.Fatal(err)
		}
		page = (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
	}
	document, err := dump(t.Context(), Find(t), t.TempDir(), page)
	if err != nil {
		t.Fatalf("open %s: %v", page, err)
	}
	return document
}

func dump(ctx context.Context, browser, profile, page string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, browser, append(Flags(profile), "--dump-dom", page)...) //nolint:gosec // it is the test's own page
	whole(cmd)
	var document, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &document, &said
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("it is not there after %v\n%s", patience, said.Bytes())
	case err != nil:
		return "", fmt.Errorf("%w\n%s", err, said.Bytes())
	}
	return document.String(), nil
}
