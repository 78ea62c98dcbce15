package clients_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"parley/cmd/parley/parleytest"
)

// library is a client from the npm registry that listens.
type library string

const (
	eventSource      library = "eventsource"
	fetchEventSource library = "fetch-event-source"
)

// listener is a line to be opened with a library.
type listener struct {
	Name    string  `json:"name"`
	Library library `json:"library"`
	URL     string  `json:"url"`
	Token   string  `json:"token"`
	After   string  `json:"after"` // the id to resume from, in the header
}

// told is what a library tells whoever uses it.
type told struct {
	Name string `json:"name"`
	What string `json:"what"` // opened, message, interrupted or gave up
	ID   string `json:"id"`
	Data string `json:"data"`
}

// listening is a Node process with open lines.
type listening struct{ said, failed parleytest.Writings }

// listen opens lines, all of them in one process, which ends with the test.
func listen(t *testing.T, lines ...listener) *listening {
	t.Helper()
	packages(t)
	what, err := json.Marshal(lines)
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", "listen.mjs", string(what))
	l := &listening{}
	node.Stdout, node.Stderr = &l.said, &l.failed
	open, err := node.StdinPipe() // it ends when this does
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = open.Close()
		_ = node.Process.Kill()
		_ = node.Wait()
		if t.Failed() {
			t.Logf("node wrote:\n%s", l.failed.String())
		}
	})
	return l
}

// told is what one line has told so far.
func (l *listening) told(t *testing.T, name, what string) (all []told) {
	t.Helper()
	for _, line := range l.said.Lines() {
		var one told
		if line == "" {
			continue
		}
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("node wrote %q", line)
		}
		if one.Name == name && one.What == what {
			all = append(all, one)
		}
	}
	return all
}

// words are what the messages say that a line has heard.
func (l *listening) words(t *testing.T, name string) (words []string) {
	t.Helper()
	for _, heard := range l.told(t, name, "message") {
		var message struct{ Content string }
		if err := json.Unmarshal([]byte(heard.Data), &message); err != nil {
			t.Fatalf("%s heard %q", name, heard.Data)
		}
		words = append(words, message.Content)
	}
	return words
}

// packages installs the libraries where Node looks for them, once: those of
// package-lock.json, to the byte.
func packages(t *testing.T) {
	t.Helper()
	if err := installed(); err != nil {
		t.Fatalf("%v\nNode.js 20 or later with npm, and its registry, are needed for the clients that come from there.", err)
	}
}

var installed = sync.OnceValue(func() error { return install(".") })

// install makes the folder of packages apart and then moves it: another run may do
// the same at the same time. A lock that has changed since is installed anew.
func install(folder string) error {
	want, err := os.ReadFile(filepath.Join(folder, "package-lock.json"))
	if err != nil {
		return err
	}
	kept, stamp := filepath.Join(folder, "node_modules"), "parley-lock.json"
	current := func() bool {
		is, err := os.ReadFile(filepath.Join(kept, stamp))
		return err == nil && string(is) == string(want)
	}
	if current() {
		return nil
	}
	work, err := os.MkdirTemp(folder, ".installing")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(work, name), text, 0o600)
		}
		if err != nil {
			return err
		}
	}
	npm := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
	npm.Dir = work
	if said, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w\n%s", err, said)
	}
	made := filepath.Join(work, "node_modules")
	if err := os.WriteFile(filepath.Join(made, stamp), want, 0o600); err != nil {
		return err
	}
	_ = os.Rename(kept, filepath.Join(work, "old")) // of another lock, if there is one
	if err := os.Rename(made, kept); err != nil && !current() {
		return err
	}
	return nil
}
