package chaos_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"parley/chaos"
)

func TestAStoryInWhichAllIsWellIsJudgedSo(t *testing.T) {
	if got := chaos.Judge(story()); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

// breaking tells the story so that an invariant is broken.
type breaking struct {
	invariant string
	kind      chaos.Kind
	bend      func(*bent)
}

// A judge who lets a broken promise pass proves nothing.
func TestEachInvariantIsBrokenByWhatBreaksIt(t *testing.T) {
	broken := make(map[string]bool)
	for _, family := range []map[string]breaking{sendsBroken, changesBroken, hearingBroken, orderBroken, rightsBroken, timesBroken} {
		for name, c := range family {
			broken[c.invariant] = true
			t.Run(name, func(t *testing.T) {
				b := &bent{t: t}
				b.h, b.final = story()
				c.bend(b)
				found := chaos.Judge(b.h, b.final)
				if !slices.ContainsFunc(found, func(v chaos.Violation) bool { return v.Invariant == c.invariant && v.Kind == c.kind }) {
					t.Errorf("got %v, want that a violation of %s is %s", found, c.invariant, c.kind)
				}
			})
		}
	}
	for _, invariant := range chaos.Invariants {
		if !broken[invariant.Name] {
			t.Errorf("nothing is planted that breaks %s: %s", invariant.Name, invariant.Says)
		}
	}
}

// Nor does one who sees a broken promise in what is right.
func TestWhatIsRightIsNotJudgedToBeWrong(t *testing.T) {
	for name, bend := range map[string]func(*bent){
		"who is in again reads on a new line what was said meanwhile": func(b *bent) {
			heard, in := *b.heard("ada", 4), b.of("cleo", chaos.In, chaos.Noted, 0)
			heard.Client, heard.Conn = "cleo", 2
			for i := range b.h { // their first In was before all of this
				if b.h[i].Client == "cleo" && b.h[i].Op == chaos.In && b.h[i].Conn == 1 {
					in = &b.h[i]
				}
			}
			at := in.At
			b.after(in, heard)
			b.after(b.at(at), chaos.Record{Client: "cleo", Op: chaos.Opened, Phase: chaos.Noted, Conn: 2, Session: 1})
			b.after(b.at(at), chaos.Record{Client: "cleo", Op: chaos.Open, Phase: chaos.Noted, Conn: 2, Session: 1})
		},
		"who was just taken out hears what was said before": func(b *bent) {
			heard := *b.heard("cleo", 2)
			b.without(b.heard("cleo", 2))
			b.after(b.of("ada", chaos.Remove, chaos.OK, 0), heard)
		},
		"a node that is out of sight takes the session for a moment": func(b *bent) {
			b.of("ben", chaos.Use, chaos.Failed, 0).Phase = chaos.OK
		},
		"who signed out hears what was said before": func(b *bent) {
			heard := *b.heard("ben", 6)
			b.without(b.heard("ben", 6))
			b.after(b.of("ben", chaos.End, chaos.OK, 0), heard)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := &bent{t: t}
			b.h, b.final = story()
			bend(b)
			if found := chaos.Judge(b.h, b.final); len(found) != 0 {
				t.Errorf("got %v", found)
			}
		})
	}
}

func TestOfManyViolationsAFewAreShown(t *testing.T) {
	var found []chaos.Violation
	for range 9 {
		found = append(found, chaos.Violation{Invariant: "I1"})
	}
	found = append(found, chaos.Violation{Invariant: "I2"})
	if got := chaos.Few(found); len(got) != 7 || got[6].What != "and 4 more" {
		t.Errorf("got %v", got)
	}
}

func TestTheHistoryIsWrittenAsLines(t *testing.T) {
	var lines strings.Builder
	chaos.NewHistory(&lines).Add(chaos.Record{Client: "a", Op: chaos.Send, Phase: chaos.OK, Key: "k"})
	if got := lines.String(); !strings.HasPrefix(got, `{"at":`) || !strings.HasSuffix(got, `"client":"a","op":"send","phase":"ok","key":"k"}`+"\n") {
		t.Errorf("got %q", got)
	}
}

// rightsBroken is of those who have no right to hear any more, and those who go on
// from a page.
var rightsBroken = map[string]breaking{
	"a page has a hole": {"I7", chaos.Loss, func(b *bent) {
		b.of("dan+visit", chaos.Read, chaos.OK, 0).Items[0].Seq = 2
	}},
	"what follows a page begins too late": {"I7", chaos.Loss, func(b *bent) { b.without(b.heard("dan+visit", 5)) }},
	"what follows a page repeats its end": {"I7", chaos.Doubling, func(b *bent) {
		again := *b.heard("ben", 4)
		again.Client = "dan+visit"
		b.after(b.of("dan+visit", chaos.Opened, chaos.Noted, 0), again)
	}},
	"a line goes on after it has told that one is out": {"I8", chaos.Leak, func(b *bent) {
		heard := *b.heard("ben", 2)
		heard.Client = "cleo"
		b.after(b.of("cleo", chaos.Out, chaos.Noted, 0), heard)
	}},
	"who is out hears what is said meanwhile": {"I8", chaos.Leak, func(b *bent) {
		b.without(b.of("cleo", chaos.Out, chaos.Noted, 0))
		heard := *b.heard("ada", 4)
		heard.Client = "cleo"
		b.after(b.heard("ada", 4), heard)
	}},
	"who is out hears what nobody has an answer to": {"I8", chaos.Leak, func(b *bent) {
		b.without(b.of("cleo", chaos.Out, chaos.Noted, 0))
		heard := *b.heard("ada", 3)
		heard.Client = "cleo"
		b.after(b.heard("ada", 4), heard)
	}},
	"who is in again hears on the old line what was said meanwhile": {"I8", chaos.Leak, func(b *bent) {
		heard := *b.heard("ada", 4)
		heard.Client = "cleo"
		b.after(b.heard("cleo", 5), heard)
	}},
	"a line that is opened while one is out tells of what was before": {"I8", chaos.Leak, func(b *bent) {
		heard := *b.heard("ben", 2)
		heard.Client, heard.Conn = "cleo", 2
		b.after(b.of("ada", chaos.Send, chaos.OK, 4), heard)
		b.after(b.of("ada", chaos.Send, chaos.OK, 4), chaos.Record{Client: "cleo", Op: chaos.Open, Phase: chaos.Noted, Conn: 2, Session: 1})
	}},
	"who is out says something": {"I8", chaos.Leak, func(b *bent) {
		b.of("ada", chaos.Send, chaos.Invoked, 4).Client = "cleo"
		b.of("ada", chaos.Send, chaos.OK, 4).Client = "cleo"
	}},
	"an ended session hears what is said later": {"I8s", chaos.Leak, func(b *bent) {
		b.without(b.of("ben", chaos.Revoked, chaos.Noted, 0))
		b.heard("ben", 7).Conn = 1
	}},
	"a line goes on after it has told that its session has ended": {"I8s", chaos.Leak, func(b *bent) {
		heard := *b.heard("ben", 6)
		heard.Conn = 1
		b.after(b.of("ben", chaos.Revoked, chaos.Noted, 0), heard)
	}},
	"an ended session opens a line": {"I8s", chaos.Leak, func(b *bent) {
		b.after(b.of("ben", chaos.Closed, chaos.Noted, 0), chaos.Record{Client: "ben", Op: chaos.Opened, Phase: chaos.Noted, Conn: 3, Session: 1})
		b.later(b.of("ben", chaos.Closed, chaos.Noted, 0), time.Millisecond)
		b.after(b.of("ben", chaos.Closed, chaos.Noted, 0), chaos.Record{Client: "ben", Op: chaos.Open, Phase: chaos.Noted, Conn: 3, Session: 1})
	}},
	"an ended session is good for something": {"I8s", chaos.Leak, func(b *bent) {
		b.of("ben", chaos.Use, chaos.Failed, 0).Phase = chaos.OK
		b.later(b.of("ben", chaos.Use, chaos.Invoked, 0), 2*time.Second)
	}},
	"a line of an ended session stays open": {"I8s", chaos.Delay, func(b *bent) {
		b.later(b.of("ben", chaos.Closed, chaos.Noted, 0), 20*time.Second)
	}},
	"the words of what is deleted are heard": {"I9d", chaos.Leak, func(b *bent) {
		heard := *b.heard("ada", 4)
		heard.Conn = 3
		b.after(b.heard("ada", 7), heard)
		b.after(b.heard("ada", 6), chaos.Record{Client: "ada", Op: chaos.Open, Phase: chaos.Noted, Conn: 3, Session: 1})
	}},
	"the words of what is deleted are on a page": {"I9d", chaos.Leak, func(b *bent) {
		page := *b.of("dan+visit", chaos.Read, chaos.OK, 0)
		page.Client = "ada+visit"
		b.after(b.heard("ada", 7), page)
		page.Phase, page.Items = chaos.Invoked, nil
		b.after(b.heard("ada", 6), page)
	}},
}

// timesBroken is of what takes too long, or has to do with no message.
var timesBroken = map[string]breaking{
	"it takes long to hear again": {"I10", chaos.Delay, func(b *bent) { b.later(b.heard("ben", 5), time.Second) }},
	"it takes long to say something again": {"I10", chaos.Delay, func(b *bent) {
		b.later(b.of("ben", chaos.Send, chaos.OK, 5), time.Second)
	}},
	"a line is reset": {"G6", chaos.Loss, func(b *bent) {
		b.after(b.heard("ada", 2), chaos.Record{Client: "ada", Op: chaos.Reset, Phase: chaos.Noted, Conn: 1})
	}},
	"the program says that it is broken": {"I2w", chaos.Falsehood, func(b *bent) {
		b.after(b.heard("ada", 2), chaos.Record{Client: "ada", Op: chaos.Blame, Phase: chaos.Noted, Note: "500"})
	}},
}
