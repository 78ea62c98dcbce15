// Show runs the tests that cover the protocol's checklist and prints it, line by
// line, with what came of them. It fails if one of them fails, or if a line that
// binds has none and no reason.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"parley/conformance"
)

func main() {
	if err := show(os.Stdout, "."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func show(to io.Writer, root string) error {
	lines, err := conformance.Checklist()
	if err != nil {
		return err
	}
	tests, claims := conformance.Tests(os.DirFS(root))
	report, gaps := conformance.Judge(lines, tests)
	ran, failed := run(root, report.Tests())
	printed := report.Print(to, func(t conformance.Test) string { return ran[t.String()] })
	return errors.Join(claims, gaps, failed, printed)
}

// run runs tests and returns what came of each: ok, FAIL or, where go test knows of
// no such test, a dash. Whatever is not ok is an error.
func run(root string, tests []conformance.Test) (outcomes map[string]string, err error) {
	outcomes = make(map[string]string)
	if len(tests) == 0 {
		return outcomes, nil
	}
	var packages, names []string
	for _, test := range tests {
		packages, names = append(packages, "./"+test.Package), append(names, test.Name)
		outcomes[test.String()] = "-"
	}
	slices.Sort(packages)
	only := "^(" + strings.Join(names, "|") + ")$"
	args := append([]string{"test", "-json", "-count=1", "-timeout=15m", "-run=" + only}, slices.Compact(packages)...)
	test := exec.Command("go", args...) //nolint:gosec,noctx // the names are those of our own tests, and it ends with them
	test.Dir = root
	var said, failed bytes.Buffer
	test.Stdout, test.Stderr = &said, &failed
	ended := test.Run()
	wrote := note(&said, outcomes)
	for _, test := range tests {
		if came := outcomes[test.String()]; came != "ok" {
			err = errors.Join(err, fmt.Errorf("%s: %s\n%s%s", test, came, wrote[test.String()], wrote[test.Package+" "]))
		}
	}
	if err != nil || ended != nil {
		err = errors.Join(err, ended, errors.New(failed.String()))
	}
	return outcomes, err
}

// note takes down what came of the tests, and returns what each wrote, and each
// package beside its tests.
func note(said io.Reader, outcomes map[string]string) (wrote map[string]string) {
	wrote = make(map[string]string)
	for lines := bufio.NewScanner(said); lines.Scan(); {
		var event struct{ Action, Package, Test, Output string }
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			continue // the go command says something else, too
		}
		test, part, _ := strings.Cut(event.Test, "/")
		name := strings.TrimPrefix(event.Package, "parley/") + " " + test
		wrote[name] += event.Output
		if _, asked := outcomes[name]; !asked || part != "" {
			continue
		}
		switch event.Action {
		case "pass":
			outcomes[name] = "ok"
		case "fail":
			outcomes[name] = "FAIL"
		case "skip":
			outcomes[name] = "skip"
		}
	}
	return wrote
}
