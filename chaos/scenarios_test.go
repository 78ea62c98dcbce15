package chaos_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"parley/chaos"
)

// scenario is something that happens to people and to the program, round after
// round, under which a mutant shows.
type scenario struct {
	people   int
	nodes    int
	postgres bool
	crash    []string                // where the program is stalled
	judged   string                  // the one invariant that holds here; empty: all
	round    func(*play) chaos.Final // returns what there is at its end
}

// play is a scenario on one build of the program.
type play struct {
	*crowd
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
					p.try(p.system.nodes[0].gate.cut())
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
			n := p.system.nodes[0]
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
		people: 4, nodes: 1, judged: "G13",
		round: restoring,
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
// open one stream after another.
func comingAndGoing(p *play) chaos.Final {
	p.every = 10 * time.Millisecond
	p.restless = p.stage.victim
	return p.during(p.people[:len(p.people)-1], func() {
		for range 10 {
			p.try(churn(p.stage))
		}
		time.Sleep(200 * time.Millisecond) // in which somebody says something in every room
	})
}

// restoring backs everything up, lets people go on, and restores it; before they
// come back, the log has grown beyond where they had been.
func restoring(p *play) chaos.Final {
	n, backup := p.system.nodes[0], p.t.TempDir()
	p.during(p.people, func() { time.Sleep(200 * time.Millisecond) })
	n.signal(syscall.SIGTERM)
	<-n.ended
	p.note(chaos.BackedUp, func() { p.try(copyDatabase(p.system.folder, backup)) })
	n.start(p.t)
	lost := p.during(p.people, func() { time.Sleep(200 * time.Millisecond) })
	n.kill()
	p.note(chaos.Restored, func() { p.try(copyDatabase(backup, p.system.folder)) })
	n.start(p.t)
	p.talk(p.people, func() {
		for p.shorter(readAll(p.t, p.people[0], p.rooms), lost) {
		}
	})
	return p.during(p.people, func() { time.Sleep(300 * time.Millisecond) })
}

// note notes what the nemesis does.
func (p *play) note(what string, do func()) {
	r := chaos.Record{Client: "nemesis", Op: chaos.Strike, Phase: chaos.Invoked, Note: what}
	p.history.Add(r)
	do()
	r.Phase = chaos.OK
	p.history.Add(r)
}

// shorter reports whether there is less than there was, in all rooms together.
func (p *play) shorter(is, was chaos.Final) bool {
	count := func(f chaos.Final) (n int) {
		for _, room := range f {
			n += len(room)
		}
		return n
	}
	return count(is) <= count(was)
}

// copyDatabase replaces the database in one folder by that in another.
func copyDatabase(from, to string) error {
	for _, name := range []string{"parley.db", "parley.db-wal", "parley.db-shm"} {
		text, err := os.ReadFile(filepath.Join(from, name))
		switch {
		case os.IsNotExist(err):
			if err := os.Remove(filepath.Join(to, name)); err != nil && !os.IsNotExist(err) {
				return err
			}
		case err != nil:
			return err
		default:
			if err := os.WriteFile(filepath.Join(to, name), text, 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

// signingOut lets somebody sign out and use the session all the same, before and
// after a restart.
func signingOut(p *play) chaos.Final {
	leaver := newBot(p.t, p.system, p.history, fmt.Sprintf("leaver%d", p.count))
	n := p.system.nodes[0]
	use := func() int {
		r := chaos.Record{Client: leaver.name, Op: chaos.Use, Phase: chaos.Invoked, Note: "list the rooms"}
		p.history.Add(r)
		status, _, err := leaver.call(p.t.Context(), http.MethodGet, "/api/rooms", nil)
		p.try(err)
		r.Phase = chaos.Failed
		if status == http.StatusOK {
			r.Phase = chaos.OK
		}
		p.history.Add(r)
		return status
	}
	return p.during(p.people, func() {
		if status := use(); status != http.StatusOK {
			p.t.Fatalf("who has signed in is answered %d", status)
		}
		status, body, err := leaver.call(p.t.Context(), http.MethodPost, "/api/auth/logout", nil)
		if p.try(err); status != http.StatusNoContent {
			p.t.Fatalf("sign out: %d %s", status, body)
		}
		p.history.Add(chaos.Record{Client: leaver.name, Op: chaos.SignOut, Phase: chaos.OK})
		use()
		n.kill()
		n.start(p.t)
		p.system.awaitReady(p.t)
		use()
	})
}
