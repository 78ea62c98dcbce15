package parley_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// vague names say nothing of what one finds in a package; what is shared has to
// earn a noun.
const vague = "base common core data entity helper helpers impl interfaces lib libs manager misc model models mock mocks " +
	"service services shared stuff support testutil tools types util utility utils"

func TestEveryPackageHasANameThatSaysSomething(t *testing.T) {
	for _, f := range sources(t, ".") {
		for _, name := range []string{path.Base(f.pkg), strings.TrimSuffix(f.name, "_test")} {
			if isVague(name) {
				t.Errorf("%s: package %s says nothing of what is in it", f.path, name)
			}
		}
	}
	for _, planted := range []string{"util", "common", "helper", "manager", "service", "misc", "base", "model", "roomservice", "usermanager", "chatutil", "stringhelpers"} {
		if !isVague(planted) {
			t.Errorf("a package may be called %s", planted)
		}
	}
}

func isVague(name string) bool {
	return slices.ContainsFunc(strings.Fields(vague), func(word string) bool {
		return name == word || len(word) >= 4 && strings.HasSuffix(name, word) && slices.Contains(endings, word)
	})
}

// endings are the vague names that make another name vague.
var endings = []string{"helper", "helpers", "impl", "manager", "service", "services", "util", "utils"}

// suites are the contracts that an adapter runs, by what its name ends in.
var suites = map[string][]string{"store": {"Store", "Log", "Updates", "Subscribers", "Relays"}, "bus": {"Bus"}, "feed": {"Feed"}}

func TestEveryAdapterRunsItsSuites(t *testing.T) {
	tests := make(map[string][]*ast.File)
	for _, f := range sources(t, "adapters") {
		tests[f.pkg] = append(tests[f.pkg], nil)
		if f.test {
			tests[f.pkg] = append(tests[f.pkg], f.syntax)
		}
	}
	kept := make(map[string]bool)
	for pkg, files := range tests {
		for ending, names := range suites {
			if strings.Count(pkg, "/") > 1 || !strings.HasSuffix(pkg, ending) {
				continue
			}
			kept[ending] = true
			for _, suite := range names {
				if !runs(files, suite) {
					t.Errorf("%s does not run contract.%s in its tests", pkg, suite)
				}
			}
		}
	}
	for ending := range suites {
		if !kept[ending] {
			t.Errorf("no adapter is a %s: a typo, or out of date", ending)
		}
	}
}

// runs reports whether one of the files has a test that calls contract.<suite>.
func runs(files []*ast.File, suite string) bool {
	for _, f := range files {
		if f == nil {
			continue
		}
		found := false
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
					of, ok := sel.X.(*ast.Ident)
					found = found || ok && of.Name == "contract" && sel.Sel.Name == suite
				}
			}
			return !found
		})
		if found {
			return true
		}
	}
	return false
}

func TestAnAdapterThatRunsNoSuiteIsFound(t *testing.T) {
	for body, want := range map[string]bool{
		"contract.Feed(t, open)":              true,
		"for range 2 { contract.Feed(t, o) }": true,
		"// contract.Feed(t, open)":           false,
		"_ = contract.FeedPromises":           false,
		"contract.Bus(t, open)":               false,
		"other.Feed(t, open)":                 false,
		`println("contract.Feed(t, open)")`:   false,
	} {
		text := "package p\nfunc f() {\n" + body + "\n}"
		f, err := parser.ParseFile(token.NewFileSet(), "p_test.go", text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := runs([]*ast.File{nil, f}, "Feed"); got != want {
			t.Errorf("%s: runs it: %t, want %t", body, got, want)
		}
	}
}

// Ports stay few and small. They are guides: past them, look for the second
// thing that a port is about.
const (
	mostPorts   = 18
	mostMethods = 6
)

func TestPortsAreFewAndSmall(t *testing.T) {
	ports := make(map[string]int)
	for _, f := range sources(t, "application/port") {
		for name, methods := range interfaces(f.syntax) {
			ports[name] = methods
		}
	}
	if len(ports) == 0 || len(ports) > mostPorts {
		t.Errorf("%d ports, want 1 to %d", len(ports), mostPorts)
	}
	for name, methods := range ports {
		if methods > mostMethods {
			t.Errorf("port.%s has %d methods, want at most %d", name, methods, mostMethods)
		}
	}
	planted, err := parser.ParseFile(token.NewFileSet(), "p.go", "package p\ntype P interface { A(); B(); C(int) error }", parser.SkipObjectResolution)
	if err != nil || interfaces(planted)["P"] != 3 {
		t.Errorf("a port of three methods counts %d, %v", interfaces(planted)["P"], err)
	}
}

// interfaces has the number of methods of each interface of the file; one that
// is embedded counts as more than there may be, for nobody sees its size.
func interfaces(f *ast.File) map[string]int {
	found := make(map[string]int)
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if of, ok := spec.Type.(*ast.InterfaceType); ok {
			for _, method := range of.Methods.List {
				found[spec.Name.Name] += max(len(method.Names), 1)
				if len(method.Names) == 0 {
					found[spec.Name.Name] += mostMethods
				}
			}
		}
		return true
	})
	return found
}
