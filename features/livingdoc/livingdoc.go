// Package livingdoc shows what the features promise and whether each promise was
// kept where: one page, which needs no network, with every scenario and what came
// of it on each assembly.
//
// What it writes are Cucumber Messages, the common language of such reports, in
// the page that the Cucumber project makes of them. Godog has no formatter for
// either, and tells its formatters what happened only when a scenario is over and
// without saying when; so this takes its own notes, as the steps run.
package livingdoc

import (
	"sync"
	"time"

	messages "github.com/cucumber/messages/go/v34"
)

// Report is what became of all features on all assemblies.
type Report struct {
	began    time.Time
	features []feature
	runs     []*Run
}

// feature is a feature file, as it was read.
type feature struct {
	document *messages.GherkinDocument
	pickles  []*messages.Pickle
}

// New begins a report.
func New() *Report { return &Report{began: time.Now()} }

// Feature adds a feature file: its text, and the scenarios in it that are played.
func (r *Report) Feature(document *messages.GherkinDocument, pickles []*messages.Pickle) {
	r.features = append(r.features, feature{document, pickles})
}

// LeftOut is why an assembly does not play the scenarios of a tag.
type LeftOut struct{ Tag, Because string }

// Run is what became of the scenarios on one assembly.
type Run struct {
	name string
	not  []LeftOut

	mu    sync.Mutex
	takes map[spot]*Take
}

// spot is where a scenario stands, or one row of its examples. It is the same on
// all assemblies, which each read the files by themselves.
type spot struct {
	uri  string
	line int64
}

// On begins the run of one assembly.
func (r *Report) On(name string, not ...LeftOut) *Run {
	run := &Run{name: name, not: not, takes: make(map[spot]*Take)}
	r.runs = append(r.runs, run)
	return run
}

// because is why a scenario was not played; empty if nothing speaks against it.
func (run *Run) because(pickle *messages.Pickle) string {
	for _, left := range run.not {
		for _, tag := range pickle.Tags {
			if tag.Name == left.Tag {
				return left.Because
			}
		}
	}
	return ""
}

// take is what came of a scenario; nil if it was not played.
func (run *Run) take(pickle *messages.Pickle) *Take {
	run.mu.Lock()
	defer run.mu.Unlock()
	return run.takes[spotOf(pickle)]
}

func spotOf(pickle *messages.Pickle) spot { return spot{pickle.Uri, pickle.Location.Line} }
