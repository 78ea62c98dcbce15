package main

import (
	"os"
	"path/filepath"
	"testing"

	"parley/conformance"
)

// A test that go test does not know, or that fails, is not what covers a line.
func TestOnlyWhatRunsAndHoldsCounts(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":      "module parley\n\ngo 1.26\n",
		"p/p_test.go": "package p\n\nimport \"testing\"\n\nfunc TestHolds(t *testing.T) {}\n\nfunc TestFails(t *testing.T) { t.Fail() }\n",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"TestHolds": "ok", "TestFails": "FAIL", "TestThatIsNotThere": "-"} {
		test := conformance.Test{Package: "p", Name: name}
		outcomes, err := run(root, []conformance.Test{test})
		if outcomes[test.String()] != want || (err == nil) != (want == "ok") {
			t.Errorf("%s: %q, %v; want %q", name, outcomes[test.String()], err, want)
		}
	}
}
