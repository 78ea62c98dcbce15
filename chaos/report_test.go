package chaos_test

import (
	"slices"
	"testing"
	"time"

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

// report prints the table of a run.
func report(t *testing.T, _ map[string]int, h []chaos.Record, found []chaos.Violation, recovered time.Duration) {
	t.Helper()
	heard := 0
	for range chaos.Those(h, chaos.Hear, chaos.Noted) {
		heard++
	}
	t.Logf("\n%s%d sends acknowledged, %d messages heard, all caught up %v after the last fault; %d violations",
		chaos.Format(chaos.Tabulate(h, found)), chaos.Sends(h), heard, recovered.Round(time.Millisecond), len(found))
}
