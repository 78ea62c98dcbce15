package conformance_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"parley/conformance"
)

// Everything that the protocol asks of us is shown by a test, or there is a reason
// why not.
func TestEveryLineThatBindsHasATestOrAReason(t *testing.T) {
	lines, err := conformance.Checklist()
	if err != nil {
		t.Fatal(err)
	}
	tests, err := conformance.Tests(os.DirFS(".."))
	if err != nil {
		t.Error(err)
	}
	if _, err := conformance.Judge(lines, tests); err != nil {
		t.Error(err)
	}
	if len(tests) == 0 {
		t.Error("no test names a line")
	}
}

// The sections have as many lines as the protocol's two drafts come down to.
func TestTheChecklistIsWhole(t *testing.T) {
	lines, err := conformance.Checklist()
	if err != nil {
		t.Fatal(err)
	}
	last := make(map[byte]string)
	for _, l := range lines {
		last[l.ID[0]] = l.ID
	}
	var ends []string
	for section := byte('A'); section <= 'Z'; section++ {
		if last[section] != "" {
			ends = append(ends, last[section])
		}
	}
	want := strings.Fields("A7 B13 C9 D16 E7 F4 G6 H12 I7 J3 K5 L3 M10 N10 O11 P2 Q R4 S14 U9")
	if !slices.Equal(ends, want) {
		t.Errorf("the sections end with %v, want %v", ends, want)
	}
}

const header = "## A. One\n\n| Line | Version | Role | Level | What it asks | Why no test of ours |\n|---|---|---|---|---|---|\n"

func TestAChecklistThatIsNotOneIsRefused(t *testing.T) {
	for name, rows := range map[string]string{
		"a line twice":             "| A1 | both | hub | MUST | x | |\n| A1 | both | hub | MUST | x | |\n",
		"a number left out":        "| A1 | both | hub | MUST | x | |\n| A3 | both | hub | MUST | x | |\n",
		"a section before it":      "| A1 | both | hub | MUST | x | |\n## A. One more\n| A1 | both | hub | MUST | x | |\n",
		"another section's line":   "| B1 | both | hub | MUST | x | |\n",
		"a level that is none":     "| A1 | both | hub | SHALL | x | |\n",
		"a role that is none":      "| A1 | both | proxy | MUST | x | |\n",
		"a version that is none":   "| A1 | 2.0 | hub | MUST | x | |\n",
		"a line that asks nothing": "| A1 | both | hub | MUST | | |\n",
		"a cell too few":           "| A1 | both | hub | MUST | x |\n",
	} {
		if lines, err := conformance.Parse(header + rows); err == nil {
			t.Errorf("%s: read as %v", name, lines)
		}
	}
}

// two is a checklist with a line that binds, and one that does not.
func two(t *testing.T, reason string) []conformance.Line {
	t.Helper()
	lines, err := conformance.Parse(header + "| A1 | both | hub | MUST | x | " + reason + " |\n| A2 | both | hub | MAY | y | |\n")
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestWhatIsNotCoveredIsNoticed(t *testing.T) {
	covers := func(ids ...string) []conformance.Test {
		return []conformance.Test{{Package: "p", Name: "TestX", Lines: ids}}
	}
	for name, c := range map[string]struct {
		reason string
		tests  []conformance.Test
		want   string // part of what is wrong; empty: nothing is
	}{
		"covered":                  {"", covers("A1", "A2"), ""},
		"excused":                  {"because", nil, ""},
		"neither":                  {"", covers("A2"), "A1 binds us, and has neither"},
		"both":                     {"because", covers("A1"), "A1 has a reason"},
		"a line that is not there": {"because", covers("A9"), "p TestX names A9"},
		"what need not be, is not": {"", covers("A1"), ""},
	} {
		_, err := conformance.Judge(two(t, c.reason), c.tests)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTestsAreReadFromTheirComments(t *testing.T) {
	const imports = "package p\nimport \"testing\"\n"
	for name, c := range map[string]struct{ file, text, want string }{
		"one":           {"p/a_test.go", imports + "// It holds.\n//\n// Mercure: A1.\nfunc TestIt(t *testing.T) {}", "p TestIt [A1]"},
		"several":       {"p/a_test.go", imports + "// Mercure: A1, B12,\n// C3.\nfunc FuzzIt(f *testing.F) {}", "p FuzzIt [A1 B12 C3]"},
		"others":        {"p/a_test.go", imports + "// The protocol is called Mercure: A1.\nfunc TestIt(t *testing.T) {}", ""},
		"nested module": {"p/sub/a_test.go", imports + "// Mercure: A1.\nfunc TestIt(t *testing.T) {}", ""},
		"generated":     {"p/testdata/a_test.go", "no Go at all", ""},
	} {
		tree := fstest.MapFS{c.file: {Data: []byte(c.text)}, "p/sub/go.mod": {Data: []byte("module sub")}}
		tests, err := conformance.Tests(tree)
		got := ""
		for _, test := range tests {
			got += test.String() + " [" + strings.Join(test.Lines, " ") + "]"
		}
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v; want %q", name, got, err, c.want)
		}
	}
}

// Whoever names lines where nothing is run for them claims what nobody checks.
func TestAClaimThatNothingIsRunForIsRefused(t *testing.T) {
	const imports = "package p\nimport \"testing\"\n"
	for name, c := range map[string]struct{ file, text string }{
		"no test file":          {"p/a.go", imports + "// Mercure: A1.\nfunc TestIt(t *testing.T) {}"},
		"no test by its name":   {"p/a_test.go", imports + "// Mercure: A1.\nfunc testIt(t *testing.T) {}"},
		"nor by this one":       {"p/a_test.go", imports + "// Mercure: A1.\nfunc Testing(t *testing.T) {}"},
		"a benchmark":           {"p/a_test.go", imports + "// Mercure: A1.\nfunc BenchmarkIt(b *testing.B) {}"},
		"more arguments":        {"p/a_test.go", imports + "// Mercure: A1.\nfunc TestIt(t *testing.T, n int) {}"},
		"another argument":      {"p/a_test.go", imports + "// Mercure: A1.\nfunc TestMain(m *testing.M) {}"},
		"a method":              {"p/a_test.go", imports + "type x struct{}\n// Mercure: A1.\nfunc (x) TestIt(t *testing.T) {}"},
		"commented out":         {"p/a_test.go", imports + "// Mercure: A1.\n//\n// func TestIt(t *testing.T) {}"},
		"apart from the test":   {"p/a_test.go", imports + "// Mercure: A1.\n\nfunc TestIt(t *testing.T) {}"},
		"within the test":       {"p/a_test.go", imports + "func TestIt(t *testing.T) {\n// Mercure: A1.\n}"},
		"left out by a tag":     {"p/a_test.go", "//go:build chaos\n\n" + imports + "// Mercure: A1.\nfunc TestIt(t *testing.T) {}"},
		"left out by its name":  {"p/a_plan9_test.go", imports + "// Mercure: A1.\nfunc TestIt(t *testing.T) {}"},
		"not how it is written": {"p/a_test.go", imports + "// Mercure: A1 and A2.\nfunc TestIt(t *testing.T) {}"},
		"without its end":       {"p/a_test.go", imports + "// Mercure: A1\nfunc TestIt(t *testing.T) {}"},
		"not at the end":        {"p/a_test.go", imports + "// Mercure: A1.\n// And so on.\nfunc TestIt(t *testing.T) {}"},
		"no line at all":        {"p/a_test.go", imports + "// Mercure: .\nfunc TestIt(t *testing.T) {}"},
		"no Go":                 {"p/a_test.go", "package"},
	} {
		if tests, err := conformance.Tests(fstest.MapFS{c.file: {Data: []byte(c.text)}}); err == nil {
			t.Errorf("%s: read as %v", name, tests)
		}
	}
}

func TestTheReportGoesThroughTheChecklist(t *testing.T) {
	lines := two(t, "")
	r, err := conformance.Judge(lines, []conformance.Test{{Package: "p", Name: "TestX", Lines: []string{"A1"}}})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := r.Print(&out, func(conformance.Test) string { return "ok" }); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"A. One\n", "A1   MUST", "ok     p TestX\n", "A2   MAY", "Of 2 lines 1 bind; 1 of these"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}
