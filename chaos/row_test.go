package chaos_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/chaos"
)

// row is what came of one fault.
type row struct {
	fault      string
	struck     int // times
	acked      int // sends that were acknowledged
	lost       int
	doubled    int
	misordered int
	leaked     int
	recovery   time.Duration
	figures    string // what else was measured
}

const rowFormat = "%-50v %6v %7v %5v %8v %11v %7v %9v  %v"

// say prints the row, and fails a run in which the fault never struck or nobody
// was heard.
func (r row) say(t *testing.T) {
	t.Helper()
	t.Logf("\n"+rowFormat+"\n"+rowFormat, "fault", "struck", "acked", "lost", "doubled", "misordered", "leaked", "recovery", "",
		r.fault, r.struck, r.acked, r.lost, r.doubled, r.misordered, r.leaked, r.recovery.Round(time.Millisecond), r.figures)
	if r.struck == 0 {
		t.Errorf("%s never struck", r.fault)
	}
	if r.acked == 0 {
		t.Errorf("%s: no send was acknowledged", r.fault)
	}
}

// judged fills in what the invariants say, and fails the test for each that is
// broken.
func (r row) judged(t *testing.T, invariants []chaos.Invariant, h []chaos.Record, final chaos.Final) row {
	t.Helper()
	r.acked = chaos.Sends(h)
	for _, invariant := range invariants {
		broken := invariant.Judge(h, final)
		for i, what := range broken {
			if i == 5 {
				t.Errorf("%s: and %d more", invariant.Name, len(broken)-i)
				break
			}
			t.Error(chaos.Violation{Invariant: invariant.Name, What: what})
		}
		r.count(invariant.Name, broken)
	}
	return r
}

func (r *row) count(invariant string, broken []string) {
	switch invariant {
	case "I1", "R3":
		r.lost += len(broken)
	case "I2":
		r.doubled += len(broken)
	case "I3":
		for _, what := range broken {
			if strings.HasSuffix(what, " 0 times") {
				r.lost++
			} else {
				r.doubled++
			}
		}
	case "I4", "I5", "I6", "I6p":
		r.misordered += len(broken)
	case "I8":
		r.leaked += len(broken)
	}
}

// those are the invariants with these names, which must all exist.
func those(t *testing.T, names ...string) (chosen []chaos.Invariant) {
	t.Helper()
	for _, invariant := range chaos.Invariants {
		for _, name := range names {
			if invariant.Name == name {
				chosen = append(chosen, invariant)
			}
		}
	}
	if len(chosen) != len(names) {
		t.Fatalf("of the invariants %v there are %d", names, len(chosen))
	}
	return chosen
}

func TestARowCountsWhatIsBroken(t *testing.T) {
	var r row
	r.count("I1", []string{"lost"})
	r.count("I2", []string{"twice"})
	r.count("I3", []string{"heard number 1 of room 1 (k) 0 times", "heard number 1 of room 1 (k) 2 times"})
	r.count("I6p", []string{"no order"})
	r.count("I8", []string{"heard, being out"})
	if want := (row{lost: 2, doubled: 2, misordered: 1, leaked: 1}); r != want {
		t.Errorf("got %+v, want %+v", r, want)
	}
	if got := fmt.Sprint(len(those(t, "I1", "I2"))); got != "2" {
		t.Errorf("got %s of the invariants, want 2", got)
	}
}
