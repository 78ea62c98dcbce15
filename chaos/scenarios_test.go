package chaos_test

import (
	"fmt"
	"strings"
	"time"

	"parley/chaos"
)

// scenario is something that happens to people and to the program, round after
// round, under which a mutant shows.
type scenario struct {
	people     int
	nodes      int
	postgres   bool
	crash      []string                // where the program is stalled
	invariants []chaos.Invariant       // that hold here; nil: all that hold elsewhere
	round      func(*play) chaos.Final // returns what there is at its end
}

// play is a scenario on one build of the program.
type play struct {
	*scene
	stage *stage // for the faults
	count int    // of rounds
}

// Scenarios by their names.
var scenarios = map[string]scenario{
	"coming back again and again": {
		people: 6, nodes: 1, crash: []string{"CRASH_AT=page-read:1", "CRASH_BY=stall", "CRASH_LINGER=10ms"},
		round: func(p *play) chaos.Final {
			p.every = 20 * time.Millisecond
			return p.during(p.people, func() {
				for range 10 {
					time.Sleep(100 * time.Millisecond)
					p.try(p.nodes[0].gate.cut())
				}
			})
		},
	},
	"coming and going while streams open": {
		people: 5, nodes: 1, crash: []string{"CRASH_AT=rights-read:1", "CRASH_BY=stall", "CRASH_LINGER=15ms"},
		round: comingAndGoing,
	},
	"much at once": {
		people: 8, nodes: 1,
		round: func(p *play) chaos.Final {
			p.every = 2 * time.Millisecond
			for _, b := range p.people {
				b.padding = strings.Repeat("ä", 3900)
			}
			return p.during(p.people, func() { time.Sleep(500 * time.Millisecond) })
		},
	},
	"answers that are lost": {
		people: 5, nodes: 1,
		round: func(p *play) chaos.Final {
			return p.during(p.people, func() {
				p.try(p.stage.spoil(`{"type":"timeout","stream":"downstream","toxicity":0.4,"attributes":{"timeout":100}}`, time.Second))
			})
		},
	},
	"two nodes that do not ring": {
		people: 6, nodes: 2, postgres: true,
		round: func(p *play) chaos.Final {
			p.every = 10 * time.Millisecond
			return p.during(p.people, func() { time.Sleep(time.Second) })
		},
	},
	"crashes before the commit": {
		people: 5, nodes: 1,
		round: func(p *play) chaos.Final {
			n := p.nodes[0]
			return p.during(p.people, func() {
				n.kill()
				for range 2 {
					p.try(p.dieAt(n, "before-commit", p.stage.random))
				}
				n.crash = nil
				n.start(p.t)
			})
		},
	},
	"a backup that is restored": {
		people: 4, nodes: 1, invariants: chaos.Restored,
		round: func(p *play) chaos.Final { return p.restoring(sqliteBackup) },
	},
	"signing out before a restart": {
		people: 2, nodes: 1,
		round: signingOut,
	},
}

func (p *play) try(err error) {
	if err != nil {
		p.t.Fatal(err)
	}
}

// comingAndGoing takes somebody out of a room and puts them in again, while they
// open one line after another.
func comingAndGoing(p *play) chaos.Final {
	p.every = 10 * time.Millisecond
	p.stage.victim.habit = fleeting
	return p.during(p.people[:len(p.people)-1], func() {
		for range 10 {
			p.try(churn(p.stage))
		}
		time.Sleep(200 * time.Millisecond) // in which somebody says something in every room
	})
}

// signingOut lets somebody sign out and use the session all the same, before and
// after a restart.
func signingOut(p *play) chaos.Final {
	leaver := newBot(p.t, p.system, p.history, fmt.Sprintf("leaver%d", p.count))
	n, ended := p.nodes[0], leaver.signedIn()
	return p.during(p.people, func() {
		p.try(leaver.signOut(p.t.Context(), ended))
		leaver.tryEnded(p.t.Context(), ended)
		n.kill()
		n.start(p.t)
		p.awaitReady(p.t)
		rest(nil, 2*time.Second) // for longer than a node may not know of the end
		leaver.tryEnded(p.t.Context(), ended)
	})
}
