package conformance

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// Report says of each line which tests cover it.
type Report struct {
	lines []Line
	tests map[string][]Test // by the line
}

// Judge brings lines and tests together. A test that names a line which is not
// there, a line that binds and has neither a test nor a reason, and a reason why
// there is no test where there is one, are errors.
func Judge(lines []Line, tests []Test) (Report, error) {
	r := Report{lines, make(map[string][]Test)}
	var wrong []error
	for _, test := range tests {
		for _, id := range test.Lines {
			if !slices.ContainsFunc(lines, func(l Line) bool { return l.ID == id }) {
				wrong = append(wrong, fmt.Errorf("%s names %s, which the checklist does not have", test, id))
			}
			r.tests[id] = append(r.tests[id], test)
		}
	}
	for _, l := range lines {
		switch covered := len(r.tests[l.ID]) > 0; {
		case covered && l.Reason != "":
			wrong = append(wrong, fmt.Errorf("%s has a reason why no test covers it, and %s does", l.ID, r.tests[l.ID][0]))
		case !covered && l.Reason == "" && l.Binds():
			wrong = append(wrong, Uncovered{l})
		}
	}
	return r, errors.Join(wrong...)
}

// Uncovered is a line that binds and has neither a test nor a reason.
type Uncovered struct{ Line Line }

func (u Uncovered) Error() string {
	return fmt.Sprintf("%s binds us, and has neither a test nor a reason: %s", u.Line.ID, u.Line.Asks)
}

// Tests are those that cover anything, each once.
func (r Report) Tests() []Test {
	var all []Test
	for _, l := range r.lines {
		for _, test := range r.tests[l.ID] {
			if !slices.ContainsFunc(all, func(known Test) bool { return known.String() == test.String() }) {
				all = append(all, test)
			}
		}
	}
	return all
}

// Print writes the checklist line by line, with the tests of each and what came of
// them, or the reason why there is none.
func (r Report) Print(to io.Writer, outcome func(Test) string) error {
	section, bound, covered := "", 0, 0
	for _, l := range r.lines {
		if l.Section != section {
			section = l.Section
			_, _ = fmt.Fprintf(to, "\n%c. %s\n", l.ID[0], section)
		}
		_, _ = fmt.Fprintf(to, "\n%-4s %-6s %-4s %-10s %s\n", l.ID, l.Level, l.Version, l.Role, l.Asks)
		for _, test := range r.tests[l.ID] {
			_, _ = fmt.Fprintf(to, "       %-6s %s\n", outcome(test), test)
		}
		switch {
		case l.Reason != "":
			_, _ = fmt.Fprintf(to, "       %-6s %s\n", "none:", l.Reason)
		case len(r.tests[l.ID]) == 0 && l.Binds():
			_, _ = fmt.Fprintf(to, "       %-6s no test, and no reason\n", "OPEN")
		}
		if l.Binds() {
			bound++
			if l.Reason != "" || len(r.tests[l.ID]) > 0 {
				covered++
			}
		}
	}
	_, err := fmt.Fprintf(to, "\nOf %d lines %d bind; %d of these have a test or a reason.\n", len(r.lines), bound, covered)
	return err
}
