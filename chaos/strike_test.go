package chaos_test

import (
	"fmt"
	"strings"
	"time"

	"parley/chaos"
)

// figures is how long everybody may take to catch up after a fault, where it is
// not usual.
var figures = map[string]time.Duration{
	"kill all nodes at once": 10 * time.Second,
	"crash the database":     10 * time.Second,
}

const (
	usual = 5 * time.Second
	// shared is how many times longer it may take where tests share the processors
	// with each other, and with the clients.
	shared = 2
)

func figure(fault string) time.Duration {
	if figures[fault] != 0 {
		return shared * figures[fault]
	}
	return shared * usual
}

// strike strikes with one fault after another, each of them in turn so that none
// is left out, in an order that the seed decides. Half of the time the next one
// waits until everybody is back. It returns how often each did.
func strike(s *stage, h *chaos.History) map[string]int {
	s.t.Helper()
	var chosen []fault
	struck := make(map[string]int)
	for _, f := range faults {
		if strings.Contains(f.name, *only) && (!f.postgres || s.cluster != nil) {
			chosen = append(chosen, f)
			struck[f.name] = 0
		}
	}
	probes := 0
	for end := time.Now().Add(*lasts); ; {
		s.random.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
		for _, f := range chosen {
			h.Add(chaos.Record{Client: "nemesis", Op: chaos.Strike, Phase: chaos.Invoked, Note: f.name})
			if err := f.strike(s); err != nil {
				s.t.Fatalf("%s: %v", f.name, err)
			}
			h.Add(chaos.Record{Client: "nemesis", Op: chaos.Strike, Phase: chaos.OK, Note: f.name, Within: figure(f.name)})
			struck[f.name]++
			s.awaitReady(s.t)
			if len(s.people) > 0 && s.random.IntN(2) == 0 {
				probes++
				s.probe(fmt.Sprintf("probe-%d", probes))
			}
			s.pause(500 * time.Millisecond)
		}
		if time.Now().After(end) {
			return struck
		}
	}
}

// probe waits until everybody who is awake has heard something that was said now.
// How long that took is for the judge to say.
func (s *stage) probe(key string) {
	said := s.admin.say(s.t.Context(), s.room, key)
	for deadline := time.Now().Add(recovery); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		missing := 0
		for _, b := range s.people {
			if b.pause == nil && b.reached(s.room) < said.seq {
				missing++
			}
		}
		if missing == 0 {
			return
		}
	}
}
