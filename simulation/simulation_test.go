package simulation_test

import (
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/simulation"
)

var (
	seed  = flag.Uint64("seed", 0, "tell the story of this seed alone, and write it down")
	seeds = flag.Int("seeds", stories, "how many stories are told")
	steps = flag.Int("steps", 500, "how many steps a story has")
)

// tell tells a story in a bubble. What is left running there, the bubble finds.
func tell(t *testing.T, s simulation.Settings) (told simulation.Told) {
	t.Helper()
	defer func() {
		if left := recover(); left != nil {
			told.Broken = append(told.Broken, simulation.Violation{Law: simulation.Ends, What: fmt.Sprint(left)})
		}
	}()
	synctest.Test(t, func(*testing.T) { told = simulation.Tell(s) })
	return told
}

// Whatever befalls nodes, network, database and people: no promise is broken. A
// seed that breaks one is printed with its story, and can be told again.
func TestWhateverHappensNoPromiseIsBroken(t *testing.T) {
	if *seed > 0 {
		retell(t, *seed)
		return
	}
	var next, broken atomic.Uint64
	var mu sync.Mutex
	all := make(simulation.Count)
	begun := time.Now()
	t.Run("stories", func(t *testing.T) {
		for worker := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint("told by ", worker), func(t *testing.T) {
				t.Parallel()
				for s := next.Add(1); s <= uint64(*seeds) && broken.Load() < 3; s = next.Add(1) {
					told := tell(t, simulation.Settings{Seed: s, Steps: *steps})
					if told.Broken != nil {
						broken.Add(1)
						retell(t, s)
					}
					mu.Lock()
					all.Add(told.Count)
					mu.Unlock()
				}
			})
		}
	})
	took := time.Since(begun)
	t.Logf("%d stories of %d steps in %.1f s: %.0f seeds/s; %v", *seeds, *steps, took.Seconds(), float64(*seeds)/took.Seconds(), all)
	if missing := all.Missing(); *seeds >= 50 && len(missing) > 0 {
		t.Errorf("in no story was anybody or anything %s: they show little", strings.Join(missing, ", "))
	}
}

// before is how much of the story that leads to a violation is printed.
const before = 80

func retell(t *testing.T, s uint64) {
	t.Helper()
	told := tell(t, simulation.Settings{Seed: s, Steps: *steps, Trace: true})
	story := told.Story
	if first := slices.IndexFunc(story, func(line string) bool { return strings.Contains(line, "BROKEN") }); *seed == 0 && first >= 0 {
		story = story[max(0, first-before):min(first+5, len(story))]
	}
	t.Logf("the story of seed %d:\n%s", s, strings.Join(story, "\n"))
	for _, v := range told.Broken {
		t.Errorf("seed %d breaks: %s", s, v)
	}
	if told.Broken == nil && *seed == 0 {
		t.Errorf("seed %d broke a promise, but not when it was told again", s)
	}
	t.Logf("to tell it again: go test ./simulation -run NoPromise -v -args -seed=%d -steps=%d", s, *steps)
}

// A seed that is printed is worth something only if it tells the same again.
func TestASeedTellsTheSameStoryAgain(t *testing.T) {
	t.Parallel()
	for s := range uint64(max(10, min(40, *seeds/50))) {
		settings := simulation.Settings{Seed: 1 + s, Steps: *steps, Trace: true}
		first, again := tell(t, settings).Story, tell(t, settings).Story
		for i := range min(len(first), len(again)) {
			if first[i] != again[i] {
				t.Fatalf("seed %d: line %d is\n%s\nand when it is told again\n%s", settings.Seed, i, first[i], again[i])
			}
		}
		if len(first) != len(again) || len(first) < *steps {
			t.Errorf("seed %d: %d lines, and again %d", settings.Seed, len(first), len(again))
		}
	}
}

// mostSeeds is how many stories a planted violation may take to be found.
const mostSeeds = 150

// Stories in which nothing could be found would show nothing.
func TestWhatIsPlantedIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		plant simulation.Plant
		laws  []simulation.Law
	}{
		"rings are believed":                 {simulation.Plant{Believed: true}, []simulation.Law{simulation.Lost, simulation.Words}},
		"a mark is not compared":             {simulation.Plant{Unmarked: true}, []simulation.Law{simulation.Resuming}},
		"a cursor is one ahead":              {simulation.Plant{Ahead: true}, []simulation.Law{simulation.Lost, simulation.Resuming}},
		"rights are cached":                  {simulation.Plant{Cached: true}, []simulation.Law{simulation.Leak, simulation.Lost}},
		"a page claims more than it has":     {simulation.Plant{Jumped: true}, []simulation.Law{simulation.Lost}},
		"a queue drops what does not fit":    {simulation.Plant{Dropping: true}, []simulation.Law{simulation.Lost}},
		"the log's lock is not taken":        {simulation.Plant{Lockless: true}, []simulation.Law{simulation.Numbers, simulation.Once, simulation.Lost, simulation.Outdated}},
		"the answer comes before the commit": {simulation.Plant{AckFirst: true}, []simulation.Law{simulation.Lost}},
		"keys are not looked up":             {simulation.Plant{Keyless: true}, []simulation.Law{simulation.Once}},
		"the end of a session is not heard":  {simulation.Plant{Deaf: true}, []simulation.Law{simulation.Ended, simulation.Admitted}},
		"a node does not know that it is cut off": {simulation.Plant{Frozen: true},
			[]simulation.Law{simulation.Stale, simulation.Words, simulation.Expired}},
		"a page keeps words as they were said": {simulation.Plant{Verbatim: true}, []simulation.Law{simulation.Words, simulation.Outdated}},
		"a deletion is answered too soon":      {simulation.Plant{Hasty: true}, []simulation.Law{simulation.Words}},
		"who was let in is let in for ever":    {simulation.Plant{Lenient: true}, []simulation.Law{simulation.Admitted}},
		"an appender takes its time":           {simulation.Plant{Slow: true}, []simulation.Law{simulation.Answers}},
		"publishers are told of another":       {simulation.Plant{Mistaken: true}, []simulation.Law{simulation.Lost}},
		"something is left running":            {simulation.Plant{Leaking: true}, []simulation.Law{simulation.Ends}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for s := range uint64(mostSeeds) {
				told := tell(t, simulation.Settings{Seed: 1 + s, Steps: *steps, Plant: c.plant})
				if told.Broken == nil {
					continue
				}
				if !slices.Contains(c.laws, told.Broken[0].Law) {
					t.Errorf("%s is found as: %s", name, told.Broken[0])
				}
				t.Logf("%s: found by seed %d: %s", name, 1+s, told.Broken[0])
				return
			}
			t.Errorf("not found in %d stories", mostSeeds)
		})
	}
}
