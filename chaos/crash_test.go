package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/adapters/bunstore/bunstoretest"
	"parley/chaos"
	"parley/chaos/variant"
)

// deadly are the points at which the program is killed.
var deadly = []string{
	"before-lock", "after-insert", "before-commit", "after-commit-before-answer", "after-answer-before-fanout", "mid-frame",
}

// often is how often the program dies at each point at least.
const often = 3

func TestNothingIsBrokenByCrashesOnSQLite(t *testing.T) { dieEverywhere(t, nil, 1) }

func TestNothingIsBrokenByCrashesOnPostgresWithTwoNodes(t *testing.T) {
	dieEverywhere(t, bunstoretest.OwnCluster(t), 2)
}

// dieEverywhere lets people talk while a node dies at each of the points in turn
// and is started again, to die at the next, and judges what they sent and heard.
func dieEverywhere(t *testing.T, cluster *bunstoretest.Cluster, nodes int) {
	t.Helper()
	c := sceneOn(t, startAs(t, setup{program: built(t, variant.Crashing)}, cluster, nodes), bots)
	random := rand.New(rand.NewPCG(*seed, 3))
	died := make(map[string]int)
	final := c.during(c.people, func() {
		began := time.Now()
		for round := 0; round < often || time.Since(began) < *lasts*3/8; round++ {
			n := c.nodes[random.IntN(nodes)]
			n.kill()
			for _, i := range random.Perm(len(deadly)) {
				if err := c.dieAt(n, deadly[i], random); err != nil {
					t.Fatal(err)
				}
				died[deadly[i]]++
			}
			n.crash = nil
			n.start(t)
			c.awaitReady(t)
		}
	})
	records := c.history.Records()
	report(t, records, chaos.Judge(records, final))
	demandLife(t, died, records)
	demandAgain(t, records)
}

// dieAt starts a node that is to die at a point, and waits until it has. A node
// that does not, or dies otherwise, is an error.
func (s *scene) dieAt(n *node, point string, random *rand.Rand) error {
	notes := filepath.Join(s.t.TempDir(), "notes")
	n.crash = []string{
		fmt.Sprintf("CRASH_AT=%s:%d", point, 2+random.IntN(30)), "CRASH_NOTES=" + notes,
		fmt.Sprintf("CRASH_LINGER=%dms", random.IntN(20)),
	}
	s.history.Add(chaos.Record{Client: "nemesis", Op: chaos.Strike, Phase: chaos.Invoked, Note: point})
	n.start(s.t)
	if err := s.awaitDeath(n); err != nil {
		return fmt.Errorf("%s never struck: %w", point, err)
	}
	s.history.Add(chaos.Record{Client: "nemesis", Op: chaos.Strike, Phase: chaos.OK, Note: point})
	struck, err := os.ReadFile(notes)
	if err == nil && string(struck) != point+"\n" {
		err = fmt.Errorf("it noted %q", struck)
	}
	if err != nil {
		return fmt.Errorf("the node was to die at %s and died otherwise: %w", point, err)
	}
	return nil
}

// awaitDeath waits until a node has died. Those who listen to the others are cut
// off now and then, so that some of them come to this one.
func (s *scene) awaitDeath(n *node) error {
	cut := time.NewTicker(300 * time.Millisecond)
	defer cut.Stop()
	late := time.After(s.patient)
	for {
		select {
		case <-n.ended:
			return nil
		case <-cut.C:
		case <-late:
			return errors.New("the node lives")
		}
		for _, other := range s.nodes {
			if other == n {
				continue
			}
			if err := other.gate.cut(); err != nil {
				return err
			}
		}
	}
}

// A crash that does not happen must not pass for one that did no harm.
func TestACrashThatDoesNotHappenIsNoticed(t *testing.T) {
	c := &scene{
		t: t, system: startAs(t, setup{program: built(t, variant.Crashing)}, nil, 1),
		history: chaos.NewHistory(io.Discard), patient: 500 * time.Millisecond,
	}
	n, random := c.nodes[0], rand.New(rand.NewPCG(*seed, 3))
	n.kill()
	if err := c.dieAt(n, "before-commit", random); err == nil {
		t.Error("nobody talked, and before-commit is said to have struck")
	}
	n.kill()
	c.patient = recovery
	time.AfterFunc(300*time.Millisecond, func() { n.signal(syscall.SIGKILL) })
	if err := c.dieAt(n, "before-commit", random); err == nil {
		t.Error("the node was killed from outside, and before-commit is said to have struck")
	}
}

// demandAgain fails a run in which nobody who had no answer got it with another
// try: what was kept and not answered is just what crashes are about.
func demandAgain(t *testing.T, h []chaos.Record) {
	t.Helper()
	again := 0
	for r := range chaos.Those(h, chaos.Send, chaos.OK) {
		if r.Note == chaos.Again {
			again++
		}
	}
	t.Logf("%d sends were kept without an answer, and answered when they were tried again", again)
	if again == 0 {
		t.Error("no send was kept without an answer")
	}
}

// root is where the module is.
const root = ".."

// programs are the variants that were built, by their names.
var programs struct {
	sync.Mutex
	built map[string]string
}

// built returns a variant as a program. Each is built once.
func built(t *testing.T, v variant.Variant) string {
	t.Helper()
	programs.Lock()
	defer programs.Unlock()
	if program, is := programs.built[v.Name]; is {
		return program
	}
	module, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	// It is removed with the program that ships.
	folder := filepath.Join(filepath.Dir(binary), fmt.Sprintf("variant%d", len(programs.built)))
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		t.Fatal(err)
	}
	program, err := v.Build(context.WithoutCancel(t.Context()), module, folder)
	if err != nil {
		t.Fatal(err)
	}
	if programs.built == nil {
		programs.built = make(map[string]string)
	}
	programs.built[v.Name] = program
	return program
}

func TestEveryPointThatKillsIsOne(t *testing.T) {
	for _, point := range deadly {
		if variant.Points[point] == "" {
			t.Errorf("the program has no point %s; it has %v", point, slices.Sorted(maps.Keys(variant.Points)))
		}
	}
}
