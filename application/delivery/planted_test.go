package delivery_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// planted are mistakes in what is promised to readers without a user, and about
// updates of third parties. Each is one that somebody might make, and one of the
// tests must catch it. All are built into one copy of the package's tests; which
// of them is made is said when it runs.
var planted = []struct{ name, file, from, to, caught string }{
	{"private for everybody", "guest.go", "(!private || g.granted", `(!private || planted("private for everybody") || g.granted`, "GrantDecides"},
	{"private for users", "guest.go", "\tif private {\n", "\tif private && !planted(\"private for users\") {\n", "UsersMatchers"},
	{"users hear everything", "guest.go", "if r.what.names[topic] {", `if r.what.names[topic] || planted("users hear everything") {`, "UsersMatchers"},
	{"no patterns of users", "guest.go", "if len(r.what.patterns) == 0 {", `if len(r.what.patterns) == 0 || planted("no patterns of users") {`, "UsersMatchers"},
	{"the canonical topic alone", "audience.go", "\tvisitAll(a.all, visit)\n", "\tif planted(\"the canonical topic alone\") {\n\t\ttopics = topics[:1]\n\t}\n\tvisitAll(a.all, visit)\n", "NoUserHears"},
	{"nobody is woken by a grant", "audience.go", "if !r.dirty[part] &&", `if !planted("nobody is woken by a grant") && !r.dirty[part] &&`, "NoUserHears"},
	{"what is not known is for nobody", "audience.go", "\tif known {\n\t\treturn\n", "\tif known || planted(\"what is not known is for nobody\") {\n\t\treturn\n", "ChatGoesOn"},
	{"what was not tried is for nobody", "patterns.go", "\t\tby = slices.Concat(by, untried)\n", "\t\tif !planted(\"what was not tried is for nobody\") {\n\t\t\tby = slices.Concat(by, untried)\n\t\t}\n", "ChatGoesOn"},
	{"no answers of topics", "patterns.go", "\tupto := p.last\n", "\tupto := p.last\n\tif planted(\"no answers of topics\") {\n\t\tknown = matched{}\n\t}\n", "AskedOnce"},
	{"no answers of patterns", "patterns.go", "\tfor i, one := range unknown[", "\tif planted(\"no answers of patterns\") {\n\t\treturn found < len(unknown)\n\t}\n\tfor i, one := range unknown[", "ByTheHundred"},
	{"no merging", "round.go", "\tif p.upto.Position < n.upto.Position {", "\tif p.upto.Position < n.upto.Position && !planted(\"no merging\") {", "OrderOfTheLog"},
	{"a round of all that there is", "round.go", "\tif n.size > 2*n.limit {", "\tif n.size > 2*n.limit && !planted(\"a round of all that there is\") {", "OneRoundInHand"},
	{"a cut that covers all", "round.go", "\tn.upto = n.events[events-1].Entry.Place\n", "\tif !planted(\"a cut that covers all\") {\n\t\tn.upto = n.events[events-1].Entry.Place\n\t}\n", "OneRoundInHand"},
	{"no further than before", "round.go", "4*(window-after)", "(4-3*oneIf(\"no further than before\"))*(window-after)", "WhereOthersTalked"},
	{"there is always room", "inhand.go", "if h.size.Add(size) <= h.limit {", `if h.size.Add(size) <= h.limit || planted("there is always room") {`, "AllThatAreSlow"},
	{"in hand for ever", "inhand.go", "return func() { h.size.Add(-size) }", `return func() { h.size.Add(-size * int64(1-oneIf("in hand for ever"))) }`, "OneRoundInHand"},
	{"a full page is the last", "pages.go", "\tif !port.Whole(entries, limit) {", "\tif !port.Whole(entries, limit) && !(planted(\"a full page is the last\") && limit == updatesLimit) {", "OrderOfTheLog"},
	{"a limit is all that ends a page", "pages.go", "\t\tupto = entries[len(entries)-1].Place\n", "\t\tif len(entries) == limit || !planted(\"a limit is all that ends a page\") {\n\t\t\tupto = entries[len(entries)-1].Place\n\t\t}\n", "ManyBytes"},
	{"nothing left behind pages", "catch_up.go", "\tif r.guest != nil {\n\t\tr.dirty", "\tif r.guest != nil && !planted(\"nothing left behind pages\") {\n\t\tr.dirty", "GrantDecides"},
	{"begin behind what is pending", "gather.go", "max(r.place.Position, r.pending-1)", `max(r.place.Position, r.pending-1+pendingToo())`, "GrantDecides"},
	{"nobody reads the whole log", "scope.go", "\tprefix := literal(m)\n", "\tif planted(\"nobody reads the whole log\") {\n\t\treturn false\n\t}\n\tprefix := literal(m)\n", "GrantDecides"},
	{"people of new rooms are not told", "topic.go", "for _, who := range e.People {", "for _, who := range e.People {\n\t\t\tif planted(\"people of new rooms are not told\") {\n\t\t\t\tbreak\n\t\t\t}", "NoUserHears"},
	{"updates have no start of their own", "starting.go", "return p, p.Position >= pruned, err", `return p, p.Position >= pruned || planted("updates have no start of their own"), err`, "WhereTheUpdatesBegin"},
	{"earliest is the log's", "starting.go", "\tfirst, err := r.tail.Log", "\tif planted(\"earliest is the log's\") {\n\t\tpruned = 0\n\t}\n\tfirst, err := r.tail.Log", "WhereTheUpdatesBegin"},
	{"one start for all", "starting.go", "if !r.outside() {", `if !r.outside() && !planted("one start for all") {`, "WhereTheUpdatesBegin"},
	{"an id for whoever knows it", "starting.go", "if r.hearsUpdate(&Event{Entry: entry}) {", `if r.hearsUpdate(&Event{Entry: entry}) || planted("an id for whoever knows it") {`, "PublishersID"},
	{"an id is its first publisher's", "starting.go", "\t\tlast = entry.Place.Position\n", "\t\tif planted(\"an id is its first publisher's\") {\n\t\t\tbreak\n\t\t}\n\t\tlast = entry.Place.Position\n", "PublishersID"},
	{"patterns outlast the token", "watchers.go", "|| r.ended.Load() {", `|| r.ended.Load() && !planted("patterns outlast the token") {`, "WhateverItsPatternsTake"},
	{"overtaken in silence", "catch_up.go", "if err == nil && after.Position < pruned {", `if err == nil && after.Position < pruned && !planted("overtaken in silence") {`, "Overtakes|WhileTheyArePruned"},
	{"no limit of addresses", "opening.go", "t.StreamsPerAddress > 0 &&", `!planted("no limit of addresses") && t.StreamsPerAddress > 0 &&`, "EachAddress"},
	{"who is no user is user 0", "live.go", "\t\tenter(l.addresses, r.guest.address, r)\n\t\treturn\n", "\t\tenter(l.addresses, r.guest.address, r)\n\t\tif !planted(\"who is no user is user 0\") {\n\t\t\treturn\n\t\t}\n", "EachAddress"},
	{"the index only grows", "live.go", "\tl.private.exit(r)\n", "\tif !planted(\"the index only grows\") {\n\t\tl.private.exit(r)\n\t}\n", "LeavesNothing"},
	{"patterns only grow", "guest.go", "\tfor one := range a.patterns {\n\t\ta.in.letGo", "\tfor one := range a.patterns {\n\t\tif planted(\"patterns only grow\") {\n\t\t\tbreak\n\t\t}\n\t\ta.in.letGo", "LeavesNothing"},
	{"words weigh nothing", "footprint.go", "2*len(e.Entry.Update.Data) + e.breaks()", `2*len(e.Entry.Update.Data)*(1-int(oneIf("words weigh nothing"))) + e.breaks()`, "AnUpdateThatIsHeld"},
}

// switches is what the copy has besides.
const switches = `package delivery

import (
	"os"

	"parley/domain/sequence"
)

var mistake = os.Getenv("PLANTED")

func planted(name string) bool { return mistake == name }

func pendingToo() sequence.Position { return oneIf("begin behind what is pending") }

func oneIf(name string) sequence.Position {
	if planted(name) {
		return 1
	}
	return 0
}
`

func TestEachPlantedMistakeIsCaught(t *testing.T) {
	program := buildPlanted(t)
	for _, p := range planted {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			run := func(mistake string) error {
				tests := exec.CommandContext(t.Context(), program, "-test.run", p.caught, "-test.failfast")
				tests.Env = append(os.Environ(), "PLANTED="+mistake)
				said, err := tests.CombinedOutput()
				if !bytes.Contains(said, []byte("FAIL")) && bytes.Contains(said, []byte("no tests to run")) {
					t.Errorf("%s is no test", p.caught)
				}
				return err
			}
			if err := run(""); err != nil {
				t.Errorf("without the mistake, %s: %v", p.caught, err)
			}
			if run(p.name) == nil {
				t.Errorf("%s does not catch it", p.caught)
			}
		})
	}
}

// buildPlanted builds the tests of this package with all of the mistakes.
func buildPlanted(t *testing.T) (program string) {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	texts := map[string]string{"planted.go": switches}
	for _, p := range planted {
		text, edited := texts[p.file]
		if !edited {
			read, err := os.ReadFile(p.file)
			if err != nil {
				t.Fatal(err)
			}
			text = string(read)
		}
		if n := strings.Count(text, p.from); n != 1 {
			t.Fatalf("the code moved on: %q is %d times in %s", p.from, n, p.file)
		}
		texts[p.file] = strings.Replace(text, p.from, p.to, 1)
	}
	replaced := make(map[string]string)
	for file, text := range texts {
		replaced[filepath.Join(here, file)] = filepath.Join(folder, file)
		if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(folder, "delivery.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", list, "-o", program, ".")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("it does not build: %v\n%s", err, said)
	}
	return program
}
