package chaos_test

import (
	"fmt"
	"io"
	"slices"
	"testing"

	"parley/chaos"
)

// restoredStory is a history in which a backup is restored and all is well: k1 is
// in the backup, k2 and k3 are lost, k4 takes the number of k2. Ada listens all
// the time, Ben has been away since before the backup, and Cleo comes back when
// the numbers are in use again.
func restoredStory() ([]chaos.Record, chaos.Final) {
	h := chaos.NewHistory(io.Discard)
	final := chaos.Final{1: nil}
	note := func(client string, op chaos.Op) {
		h.Add(chaos.Record{Client: client, Op: op, Phase: chaos.Noted, Room: 1})
	}
	say := func(key string, seq int64, kept bool) {
		h.Add(chaos.Record{Client: "dan", Op: chaos.Send, Phase: chaos.Invoked, Room: 1, Key: key, Hash: "#" + key})
		h.Add(chaos.Record{Client: "dan", Op: chaos.Send, Phase: chaos.OK, Room: 1, Key: key, ID: seq + 100, Seq: seq, Hash: "#" + key})
		if kept {
			final[1] = append(final[1], chaos.Kept{Seq: seq, ID: seq + 100, Key: key, Hash: "#" + key})
		}
	}
	hear := func(client string, op chaos.Op, conn int, n int, seq int64) {
		key := fmt.Sprintf("k%d", n)
		h.Add(chaos.Record{Client: client, Op: op, Phase: chaos.Noted, Room: 1, Conn: conn, Seq: seq, ID: seq + 100, Key: key, Hash: "#" + key})
	}
	strike := func(note string, phase chaos.Phase) {
		h.Add(chaos.Record{Client: "nemesis", Op: chaos.Strike, Phase: phase, Note: note})
	}
	for _, client := range []string{"ada", "ben", "cleo"} {
		note(client, chaos.In)
	}
	say("k1", 1, true)
	for _, client := range []string{"ada", "ben", "cleo"} {
		hear(client, chaos.Hear, 1, 1, 1)
	}
	strike(chaos.BackUp, chaos.Invoked)
	strike(chaos.BackUp, chaos.OK)
	say("k2", 2, false)
	hear("ada", chaos.Hear, 1, 2, 2)
	hear("cleo", chaos.Hear, 1, 2, 2)
	say("k3", 3, false)
	strike(chaos.Restore, chaos.Invoked)
	strike(chaos.Restore, chaos.OK)
	note("ada", chaos.Reset)
	hear("ada", chaos.Load, 2, 1, 1)
	say("k4", 2, true)
	hear("ada", chaos.Hear, 2, 4, 2)
	hear("ben", chaos.Hear, 2, 4, 2)
	say("k5", 3, true)
	note("cleo", chaos.Reset)
	for _, n := range []int{1, 4, 5} {
		hear("cleo", chaos.Load, 2, n, int64(max(1, n-2)))
	}
	hear("ada", chaos.Hear, 2, 5, 3)
	hear("ben", chaos.Hear, 2, 5, 3)
	return h.Records(), final
}

func judgeRestored(h []chaos.Record, final chaos.Final) (names []string) {
	for _, invariant := range chaos.Restored {
		if len(invariant.Judge(h, final)) > 0 {
			names = append(names, invariant.Name)
		}
	}
	return names
}

func TestABackupThatIsRestoredInPlainSightBreaksNothing(t *testing.T) {
	h, final := restoredStory()
	if got := judgeRestored(h, final); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	if lost, misled := chaos.Lost(h, final), chaos.Misled(h, final); lost != 2 || len(misled) != 2 {
		t.Errorf("got %d lost and %v misled, want 2, and Ada and Cleo", lost, misled)
	}
}

func TestEachInvariantOfARestoringIsBrokenByWhatBreaksIt(t *testing.T) {
	without := func(client string, op chaos.Op) func([]chaos.Record, chaos.Final) ([]chaos.Record, chaos.Final) {
		return func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			return slices.DeleteFunc(h, func(r chaos.Record) bool { return r.Client == client && r.Op == op }), final
		}
	}
	broken := make(map[string]bool)
	for what, c := range map[string]struct {
		invariant string
		bend      func([]chaos.Record, chaos.Final) ([]chaos.Record, chaos.Final)
	}{
		"what is in the backup is lost": {"I1", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			final[1][0] = chaos.Kept{Seq: 1, ID: 101, Key: "k2", Hash: "#k2"}
			return h, final
		}},
		"what was acknowledged after the restoring is lost": {"I1", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			final[1] = final[1][:2]
			return h, final
		}},
		"a number is left out": {"I2", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			final[1][2].Seq = 4
			return h, final
		}},
		"a stream goes back": {"I4", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			for i, r := range h {
				if r.Client == "ada" {
					h[i].Conn = 1
				}
			}
			return h, final
		}},
		"who listens is not told":            {"G13", without("ada", chaos.Reset)},
		"who comes back later is not told":   {"G13", without("cleo", chaos.Reset)},
		"who comes back knows what is lost":  {"G13s", without("cleo", chaos.Reset)},
		"who was reset does not load a page": {"G13s", without("cleo", chaos.Load)},
		"who is told hears something before": {"G13", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			i := slices.IndexFunc(h, func(r chaos.Record) bool { return r.Client == "ada" && r.Op == chaos.Reset })
			h[i], h[i+1] = h[i+1], h[i]
			h[i].At, h[i+1].At = h[i+1].At, h[i].At
			return h, final
		}},
		"who was told is misled a second time": {"G13", func(h []chaos.Record, _ chaos.Final) ([]chaos.Record, chaos.Final) {
			again, at := restoredStory()
			last := again[len(again)-1].At
			for _, r := range again[slices.IndexFunc(again, func(r chaos.Record) bool { return r.Op == chaos.Strike }):] {
				if r.At += last; r.Client == "ada" && r.Op == chaos.Reset {
					continue
				}
				h = append(h, r)
			}
			return h, at
		}},
		"the order of what is kept is another": {"I6", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			for i, r := range h {
				if r.Op == chaos.Send && r.Phase == chaos.OK && (r.Key == "k4" || r.Key == "k5") {
					h[i].Seq = 5 - r.Seq
				}
			}
			return h, final
		}},
		"no list explains what is kept": {"I6p", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			h[slices.IndexFunc(h, func(r chaos.Record) bool { return r.Key == "k5" && r.Phase == chaos.OK })].Seq = 4
			return h, final
		}},
		"the program says that it is broken": {"I2w", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			return append(h, chaos.Record{Client: "ben", Op: chaos.Blame, Phase: chaos.Noted}), final
		}},
		"who has missed nothing is reset": {"G13k", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			return append(h, chaos.Record{At: h[len(h)-1].At, Client: "ben", Op: chaos.Reset, Phase: chaos.Noted}), final
		}},
		"who is resumed misses something": {"G13s", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			return slices.DeleteFunc(h, func(r chaos.Record) bool { return r.Client == "ben" && r.Seq == 2 }), final
		}},
		"who was reset is left with too much": {"G13s", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			last := h[len(h)-1]
			last.Seq++
			return append(h, last), final
		}},
	} {
		broken[c.invariant] = true
		t.Run(what, func(t *testing.T) {
			if got := judgeRestored(c.bend(restoredStory())); !slices.Contains(got, c.invariant) {
				t.Errorf("got %v, want a violation of %s", got, c.invariant)
			}
		})
	}
	for _, invariant := range chaos.Restored {
		if !broken[invariant.Name] {
			t.Errorf("nothing is planted that breaks %s: %s", invariant.Name, invariant.Says)
		}
	}
}
