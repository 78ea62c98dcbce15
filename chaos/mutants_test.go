package chaos_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"parley/adapters/bunstore/bunstoretest"
	"parley/chaos"
	"parley/chaos/variant"
)

func TestEveryMutantIsOne(t *testing.T) {
	names, shown := make(map[string]bool), make(map[string]bool)
	for _, m := range chaos.Mutants {
		if err := m.Check(root); err != nil {
			t.Error(err)
		}
		if names[m.Name] {
			t.Errorf("there are two mutants %q", m.Name)
		}
		if _, is := scenarios[m.Under]; !is {
			t.Errorf("mutant %q shows under %q, which is no scenario", m.Name, m.Under)
		}
		names[m.Name], shown[m.Under] = true, true
	}
	for name := range scenarios {
		if !shown[name] {
			t.Errorf("no mutant shows under %q", name)
		}
	}
	if len(names) < 11 {
		t.Errorf("there are %d mutants, fewer than there were", len(names))
	}
}

// A list that takes anything is no list.
func TestWhatIsNoMutantIsRefused(t *testing.T) {
	whole := chaos.Mutants[0]
	for name, spoil := range map[string]func(*chaos.Mutant){
		"it is not caught":                func(m *chaos.Mutant) { m.Caught = "" },
		"what catches it is no invariant": func(m *chaos.Mutant) { m.Caught = "I0" },
		"it has no name":                  func(m *chaos.Mutant) { m.Name = "" },
		"nobody says why":                 func(m *chaos.Mutant) { m.Why = "" },
		"it shows under nothing":          func(m *chaos.Mutant) { m.Under = "" },
		"it has no edit":                  func(m *chaos.Mutant) { m.Edits = nil },
		"it is the program as it is": func(m *chaos.Mutant) {
			m.Edits = []variant.Edit{{File: m.Edits[0].File, From: m.Edits[0].From, To: m.Edits[0].From}}
		},
		"its text is gone": func(m *chaos.Mutant) {
			m.Edits = []variant.Edit{{File: m.Edits[0].File, From: "what never stood there", To: "it"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := whole
			spoil(&m)
			if err := m.Check(root); err == nil {
				t.Error("it is taken for a mutant")
			}
		})
	}
}

// within is how long a mutant may stay hidden.
const within = 90 * time.Second

// A checker that catches nothing finds nothing. Nothing of what is judged here
// depends on how fast things are, so one mutant is built while another is struck.
func TestEveryMutantIsCaught(t *testing.T) {
	for _, m := range chaos.Mutants {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			found, rounds, took := scenarios[m.Under].play(t, m.Variant(), within, m.Caught)
			if len(found) == 0 {
				t.Fatalf("%s is not broken in %v, %d rounds", m.Caught, took, rounds)
			}
			t.Logf("caught by %s after %v, in round %d: %s", m.Caught, took, rounds, found[0].What)
		})
	}
}

// And one that finds something in all that happens has caught nothing: with the
// program as it is, the same scenarios break nothing.
func TestTheProgramAsItIsBreaksNothingWhereMutantsDo(t *testing.T) {
	for name, s := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, rounds, took := s.play(t, variant.Crashing, max(*lasts/16, 3*time.Second), "")
			for _, v := range chaos.Few(found) {
				t.Error(v)
			}
			t.Logf("played for %d rounds, %v: %d violations", rounds, took, len(found))
		})
	}
}

// play plays a scenario with a build of the program, round after round. It ends
// when an invariant is broken, the wanted one alone if there is one, or when the
// time is up.
func (s scenario) play(t *testing.T, v variant.Variant, lasts time.Duration, wanted string) (found []chaos.Violation, rounds int, took time.Duration) {
	t.Helper()
	var cluster *bunstoretest.Cluster
	if s.postgres {
		cluster = bunstoretest.OwnCluster(t)
	}
	p := &play{scene: sceneOn(t, startAs(t, setup{program: built(t, v), crash: s.crash}, cluster, s.nodes), s.people)}
	p.patient = 10 * time.Second
	if wanted != "" {
		p.patient = 3 * time.Second // some of what is wrong never comes right
	}
	p.stage = &stage{
		system: p.system, t: t, random: rand.New(rand.NewPCG(*seed, 5)),
		admin: p.people[0], victim: p.people[s.people-1], room: p.where[0],
	}
	invariants := chaos.Invariants
	if s.invariants != nil {
		invariants = s.invariants
	}
	for began := time.Now(); ; p.count++ {
		final := s.round(p)
		for _, v := range chaos.JudgeBy(invariants, p.history.Records(), final) {
			if wanted == "" || v.Invariant == wanted {
				found = append(found, v)
			}
		}
		if took = time.Since(began).Round(time.Millisecond); len(found) > 0 || took > lasts {
			return found, p.count + 1, took
		}
	}
}
