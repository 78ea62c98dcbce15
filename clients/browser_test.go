package clients_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"parley/chaos/variant"
)

// hurried is the program with tokens that live for four seconds instead of five
// minutes. That is all that is different, so that a browser sees a few of them end.
var hurried = variant.Variant{Name: "tokens that end soon", Edits: []variant.Edit{{
	File: "adapters/token/token.go", From: "const Life = 5 * time.Minute", To: "const Life = 4 * time.Second",
}}}

// A browser's EventSource is opened once, and hears each message once and in order:
// after the end of its token, which it renews in time or too late, and after the
// program has been restarted and has been killed.
//
// Mercure: E6, G2, H11, J3, K2, L1, M1.
func TestAnEventSourceInABrowserHearsEachMessageOnceWhateverEndsItsStream(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	program, err := hurried.Build(t.Context(), root, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := publish(t)
	h := serve(t, program, "PARLEY_CORS_ORIGINS="+p.origin)
	ada := join(t, h, "ada")
	room := ada.room(t)
	p.open(t, ada, room)
	await(t, "the page listens", func() bool { return p.count("opened") == 1 })

	said := 0
	talk := func(until string, done func() bool) {
		t.Helper()
		await(t, until, func() bool {
			said++
			ada.say(t, room, strconv.Itoa(said))
			return done()
		})
	}
	talk("its token ends, and it goes on with the next", func() bool {
		return p.count("closing", "expired, reauthenticate") > 0 && p.count("opened") > 1
	})
	p.beLate(true)
	h.restart(t, syscall.SIGTERM)
	talk("it renews its cookie when it is told that it is too late", func() bool { return p.count("renewed", "late") == 1 })
	p.beLate(false)
	before := p.count("opened")
	talk("it goes on with what it has renewed", func() bool { return p.count("opened") > before })
	before = p.count("opened")
	h.restart(t, os.Kill)
	talk("it goes on after the program was killed", func() bool { return p.count("opened") > before })
	await(t, "it has heard all", func() bool { return p.count("message") >= said })

	if p.count("gave up") != 0 || p.count("closing", "drain, resume") != 1 || p.count("opened", "live") != 1 || p.count("opened", "reset") != 0 {
		t.Error("it did not go on by itself from where it was")
	}
	if missed := misheard(p.all(), said); missed != "" {
		t.Error(missed)
	}
}

func (h *hub) restart(t *testing.T, how os.Signal) {
	t.Helper()
	h.end(how)
	h.start(t)
}

// misheard says what is wrong with what a page has heard of the numbers up to the
// last, or nothing.
func misheard(all []told, last int) string {
	var heard, want []int
	ids := make(map[string]bool)
	for _, one := range all {
		if one.What != "message" {
			continue
		}
		n, err := strconv.Atoi(one.Data)
		if err != nil || one.ID == "" || ids[one.ID] {
			return fmt.Sprintf("%q has come as %q", one.Data, one.ID)
		}
		heard, ids[one.ID] = append(heard, n), true
	}
	for n := range last {
		want = append(want, n+1)
	}
	if !slices.Equal(heard, want) {
		return fmt.Sprintf("heard are %v, said were 1 to %d", heard, last)
	}
	return ""
}

func TestWhatIsMisheardIsNoticed(t *testing.T) {
	t.Parallel()
	one := func(data, id string) told { return told{What: "message", Data: data, ID: id} }
	for name, c := range map[string]struct {
		heard []told
		fine  bool
	}{
		"all":          {[]told{one("1", "a"), {What: "opened"}, one("2", "b")}, true},
		"one is lost":  {[]told{one("2", "b")}, false},
		"one is twice": {[]told{one("1", "a"), one("1", "b"), one("2", "c")}, false},
		"disorder":     {[]told{one("2", "a"), one("1", "b")}, false},
		"an id twice":  {[]told{one("1", "a"), one("2", "a")}, false},
		"no id":        {[]told{one("1", ""), one("2", "b")}, false},
	} {
		if got := misheard(c.heard, 2); (got == "") != c.fine {
			t.Errorf("%s: %q", name, got)
		}
	}
}
