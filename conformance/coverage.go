package conformance

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Test is a test that says which lines it covers.
type Test struct {
	Package string // its folder
	Name    string
	Lines   []string
}

func (t Test) String() string { return t.Package + " " + t.Name }

var (
	mention = regexp.MustCompile(`(?m)^Mercure:`)
	naming  = regexp.MustCompile(`(?m)^Mercure:((?:\s+[A-Z][0-9]*,)*\s+[A-Z][0-9]*)\.\s*\z`)
	ids     = regexp.MustCompile(`[A-Z][0-9]*`)
	runs    = regexp.MustCompile(`^(Test|Fuzz)([^a-z].*)?$`) // a benchmark is run by nobody who does not ask for it
)

// Tests reads the tests of the module at root that name lines, but for nested
// modules. A comment that names lines where no test is, so that nothing would ever
// run for them, is an error: each is a claim that nobody checks.
func Tests(root fs.FS) ([]Test, error) {
	var tests []Test
	var wrong []error
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && foreign(root, name):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		found, err := read(root, name)
		tests, wrong = append(tests, found...), append(wrong, err)
		return nil
	})
	slices.SortFunc(tests, func(a, b Test) int { return cmp.Compare(a.String(), b.String()) })
	return tests, errors.Join(append(wrong, err)...)
}

// foreign reports whether a folder has nothing that go test ./... would run.
func foreign(root fs.FS, folder string) bool {
	base := path.Base(folder)
	_, err := fs.Stat(root, path.Join(folder, "go.mod"))
	return err == nil || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules"
}

// read returns the tests of a file that name lines.
func read(root fs.FS, name string) (tests []Test, err error) {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return nil, err
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	docs := make(map[*ast.CommentGroup]*ast.FuncDecl)
	for _, declared := range file.Decls {
		if f, ok := declared.(*ast.FuncDecl); ok && f.Doc != nil {
			docs[f.Doc] = f
		}
	}
	var wrong []error
	for _, comment := range file.Comments {
		if !mention.MatchString(comment.Text()) {
			continue
		}
		test, err := claim(root, name, comment, docs[comment])
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", files.Position(comment.Pos()), err))
			continue
		}
		tests = append(tests, test)
	}
	return tests, errors.Join(wrong...)
}

// claim reads a comment that names lines. What it stands before has to be
// something that go test runs.
func claim(root fs.FS, name string, comment *ast.CommentGroup, f *ast.FuncDecl) (Test, error) {
	switch {
	case f == nil || f.Recv != nil || !strings.HasSuffix(name, "_test.go") || !runs.MatchString(f.Name.Name) || !takesOne(f):
		return Test{}, errors.New("lines of the protocol are named where no test is")
	case !included(root, name):
		return Test{}, fmt.Errorf("%s names lines of the protocol, and is left out by a build constraint", f.Name.Name)
	}
	found := naming.FindStringSubmatch(comment.Text())
	if found == nil {
		return Test{}, fmt.Errorf("the comment of %s does not end as in: Mercure: B1, D4", f.Name.Name)
	}
	return Test{Package: path.Dir(name), Name: f.Name.Name, Lines: ids.FindAllString(found[1], -1)}, nil
}

// takesOne reports whether the function takes a *testing.T, or one of its kin, and
// nothing else: others are no tests, whatever their names.
func takesOne(f *ast.FuncDecl) bool {
	in := f.Type.Params.List
	if len(in) != 1 || len(in[0].Names) > 1 || f.Type.TypeParams != nil || f.Type.Results != nil {
		return false
	}
	pointer, ok := in[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	of, ok := pointer.X.(*ast.SelectorExpr)
	kind := map[string]string{"T": "Test", "F": "Fuzz"}
	return ok && kind[of.Sel.Name] != "" && strings.HasPrefix(f.Name.Name, kind[of.Sel.Name])
}

// included reports whether go test compiles the file here, without further tags.
func included(root fs.FS, name string) bool {
	here := build.Default
	here.JoinPath = path.Join
	here.OpenFile = func(name string) (io.ReadCloser, error) { return root.Open(name) }
	is, err := here.MatchFile(path.Dir(name), path.Base(name))
	return is && err == nil
}
