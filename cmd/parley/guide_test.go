package main_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"parley/cmd/parley/parleytest"
)

// A newcomer who does nothing but paste what the program prints sees a message
// on a stream.
func TestThePrintedCommandsWorkWhenTheyArePasted(t *testing.T) {
	s := serve(t, t.TempDir())
	commands := pasted(s.out.String())
	if len(commands) < 8 {
		t.Fatalf("got %d commands, want a whole conversation:\n%s", len(commands), s.out)
	}
	shell := exec.Command("bash")
	shell.Stdin = strings.NewReader(strings.Join(commands, "\n") + "\n")
	seen := &parleytest.Writings{}
	shell.Stdout, shell.Stderr = seen, seen
	if err := shell.Start(); err != nil {
		t.Fatalf("this test needs bash and curl: %v", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = shell.Wait() // ends with the stream, which ends with the program
		close(ended)
	}()
	await(t, "Ben's stream shows what Ada has said", func() bool {
		for line := range strings.Lines(seen.String()) {
			if strings.HasPrefix(line, "data:") && strings.Contains(line, `"content":"Hello Ben"`) {
				return true
			}
		}
		select {
		case <-ended:
			t.Fatalf("the commands have ended without it:\n%s", seen)
		default:
		}
		return false
	})
	if code, _ := s.end(t); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	<-ended
	if strings.Contains(seen.String(), "/problems/") {
		t.Errorf("a command was refused:\n%s", seen)
	}
}

// pasted is the commands of a guide: its lines that are indented by four.
func pasted(guide string) []string {
	var commands []string
	for line := range strings.Lines(guide) {
		if command, ok := strings.CutPrefix(line, "    "); ok {
			commands = append(commands, strings.TrimSuffix(command, "\n"))
		}
	}
	return commands
}

func TestTheReadmeHasTheCommandsThatArePrinted(t *testing.T) {
	s := serve(t, t.TempDir())
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	printed := strings.Join(pasted(s.out.String()), "\n")
	want := "```bash\n" + strings.ReplaceAll(printed, s.url, "http://127.0.0.1:8080") + "\n```"
	if !strings.Contains(string(readme), want) {
		t.Errorf("README.md does not have what is printed:\n%s", want)
	}
}

func TestWithoutAConversationToTryOnlyAddressesArePrinted(t *testing.T) {
	s := serve(t, t.TempDir(), "PARLEY_REGISTRATION=closed")
	if got := pasted(s.out.String()); got != nil {
		t.Errorf("nobody can register, but these are printed: %q", got)
	}
}

// Mercure: R1.
func TestEverythingIsKeptInTheDataDirectoryForItsOwnerAlone(t *testing.T) {
	folder := t.TempDir()
	serve(t, folder)
	for path, want := range map[string]fs.FileMode{
		"data": 0o700, "data/keys": 0o700, "data/keys/cursor.key": 0o600, "data/keys/signing-1.key": 0o600,
	} {
		info, err := os.Stat(filepath.Join(folder, path))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", path, got, want)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "data/parley.db")); err != nil {
		t.Errorf("the database is not where it should be: %v", err)
	}
}
