// Package parley_test keeps the architecture: what each part of the program may
// import, how packages are called, and which suites the adapters run. It needs
// nothing but the source.
package parley_test

import (
	"slices"
	"strings"
	"testing"
)

const module = "parley/"

// pure is what the domain may use of the standard library: nothing that reads,
// writes, waits or draws lots. embed has the words that a password may not be,
// and sync makes a table of them once.
const pure = "cmp embed errors iter maps math slices sort strconv strings sync time unicode unicode/utf8"

// app is what anyone outside the application may know of it; its contracts are
// for tests.
const app = "std domain/... application/... !application/contract"

// law says what each part of the program may import, tests aside. The first row
// that matches a package rules it. In a row, /... means the folder and all
// below, and ! takes away again; words of the standard library are its packages,
// std all of them, pure those above.
var law = []struct{ part, may string }{
	{"domain/...", "pure domain/..."},

	{"application/port", "context errors iter time domain/..."},
	{"application/contract", "std domain/... application/port"},
	{"application", "application/... !application/contract"},
	{"application/appending", "context errors fmt log/slog sync sync/atomic time domain/... application/port"},
	{"application/relaying", "context errors fmt log/slog sync time domain/... application/port"},
	{"application/delivery", "cmp container/heap container/list context errors fmt iter log/slog maps math slices sort strings sync sync/atomic time domain/... application/port"},
	{"application/accounts", "context errors fmt iter slices sync time domain/... application/port"},
	{"application/subscriptions", "cmp context fmt maps slices sync time domain/... application/port"},
	{"application/...", "context errors fmt iter slices time domain/... application/port"}, // no use case imports another

	{"adapters/bunstore/...test", "std domain/... application/port adapters/bunstore adapters/bunstore/...test migrations github.com/jackc/pgx/v5/..."},
	{"adapters/bunstore", app + " github.com/uptrace/bun/... github.com/jackc/pgx/v5/... modernc.org/sqlite/... github.com/pressly/goose/v3/..."},
	{"adapters/form", app},
	{"adapters/httpapi", app + " adapters/wire github.com/danielgtaylor/huma/v2/... github.com/jub0bs/cors"},
	{"adapters/keyring", app},
	{"adapters/matching", app + " github.com/dunglas/go-urlpattern github.com/nlnwa/whatwg-url/url github.com/yosida95/uritemplate/v3"},
	{"adapters/membus", app},
	{"adapters/pgbus", app + " github.com/jackc/pgx/v5/..."},
	{"adapters/mercurefeed/hubtest", "std domain/... application/contract application/delivery application/port application/relaying adapters/mercurefeed adapters/pollfeed/polltest adapters/ssefeed/ssetest adapters/wire"},
	{"adapters/mercurefeed", app + " adapters/wire"},
	{"adapters/pollfeed/polltest", "std domain/... application/contract adapters/pollfeed adapters/ssefeed/ssetest adapters/wire"},
	{"adapters/pollfeed", app + " adapters/wire"},
	{"adapters/password", app + " golang.org/x/crypto/argon2"},
	{"adapters/ssefeed/ssetest", "std domain/... application/contract application/delivery application/port adapters/matching adapters/ssefeed adapters/wire"},
	{"adapters/ssefeed", app + " adapters/form adapters/wire"},
	{"adapters/token", app + " github.com/golang-jwt/jwt/v5 github.com/MicahParks/jwkset"},
	{"adapters/wire", app},

	{"migrations", "embed"},
	{"openapi", "embed"},

	// A stage knows the program as its participants do; only the assemblies name
	// what it is made of, and they are tests.
	{"features/livingdoc", "std github.com/cucumber/godog github.com/cucumber/messages/go/v34"}, // it knows scenarios, and nothing of the program
	{"features/...", app},

	{"clients/chromium", "std"}, // it knows pages, and nothing of the program

	{"simulation", app}, // what is around the application, it plays itself
	{"chaos", "std chaos/variant github.com/anishathalye/porcupine"}, // the judge; it knows the program from outside
	{"chaos/variant", "std"},
	{"chaos/crash", "std"}, // only variants of the program know it
	{"conformance", "std"}, // it reads the source of tests, and knows none of it
	{"conformance/show", "std conformance"},
	{"cmd/compose", app + " adapters/... migrations openapi github.com/caarlos0/env/v11 golang.org/x/sync/errgroup"},
	{"cmd/parley/parleytest", "std"}, // it builds the program, and is no part of it
	{"cmd/parley", app + " cmd/compose"},
}

func TestTheImportLaw(t *testing.T) {
	ruled := make(map[string]bool)
	for _, f := range sources(t, ".") {
		if f.test {
			continue
		}
		part, may := ruleFor(f.pkg)
		if part == "" {
			t.Errorf("%s: no rule; add one to the law", f.pkg)
		}
		ruled[part] = true
		for _, imported := range f.imports {
			if !allowed(may, imported) {
				t.Errorf("%s imports %s; %s may import: %s", f.path, imported, part, may)
			}
		}
	}
	for _, rule := range law {
		if !ruled[rule.part] {
			t.Errorf("the rule for %s rules nothing: a typo, or out of date", rule.part)
		}
	}
}

// A law that nothing can break protects nothing.
func TestTheImportLawHasTeeth(t *testing.T) {
	for _, c := range []struct{ pkg, imports string }{
		{"domain/room", "context"},
		{"domain/room", "fmt"},
		{"domain/room", "math/rand"},
		{"domain/room", "database/sql"},
		{"domain/room", "pgregory.net/rapid"},
		{"domain/room", module + "application/port"},
		{"domain/internal/text", module + "adapters/wire"},
		{"application", module + "application/contract"},
		{"application/port", "database/sql"},
		{"application/port", module + "application/messages"},
		{"application/contract", module + "adapters/bunstore"},
		{"application/messages", "net/http"},
		{"application/messages", "github.com/uptrace/bun"},
		{"application/messages", module + "application/rooms"},
		{"application/messages", module + "application/contract"},
		{"application/appending", module + "application/delivery"},
		{"application/delivery", "net/http"},
		{"application/relaying", "net/http"},
		{"application/relaying", module + "application/delivery"},
		{"adapters/mercurefeed", module + "adapters/token"},
		{"adapters/mercurefeed", module + "adapters/mercurefeed/hubtest"},
		{"application/delivery", module + "application/messages"},
		{"adapters/ssefeed", module + "adapters/bunstore"},
		{"adapters/ssefeed", module + "adapters/ssefeed/ssetest"},
		{"adapters/httpapi", "github.com/uptrace/bun"},
		{"adapters/httpapi", module + "adapters/token"},
		{"adapters/httpapi", module + "application/contract"},
		{"adapters/bunstore", module + "adapters/wire"},
		{"adapters/bunstore", module + "migrations"},
		{"adapters/bunstore", "github.com/danielgtaylor/huma/v2"},
		{"adapters/token", "github.com/golang-jwt/jwt/v5evil"},
		{"adapters/wire", module + "adapters/token"},
		{"features/stage", module + "adapters/bunstore"},
		{"features/stage", module + "cmd/compose"},
		{"simulation", module + "adapters/bunstore"},
		{"migrations", "os"},
		{"cmd/compose", module + "application/contract"},
		{"cmd/compose", module + "features/stage"},
		{"cmd/compose", module + "adapters/bunstore/bunstoretest"},
		{"cmd/parley", module + "adapters/bunstore"},
		{"adapters/bunstore", module + "chaos/crash"},
		{"application/delivery", module + "chaos/crash"},
		{"cmd/compose", module + "chaos/crash"},
	} {
		if part, may := ruleFor(c.pkg); part == "" || allowed(may, c.imports) {
			t.Errorf("%s may import %s", c.pkg, c.imports)
		}
	}
	if part, _ := ruleFor("adapters/newfeed"); part != "" {
		t.Errorf("an adapter that the law does not name is ruled by %s", part)
	}
}

// What a test may import is not the law's, but for two things: the domain's need
// nothing around it, and the steps of the features say nothing that only one
// assembly could do.
func TestTheTestsOfTheDomainAndTheStepsKnowNoAdapter(t *testing.T) {
	checked := 0
	for _, f := range sources(t, ".") {
		if !withinTests(f) {
			continue
		}
		checked++
		for _, imported := range f.imports {
			if knowsAdapters(imported) {
				t.Errorf("%s imports %s", f.path, imported)
			}
		}
	}
	if checked == 0 {
		t.Error("no file was checked")
	}
	for _, planted := range []source{{path: "domain/room/room_test.go", test: true}, {path: "features/world_test.go", test: true}} {
		if !withinTests(planted) || !knowsAdapters(module+"adapters/bunstore") || !knowsAdapters(module+"cmd/compose") {
			t.Errorf("%s may import adapters", planted.path)
		}
	}
}

func withinTests(f source) bool {
	assembles := strings.HasSuffix(f.path, "assemblies_test.go")
	return f.test && (strings.HasPrefix(f.path, "domain/") || strings.HasPrefix(f.path, "features/") && !assembles)
}

func knowsAdapters(imported string) bool {
	return strings.HasPrefix(imported, module+"adapters/") || strings.HasPrefix(imported, module+"cmd/")
}

func ruleFor(pkg string) (part, may string) {
	for _, rule := range law {
		if covers(rule.part, pkg) {
			return rule.part, rule.may
		}
	}
	return "", ""
}

// allowed: a package that is for tests alone is allowed only by a word that says so.
func allowed(may, imported string) bool {
	ours := strings.HasPrefix(imported, module) // a module path without a dot looks like std
	std := !ours && !strings.Contains(strings.SplitN(imported, "/", 2)[0], ".")
	name := strings.TrimPrefix(imported, module)
	forTests := ours && strings.HasPrefix(name, "adapters/") && strings.HasSuffix(name, "test")
	ok := false
	for word := range strings.FieldsSeq(may) {
		switch taken := strings.HasPrefix(word, "!"); {
		case taken && covers(word[1:], name):
			return false
		case forTests && !strings.HasSuffix(word, "test"):
			continue
		case word == "std" && std,
			word == "pure" && slices.Contains(strings.Fields(pure), imported),
			covers(word, name):
			ok = true
		}
	}
	return ok
}

// covers: a/... is a and all below it, a/...test what is below it and ends so.
func covers(word, name string) bool {
	folder, ending, wide := strings.Cut(word, "/...")
	if !wide {
		return word == name
	}
	below := strings.HasPrefix(name, folder+"/")
	return ending == "" && (below || name == folder) || ending != "" && below && strings.HasSuffix(name, ending)
}
