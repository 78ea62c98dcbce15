package chaos_test

import (
	"io"
	"testing"

	"parley/chaos"
)

// A judge who lets a broken promise pass proves nothing; nor does one who sees
// one in what is right.
func TestWhatComesAfterTheEndIsJudged(t *testing.T) {
	note := func(client string, op chaos.Op, more ...func(*chaos.Record)) chaos.Record {
		r := chaos.Record{Client: client, Op: op, Phase: chaos.Noted, Room: 1}
		for _, set := range more {
			set(&r)
		}
		return r
	}
	phase := func(p chaos.Phase) func(*chaos.Record) { return func(r *chaos.Record) { r.Phase = p } }
	key := func(k string) func(*chaos.Record) { return func(r *chaos.Record) { r.Key = k } }
	on := func(conn int, cursor string) func(*chaos.Record) {
		return func(r *chaos.Record) { r.Conn, r.Cursor = conn, cursor }
	}
	strike := func(what string, p chaos.Phase) chaos.Record {
		return note("nemesis", chaos.Strike, phase(p), func(r *chaos.Record) { r.Note = what })
	}
	out := note("a", chaos.SignOut, phase(chaos.OK))
	takenOut := note("a", chaos.TakeOut, phase(chaos.OK))
	restored := []chaos.Record{
		note("a", chaos.Hear, on(1, "old")),
		strike(chaos.BackedUp, chaos.OK),
		note("a", chaos.Hear, on(1, "old")), note("a", chaos.Hear, on(1, "gone")),
		strike(chaos.Restored, chaos.Invoked), strike(chaos.Restored, chaos.OK),
	}
	for name, c := range map[string]struct {
		invariant string
		broken    bool
		story     []chaos.Record
	}{
		"who signed out is let do something": {"G10", true, []chaos.Record{
			out, note("a", chaos.Use, phase(chaos.Invoked)), note("a", chaos.Use, phase(chaos.OK)),
		}},
		"who signed out is refused": {"G10", false, []chaos.Record{
			out, note("a", chaos.Use, phase(chaos.Invoked)), note("a", chaos.Use, phase(chaos.Failed)),
		}},
		"it was begun before": {"G10", false, []chaos.Record{
			note("a", chaos.Use, phase(chaos.Invoked)), out, note("a", chaos.Use, phase(chaos.OK)),
		}},
		"another does something": {"G10", false, []chaos.Record{
			out, note("b", chaos.Use, phase(chaos.Invoked)), note("b", chaos.Use, phase(chaos.OK)),
		}},
		"who signed out sends": {"G10", true, []chaos.Record{
			out, note("a", chaos.Send, phase(chaos.Invoked), key("k")), note("a", chaos.Send, phase(chaos.OK), key("k")),
		}},
		"who signed out hears what was sent later": {"G10", true, []chaos.Record{
			out, note("b", chaos.Send, phase(chaos.Invoked), key("k")), note("a", chaos.Hear, key("k")),
		}},
		"who signed out hears what was sent before": {"G10", false, []chaos.Record{
			note("b", chaos.Send, phase(chaos.Invoked), key("k")), out, note("a", chaos.Hear, key("k")),
		}},
		"a history that is gone goes on": {"G13", true, append(restored[:6:6],
			note("a", chaos.Open, on(2, "gone")), note("a", chaos.Hear, on(2, "new")),
		)},
		"it is told that it is gone": {"G13", false, append(restored[:6:6],
			note("a", chaos.Open, on(2, "gone")), note("a", chaos.Reset, on(2, "gone")), note("a", chaos.Hear, on(2, "new")),
		)},
		"a history that was backed up goes on": {"G13", false, append(restored[:6:6],
			note("a", chaos.Open, on(2, "old")), note("a", chaos.Hear, on(2, "new")),
		)},
		"the program blames itself": {"G16", true, []chaos.Record{note("a", chaos.Blame)}},
		"who is out hears what is said": {"I8", true, []chaos.Record{
			takenOut, note("b", chaos.Send, phase(chaos.Invoked), key("k")), note("a", chaos.Hear, key("k")),
		}},
		"who is put in hears what was said": {"I8", false, []chaos.Record{
			takenOut, note("b", chaos.Send, phase(chaos.Invoked), key("k")), note("a", chaos.PutIn, phase(chaos.Invoked)), note("a", chaos.Hear, key("k")),
		}},
		"who is out hears what was said before": {"I8", false, []chaos.Record{
			note("b", chaos.Send, phase(chaos.Invoked), key("k")), takenOut, note("a", chaos.Hear, key("k")),
		}},
		"another hears it": {"I8", false, []chaos.Record{
			takenOut, note("b", chaos.Send, phase(chaos.Invoked), key("k")), note("b", chaos.Hear, key("k")),
		}},
		"an open stream goes on behind the end": {"I8", true, []chaos.Record{
			note("a", chaos.Open, phase(chaos.OK), on(1, "")), note("a", chaos.TakeOut, phase(chaos.Invoked)),
			note("a", chaos.Out, on(1, "")), note("a", chaos.Hear, on(1, "")),
		}},
		"a later stream tells of the history": {"I8", false, []chaos.Record{
			note("a", chaos.TakeOut, phase(chaos.Invoked)), note("a", chaos.Open, phase(chaos.OK), on(1, "")),
			note("a", chaos.Out, on(1, "")), note("a", chaos.Hear, on(1, "")), note("a", chaos.In, on(1, "")),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h := chaos.NewHistory(io.Discard)
			for _, r := range c.story {
				h.Add(r)
			}
			broken := false
			for _, v := range chaos.Judge(h.Records(), nil) {
				broken = broken || v.Invariant == c.invariant
			}
			if broken != c.broken {
				t.Errorf("%s is broken: %t, want %t", c.invariant, broken, c.broken)
			}
		})
	}
}
