package chaos_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"parley/chaos"
)

// story is a history in which all is well: two clients, one of whom is out of
// the room for a while, and one send of which nobody knows what became.
func story() ([]chaos.Record, chaos.Final) {
	h := chaos.NewHistory(io.Discard)
	final := chaos.Final{1: nil}
	say := func(key string, seq int64) {
		h.Add(chaos.Record{Client: "a", Op: chaos.Send, Phase: chaos.Invoked, Room: 1, Key: key, Hash: "#" + key})
		if key == "k3" {
			h.Add(chaos.Record{Client: "a", Op: chaos.Send, Phase: chaos.Unknown, Room: 1, Key: key})
		} else {
			h.Add(chaos.Record{Client: "a", Op: chaos.Send, Phase: chaos.OK, Room: 1, Key: key, ID: seq + 100, Seq: seq, Hash: "#" + key})
		}
		final[1] = append(final[1], chaos.Kept{Seq: seq, ID: seq + 100, Key: key, Hash: "#" + key})
	}
	hear := func(client string, conn int, seq int64) {
		key := fmt.Sprintf("k%d", seq)
		h.Add(chaos.Record{Client: client, Op: chaos.Hear, Phase: chaos.Noted, Room: 1, Conn: conn, Seq: seq, ID: seq + 100, Key: key, Hash: "#" + key})
	}
	h.Add(chaos.Record{Client: "a", Op: chaos.In, Phase: chaos.Noted, Room: 1, Conn: 1})
	say("k1", 1)
	say("k2", 2)
	hear("a", 1, 1)
	hear("b", 1, 1)
	h.Add(chaos.Record{Client: "b", Op: chaos.Out, Phase: chaos.Noted, Room: 1, Conn: 1})
	say("k3", 3)
	hear("a", 1, 2)
	hear("a", 2, 3)
	h.Add(chaos.Record{Client: "b", Op: chaos.In, Phase: chaos.Noted, Room: 1, Conn: 1})
	say("k4", 4)
	hear("b", 1, 4)
	hear("a", 2, 4)
	return h.Records(), final
}

func TestAStoryInWhichAllIsWellIsJudgedSo(t *testing.T) {
	if got := chaos.Judge(story()); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

// A judge who lets a broken promise pass proves nothing.
func TestEachInvariantIsBrokenByWhatBreaksIt(t *testing.T) {
	index := func(h []chaos.Record, is func(chaos.Record) bool) int {
		for i, r := range h {
			if is(r) {
				return i
			}
		}
		t.Fatal("the story has no such record")
		return 0
	}
	hearing := func(client string, seq int64) func(chaos.Record) bool {
		return func(r chaos.Record) bool { return r.Op == chaos.Hear && r.Client == client && r.Seq == seq }
	}
	acknowledging := func(key string) func(chaos.Record) bool {
		return func(r chaos.Record) bool { return r.Op == chaos.Send && r.Phase == chaos.OK && r.Key == key }
	}
	for name, c := range map[string]struct {
		invariant string
		bend      func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final)
	}{
		"an acknowledged message is lost": {"I1", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			final[1] = final[1][:3]
			return h, final
		}},
		"its words are others": {"I1", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			final[1][0].Hash = "#"
			return h, final
		}},
		"a message is there twice": {"I2", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			final[1] = append(final[1], chaos.Kept{Seq: 5, ID: 105, Key: "k4", Hash: "#k4"})
			return h, final
		}},
		"a message is there that nobody sent": {"I2", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			final[1] = append(final[1], chaos.Kept{Seq: 5, ID: 105, Key: "k5"})
			return h, final
		}},
		"a refused message is there": {"I2", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			h[index(h, func(r chaos.Record) bool { return r.Phase == chaos.Unknown })].Phase = chaos.Failed
			return h, final
		}},
		"there is a hole in the numbers": {"I2", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			final[1][3].Seq = 5
			return h, final
		}},
		"a message is not heard": {"I3", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			i := index(h, hearing("a", 2))
			return append(h[:i], h[i+1:]...), final
		}},
		"a message is heard twice": {"I3", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			again := h[index(h, hearing("a", 2))]
			again.Conn = 3
			return append(h, again), final
		}},
		"messages are heard in another order": {"I4", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			i, j := index(h, hearing("a", 3)), index(h, hearing("a", 4))
			h[i], h[j] = h[j], h[i]
			return h, final
		}},
		"two see another message at one number": {"I5", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			h[index(h, hearing("b", 4))].Key = "k2"
			return h, final
		}},
		"a later message has a lower number": {"I6", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			i, j := index(h, acknowledging("k1")), index(h, acknowledging("k2"))
			h[i].Seq, h[j].Seq = h[j].Seq, h[i].Seq
			return h, final
		}},
		"no order of appends explains the numbers": {"I6p", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			h[index(h, acknowledging("k4"))].Seq = 6
			return h, final
		}},
		"who is out hears something": {"I8", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			i := index(h, func(r chaos.Record) bool { return r.Op == chaos.Out })
			heard := h[index(h, hearing("a", 2))]
			heard.Client = "b"
			return append(h[:i+1], append([]chaos.Record{heard}, h[i+1:]...)...), final
		}},
		"a stream is reset": {"G6", func(h []chaos.Record, final chaos.Final) ([]chaos.Record, chaos.Final) {
			return append(h, chaos.Record{Client: "a", Op: chaos.Reset, Phase: chaos.Noted}), final
		}},
	} {
		t.Run(name, func(t *testing.T) {
			found := chaos.Judge(c.bend(story()))
			for _, v := range found {
				if v.Invariant == c.invariant {
					return
				}
			}
			t.Errorf("got %v, want a violation of %s", found, c.invariant)
		})
	}
}

func TestTheHistoryIsWrittenAsLines(t *testing.T) {
	var lines strings.Builder
	chaos.NewHistory(&lines).Add(chaos.Record{Client: "a", Op: chaos.Send, Phase: chaos.OK, Key: "k"})
	if got := lines.String(); !strings.HasPrefix(got, `{"at":`) || !strings.HasSuffix(got, `"client":"a","op":"send","phase":"ok","key":"k"}`+"\n") {
		t.Errorf("got %q", got)
	}
}
