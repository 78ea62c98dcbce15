package clients_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// npm plays npm: it notes that it was called, and installs nothing.
const npm = "#!/bin/sh\necho \"$*\" >>\"$0.log\"\n/bin/mkdir node_modules\n"

// What is installed is that of the lock: once, and anew when the lock has changed.
func TestWhatComesFromNPMIsInstalledOnceForEachLock(t *testing.T) {
	bin, folder := t.TempDir(), t.TempDir()
	t.Setenv("PATH", bin)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(folder, "package.json"), "{}")
	write(filepath.Join(folder, "package-lock.json"), "{}")
	if err := install(folder); err == nil || !strings.Contains(err.Error(), "npm") {
		t.Errorf("without npm: %v", err)
	}
	write(filepath.Join(bin, "npm"), npm)
	for _, lock := range []string{"{}", "{}", `{"a":1}`, `{"a":1}`} {
		write(filepath.Join(folder, "package-lock.json"), lock)
		if err := install(folder); err != nil {
			t.Fatal(err)
		}
	}
	log, err := os.ReadFile(filepath.Join(bin, "npm.log"))
	if err != nil || strings.Count(string(log), "ci ") != 2 {
		t.Errorf("it was called as\n%s(%v), want twice", log, err)
	}
	left, err := filepath.Glob(filepath.Join(folder, ".installing*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left (%v)", left, err)
	}
}
