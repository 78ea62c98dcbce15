package chaos_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"parley/chaos"
)

func TestTheTableSaysWhatBrokeUnderWhichFault(t *testing.T) {
	h, final := story()
	b := &bent{t: t, h: h, final: final}
	struck := b.of("nemesis", chaos.Strike, chaos.OK, 0).At
	table := chaos.Tabulate(h, []chaos.Violation{
		{Invariant: "I1", Breach: chaos.Breach{At: struck + 1, Kind: chaos.Loss}},
		{Invariant: "I3", Breach: chaos.Breach{At: struck + 1, Kind: chaos.Doubling}},
		{Invariant: "I8", Breach: chaos.Breach{At: 1, Kind: chaos.Leak}},
	})
	if len(table) != 2 || table[0].Fault != "(no fault)" || table[1].Fault != "storm" {
		t.Fatalf("got %+v", table)
	}
	quiet, storm := table[0], table[1]
	if quiet.Struck != 0 || quiet.Sends != 3 || quiet.Broken[chaos.Leak] != 1 {
		t.Errorf("without a fault: got %+v, want 3 sends and one leak", quiet)
	}
	if storm.Struck != 1 || storm.Sends != 3 || storm.Broken[chaos.Loss] != 1 || storm.Broken[chaos.Doubling] != 1 || storm.Broken[chaos.Leak] != 0 {
		t.Errorf("under the fault: got %+v, want that it struck once, 3 sends, one lost, one doubled", storm)
	}
	// After the fault there are four records of lines that are opened, and four until
	// Ben, the last one who is in the room all the time, hears the fifth message.
	if want := []time.Duration{8 * time.Millisecond}; !slices.Equal(storm.Recoveries, want) {
		t.Errorf("everybody was back after %v, want %v", storm.Recoveries, want)
	}
	text := chaos.Format(table)
	if !strings.Contains(text, "storm") || !strings.Contains(text, "8ms") {
		t.Errorf("got %s", text)
	}
}

func TestARecoveryThatTheNextFaultCutsShortIsNotMeasured(t *testing.T) {
	b := &bent{t: t}
	b.h, b.final = story()
	b.after(b.of("ben", chaos.Send, chaos.OK, 5), chaos.Record{Client: "nemesis", Op: chaos.Strike, Phase: chaos.Invoked, Note: "flood"})
	if got := chaos.Recoveries(b.h); len(got) != 1 || got[0].Measured {
		t.Errorf("got %+v", got)
	}
}

func TestWhoNapsIsWaitedForWhenTheyWake(t *testing.T) {
	b := &bent{t: t}
	b.h, b.final = story()
	b.later(b.heard("ben", 5), time.Minute)
	if took := chaos.Recoveries(b.h)[0].Took; took < time.Minute {
		t.Fatalf("got %v for somebody who was awake", took)
	}
	heard := b.heard("ben", 5).At
	b.after(b.of("ben", chaos.Send, chaos.OK, 5), chaos.Record{Client: "ben", Op: chaos.Nap, Phase: chaos.Invoked})
	b.h = slices.Insert(b.h, b.find(func(r chaos.Record) bool { return r.At == heard }),
		chaos.Record{At: heard - time.Millisecond, Client: "ben", Op: chaos.Nap, Phase: chaos.OK})
	if took := chaos.Recoveries(b.h)[0].Took; took >= time.Second {
		t.Errorf("got %v for somebody who slept", took)
	}
}

func without(h []chaos.Record, client string) []chaos.Record {
	return slices.DeleteFunc(slices.Clone(h), func(r chaos.Record) bool { return r.Client == client })
}

func TestARunInWhichTooLittleHappenedProvesNothing(t *testing.T) {
	lively := chaos.Wants{
		Faults: []string{"storm"}, Sends: 6, Done: []chaos.Op{chaos.Edit, chaos.Delete, chaos.Add}, Ends: []string{"signing out"},
		Lines: []string{"sse"}, Visits: true,
	}
	full := func() []chaos.Record {
		h, _ := story()
		return append(h, chaos.Record{Client: "cleo", Op: chaos.Open, Phase: chaos.Noted, Conn: 2})
	}
	if got := chaos.Lifeless(full(), lively); len(got) != 0 {
		t.Errorf("of a lively run: got %v", got)
	}
	for name, c := range map[string]struct {
		want string
		bend func(h []chaos.Record, wants *chaos.Wants) []chaos.Record
	}{
		"a fault never strikes": {"flood never struck", func(h []chaos.Record, wants *chaos.Wants) []chaos.Record {
			wants.Faults = append(wants.Faults, "flood")
			return h
		}},
		"nothing is deleted": {"no delete succeeded", func(h []chaos.Record, _ *chaos.Wants) []chaos.Record {
			return slices.DeleteFunc(h, func(r chaos.Record) bool { return r.Op == chaos.Delete && r.Phase == chaos.OK })
		}},
		"no session ends in this way": {"no session ended by magic", func(h []chaos.Record, wants *chaos.Wants) []chaos.Record {
			wants.Ends = []string{"magic"}
			return h
		}},
		"nobody polls": {"nothing was heard over poll", func(h []chaos.Record, wants *chaos.Wants) []chaos.Record {
			wants.Lines = append(wants.Lines, "poll")
			return h
		}},
		"too little is said": {"only 6 sends were acknowledged, and 7 are needed", func(h []chaos.Record, wants *chaos.Wants) []chaos.Record {
			wants.Sends = 7
			return h
		}},
		"nobody goes on from a page": {"nobody has gone on from a page", func(h []chaos.Record, _ *chaos.Wants) []chaos.Record {
			return without(h, "dan+visit")
		}},
		"somebody never comes back": {"ada never came back", func(h []chaos.Record, _ *chaos.Wants) []chaos.Record {
			return slices.DeleteFunc(h, func(r chaos.Record) bool { return r.Client == "ada" && r.Op == chaos.Open && r.Conn == 2 })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			wants := lively
			if got := chaos.Lifeless(c.bend(full(), &wants), wants); !slices.Equal(got, []string{c.want}) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestALogThatTellsASecretOrOfADisasterBetraysIt(t *testing.T) {
	for line, want := range map[string]string{
		"level=INFO msg=answered status=200":  "",
		"panic: runtime error":                "line 2 tells of a disaster: panic: runtime error",
		"fatal error: all goroutines asleep":  "line 2 tells of a disaster: fatal error: all goroutines asleep",
		"WARNING: DATA RACE":                  "line 2 tells of a disaster: WARNING: DATA RACE",
		`level=WARN msg="no" token="s3cr3t."`: `line 2 has a secret in it: level=WARN msg="no" token="[…]."`,
	} {
		found, err := chaos.Betrayals(strings.NewReader("level=INFO msg=serving\n"+line), []string{"", "s3cr3t"})
		if err != nil || strings.Join(found, "\n") != want {
			t.Errorf("%s: got %q, %v, want %q", line, found, err, want)
		}
	}
}

func TestWhatAProcessHoldsForNoReasonIsFound(t *testing.T) {
	before := chaos.Footprint{Goroutines: 20, Descriptors: 20, Threads: 10, Memory: 40 << 20}
	for want, grow := range map[string]func(*chaos.Footprint){
		"":                                   func(f *chaos.Footprint) { f.Goroutines += 2; f.Descriptors += 2; f.Memory -= 10 << 20 },
		"60 goroutines where there were 20":  func(f *chaos.Footprint) { f.Goroutines += 40 },
		"60 descriptors where there were 20": func(f *chaos.Footprint) { f.Descriptors += 40 },
		"50 threads where there were 10":     func(f *chaos.Footprint) { f.Threads += 40 },
		"252 MiB where there were 40":        func(f *chaos.Footprint) { f.Memory += 212 << 20 },
	} {
		after := before
		grow(&after)
		if got := strings.Join(chaos.Grown(before, after), "\n"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
