package httpapi //nolint:testpackage // the table of problems is nobody else's

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"parley/domain/fault"
)

// kinds are all kinds of refusal by their names.
var kinds = map[string]fault.Kind{
	"Invalid": fault.Invalid, "Malformed": fault.Malformed, "Unproven": fault.Unproven, "Denied": fault.Denied,
	"Missing": fault.Missing, "Conflict": fault.Conflict, "Stale": fault.Stale, "Limited": fault.Limited,
	"Unavailable": fault.Unavailable,
}

func TestEveryFaultThatIsDeclaredAnywhereIsAKnownProblem(t *testing.T) {
	declared := 0
	for _, part := range []string{"../../domain", "../../application", ".."} {
		err := filepath.WalkDir(part, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(node ast.Node) bool {
				if kind, code, ok := declaration(node); ok {
					declared++
					if wrong := misfit(kind, code); wrong != "" {
						t.Errorf("%s: %s", path, wrong)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if declared < 30 {
		t.Errorf("found only %d declarations of faults", declared)
	}
}

// declaration is the kind and the code of a fault.New or a fault.Of.
func declaration(node ast.Node) (kind, code string, ok bool) {
	call, ok := node.(*ast.CallExpr)
	if !ok {
		return "", "", false
	}
	made, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", "", false
	}
	in, ok := made.X.(*ast.Ident)
	if !ok || in.Name != "fault" || made.Sel.Name != "New" && made.Sel.Name != "Of" {
		return "", "", false
	}
	arguments := call.Args
	if made.Sel.Name == "Of" {
		arguments = arguments[1:]
	}
	named, isName := arguments[0].(*ast.SelectorExpr)
	text, isText := arguments[1].(*ast.BasicLit)
	if !isName || !isText {
		return "", "", false
	}
	code, err := strconv.Unquote(text.Value)
	return named.Sel.Name, code, err == nil
}

// misfit says in what a fault is not as the table of problems has it.
func misfit(kind, code string) string {
	known, ok := problems[code]
	if !ok {
		return "the code " + code + " is none of the contract's"
	}
	for _, op := range []*huma.Operation{{}, {RequestBody: &huma.RequestBody{}}, {Path: FeedPath}} {
		if refusalStatus(kinds[kind], code) == statusOf(op, code) {
			return ""
		}
	}
	return code + " as " + kind + " is " + strconv.Itoa(status(kinds[kind])) + ", and usually " + strconv.Itoa(known.status)
}

func TestAFaultThatDoesNotFitIsNoticed(t *testing.T) {
	for _, one := range []struct{ kind, code string }{{"Denied", "room-not-found"}, {"Missing", "no-such-code"}, {"Malformed", "weak-password"}} {
		if misfit(one.kind, one.code) == "" {
			t.Errorf("%s as %s is not noticed", one.code, one.kind)
		}
	}
}

func TestEveryKindOfRefusalHasAStatusOfItsOwn(t *testing.T) {
	seen := map[int]string{status(0): "nothing"}
	for name, kind := range kinds {
		if other, taken := seen[status(kind)]; taken {
			t.Errorf("%s has the status of %s", name, other)
		}
		seen[status(kind)] = name
	}
}
