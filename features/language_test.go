package features_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/cucumber/godog"
)

// The feature files are for product owners. They speak of people in rooms; the
// words of the machinery are not theirs.
var machinery = regexp.MustCompile(`(?i)\b(https?|json|xml|yaml|html|sse|eventsource|websocket|sockets?|tokens?|jwt|status|codes?|click\w*|button|` +
	`urls?|api|endpoints?|headers?|cookies?|cursors?|payloads?|polling|database|sql\w*|postgres\w*|transactions?|commits?|` +
	`servers?|backend|ids?|uuid|null|bytes?|[1-5]\d\d)\b|\b(GET|POST|PUT|PATCH|DELETE)\b`)

// A refusal is called by its public code, in words, and those are what they are.
var refusal = regexp.MustCompile(`(refused as|answer twice,) "[^"]*"`)

func words(text string) []string {
	return machinery.FindAllString(refusal.ReplaceAllString(text, "$1"), -1)
}

func TestTheFeaturesSpeakOfPeople(t *testing.T) {
	files, err := filepath.Glob("*.feature")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d feature files: %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if found := words(string(text)); len(found) > 0 {
			t.Errorf("%s speaks of %q", file, found)
		}
	}
}

func TestMachineryWordsAreFound(t *testing.T) {
	for _, planted := range []string{
		"Ben sends an HTTP request", "a JSON body", "his token", "the status is fine", "Ada clicks on it", "answers 404",
		"When Ada does a GET", "the cursor", "her id", "over SSE", "the database",
		`Ben is refused as "not allowed" with a 403`,
	} {
		if len(words(planted)) == 0 {
			t.Errorf("%q is taken for the language of people", planted)
		}
	}
	for _, fine := range []string{"Ben has said 5000 things", `Ben is refused as "idempotency key reused"`, "Ada gets a cup and puts it down", "said 12 things"} {
		if found := words(fine); len(found) > 0 {
			t.Errorf("%q is taken for machinery, because of %q", fine, found)
		}
	}
}

func TestEveryStepIsAnchoredUsedAndOneOfItsKind(t *testing.T) {
	features, err := godog.TestSuite{Options: options("")}.RetrieveFeatures()
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, feature := range features {
		for _, pickle := range feature.Pickles {
			for _, s := range pickle.Steps {
				said = append(said, s.Text)
			}
		}
	}
	for _, fault := range faults(newWorld().steps(), said) {
		t.Error(fault)
	}
}

func TestBadStepsAreFound(t *testing.T) {
	good := step{`^Ada (\w+)$`, nil}
	for says, c := range map[string]struct {
		steps []step
		said  string
		fine  bool
	}{
		"a good one":     {[]step{good}, "Ada sings", true},
		"no beginning":   {[]step{{`Ada sings$`, nil}}, "Ada sings", false},
		"no end":         {[]step{{`^Ada sings`, nil}}, "Ada sings", false},
		"one unused":     {[]step{good, {`^Ben sings$`, nil}}, "Ada sings", false},
		"two that match": {[]step{good, {`^Ada sings$`, nil}}, "Ada sings", false},
		"none":           {[]step{good}, "Cleo sings", false},
	} {
		if got := faults(c.steps, []string{c.said}); (len(got) == 0) != c.fine {
			t.Errorf("%s: %q", says, got)
		}
	}
}

// faults is what is wrong with a table of steps, given all that the files say.
func faults(steps []step, said []string) []string {
	var found []string
	matches := make(map[string]int)
	for _, s := range steps {
		if !strings.HasPrefix(s.says, "^") || !strings.HasSuffix(s.says, "$") {
			found = append(found, fmt.Sprintf("%s is not anchored", s.says))
		}
		pattern, used := regexp.MustCompile(s.says), false
		for _, text := range said {
			if pattern.MatchString(text) {
				used = true
				matches[text]++
			}
		}
		if !used {
			found = append(found, fmt.Sprintf("%s is said by no feature", s.says))
		}
	}
	for _, text := range slices.Compact(slices.Sorted(slices.Values(said))) {
		times := len(slices.DeleteFunc(slices.Clone(said), func(other string) bool { return other != text }))
		if matches[text] != times {
			found = append(found, fmt.Sprintf("%q is matched by %d steps, want one", text, matches[text]/times))
		}
	}
	return found
}

// mostLines is how long a step may be: what takes longer is something that the
// world or somebody in it can do.
const mostLines = 10

func TestStepsAreShort(t *testing.T) {
	lengths := methods(t)
	for _, s := range newWorld().steps() {
		name := strings.TrimSuffix(runtime.FuncForPC(reflect.ValueOf(s.does).Pointer()).Name(), "-fm")
		name = name[strings.LastIndex(name, ".")+1:]
		if lines := lengths[name]; lines == 0 || lines > mostLines {
			t.Errorf("%s has %d lines, want 1 to %d", name, lines, mostLines)
		}
	}
	if lengths["hearAll"] <= mostLines {
		t.Errorf("hearAll has %d lines, which cannot be", lengths["hearAll"])
	}
}

// methods has the number of lines in each method of the world.
func methods(t *testing.T) map[string]int {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	lengths, set := make(map[string]int), token.NewFileSet()
	for _, name := range files {
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && isWorlds(f) {
				within := set.Position(f.Body.Rbrace).Line - set.Position(f.Body.Lbrace).Line - 1
				lengths[f.Name.Name] = max(within, 1)
			}
		}
	}
	return lengths
}

func isWorlds(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return false
	}
	pointer, ok := f.Recv.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	of, ok := pointer.X.(*ast.Ident)
	return ok && of.Name == "world"
}
