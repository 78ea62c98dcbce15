package chromium_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"parley/clients/chromium"
)

// apt plays apt-get in a PATH where there is nothing else: it notes how it is
// called, and what it installs is itself.
const apt = `#!/bin/sh
echo "$*" >>"$0.log"
case "$*" in
*" install "*) /bin/cp "$0" "${0%/*}/chromium" ;;
esac
`

func TestOneOfTwoThatLackABrowserInstallsIt(t *testing.T) {
	if os.Getuid() != 0 {
		t.Log("only root installs anything; that nobody else does is tested below")
		return
	}
	bin := only(t, map[string]string{"apt-get": apt})
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if found := chromium.Find(t); found != filepath.Join(bin, "chromium") {
				t.Errorf("found %s", found)
			}
		})
	}
	both.Wait()
	log, err := os.ReadFile(filepath.Join(bin, "apt-get.log"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(log), " install ") != 1 || !strings.Contains(string(log), " update\n") {
		t.Errorf("apt-get was called\n%s", log)
	}
}

// A test that has no browser is not passed over.
func TestWithoutABrowserTheTestFailsAndSaysHowToGetOne(t *testing.T) {
	only(t, nil)
	for name, given := range map[string]string{"none": "", "one that is not there": "/nowhere/chromium"} {
		t.Setenv("CHROME", given)
		w := &witness{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			chromium.Find(w)
		}()
		<-done
		if !strings.Contains(w.said, "apt-get install chromium") || !strings.Contains(w.said, "CHROME") {
			t.Errorf("%s: it said %q", name, w.said)
		}
	}
}

// only makes a PATH of a new folder with these programs.
func only(t *testing.T, programs map[string]string) string {
	t.Helper()
	bin := t.TempDir()
	for name, text := range programs {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin)
	t.Setenv("CHROME", "")
	t.Setenv("TMPDIR", bin) // so that no lock of others is waited for
	return bin
}

// witness is a test whose failure is looked at.
type witness struct {
	testing.TB
	said string
}

func (w *witness) Fatalf(format string, args ...any) {
	w.said = fmt.Sprintf(format, args...)
	runtime.Goexit()
}
