package chaos_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/chaos"
)

// demandLife fails a run in which too little happened to prove anything: each of
// these faults, and all that is wanted beside the least.
func demandLife(t *testing.T, struck map[string]int, h []chaos.Record, wanted ...chaos.Wants) {
	t.Helper()
	wants := append([]chaos.Wants{{Sends: 200}}, wanted...)[len(wanted)]
	for name := range struck {
		wants.Faults = append(wants.Faults, name)
	}
	slices.Sort(wants.Faults)
	for _, missing := range chaos.Lifeless(h, wants) {
		t.Errorf("the run proves nothing: %s", missing)
	}
}

// report prints the table of a run, with what else was measured, and fails the
// test for each violation.
func report(t *testing.T, h []chaos.Record, found []chaos.Violation, figures ...string) {
	t.Helper()
	heard := 0
	for range chaos.Those(h, chaos.Hear, chaos.Noted) {
		heard++
	}
	t.Logf("\n%s%s", chaos.Format(chaos.Tabulate(h, found)), strings.Join(append([]string{
		fmt.Sprintf("%d sends acknowledged, %d messages heard, %d violations", chaos.Sends(h), heard, len(found)),
	}, figures...), "; "))
	for _, v := range chaos.Few(found) {
		t.Error(v)
	}
}

// verdict judges a scene by invariants and prints its table. A scene in which
// nothing struck or nothing was said is none.
func (s *scene) verdict(invariants []chaos.Invariant, final chaos.Final, figures ...string) {
	s.t.Helper()
	s.verdictOn(s.history.Records(), invariants, final, figures...)
}

func (s *scene) verdictOn(h []chaos.Record, invariants []chaos.Invariant, final chaos.Final, figures ...string) {
	s.t.Helper()
	report(s.t, h, chaos.JudgeBy(invariants, h, final), figures...)
	if chaos.Sends(h) == 0 || len(chaos.Recoveries(h)) == 0 {
		s.t.Error("the scene proves nothing: nothing struck, or nothing was said")
	}
}
