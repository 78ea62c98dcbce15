package variant_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"parley/chaos/variant"
)

const root = "../.."

func TestTheProgramBuildsWithAllPoints(t *testing.T) {
	module, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	program, err := variant.Crashing.Build(t.Context(), module, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), program, "help").CombinedOutput(); err != nil || !strings.Contains(string(said), "serve") {
		t.Errorf("it says %s, %v", said, err)
	}
}

func TestEveryPointIsWhereItIsSaidToBe(t *testing.T) {
	files, err := variant.Crashing.Files(root)
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, text := range files {
		all += text
	}
	for point := range variant.Points {
		if !strings.Contains(all, `("`+point+`"`) {
			t.Errorf("the program cannot be struck at %s", point)
		}
	}
	for rest := all; ; {
		_, behind, found := strings.Cut(rest, "crash.")
		if !found {
			break
		}
		if _, named, ok := strings.Cut(behind[:strings.Index(behind, "\n")], `"`); ok {
			if point, _, _ := strings.Cut(named, `"`); variant.Points[point] == "" {
				t.Errorf("the program can be struck at %s, of which nothing is said", point)
			}
		}
		rest = behind
	}
}

// An edit that no longer says anything must not go unseen.
func TestAnEditThatDoesNotFitIsRefused(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"a.go":  "package a\n\n// B is one.\nconst B = 1\n\nconst C = 1 // one\n",
		"a.sql": "CREATE TABLE a (b bigint); -- a table\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		edits []variant.Edit
		want  error
	}{
		"it fits":                       {[]variant.Edit{{File: "a.go", From: "B = 1", To: "B = 2"}}, nil},
		"one fits what another made":    {[]variant.Edit{{File: "a.go", From: "B = 1", To: "B = 2"}, {File: "a.go", From: "B = 2", To: "B = 3"}}, nil},
		"its text is gone":              {[]variant.Edit{{File: "a.go", From: "D = 1", To: "D = 2"}}, variant.ErrMoved},
		"its text is there twice":       {[]variant.Edit{{File: "a.go", From: "= 1", To: "= 2"}}, variant.ErrMoved},
		"it looks for nothing":          {[]variant.Edit{{File: "a.go", To: "const D = 1"}}, variant.ErrMoved},
		"another took its text away":    {[]variant.Edit{{File: "a.go", From: "B = 1", To: "B = 2"}, {File: "a.go", From: "B = 1", To: "B = 3"}}, variant.ErrMoved},
		"its file is gone":              {[]variant.Edit{{File: "b.go", From: "B = 1", To: "B = 2"}}, os.ErrNotExist},
		"it changes nothing":            {[]variant.Edit{{File: "a.go", From: "B = 1", To: "B = 1"}}, variant.ErrNothing},
		"it changes a comment alone":    {[]variant.Edit{{File: "a.go", From: "is one", To: "is two"}}, variant.ErrNothing},
		"it changes the layout alone":   {[]variant.Edit{{File: "a.go", From: "B = 1", To: "B   =   1;"}}, variant.ErrNothing},
		"it changes SQL":                {[]variant.Edit{{File: "a.sql", From: "bigint", To: "text"}}, nil},
		"it changes a comment in SQL":   {[]variant.Edit{{File: "a.sql", From: "-- a table", To: "-- the table"}}, variant.ErrNothing},
		"it changes the layout of SQL":  {[]variant.Edit{{File: "a.sql", From: "TABLE a", To: "TABLE\n  a"}}, variant.ErrNothing},
		"the second of two is a remark": {[]variant.Edit{{File: "a.go", From: "B = 1", To: "B = 2"}, {File: "a.go", From: "// one", To: "// two"}}, variant.ErrNothing},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := variant.Variant{Name: name, Edits: c.edits}.Files(folder)
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}
