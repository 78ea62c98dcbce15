package livingdoc_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	messages "github.com/cucumber/messages/go/v34"
)

// told is what a reader of the messages makes of them.
type told struct {
	documents []*messages.GherkinDocument
	results   []result
	took      map[string][]time.Duration // the longest step of each scenario
	success   bool
}

type result struct{ name, statuses string }

func newTold(t *testing.T, all []*messages.Envelope) told {
	t.Helper()
	told := told{took: make(map[string][]time.Duration)}
	names, tests := make(map[string]string), make(map[string]string)
	var now *result
	var longest time.Duration
	for _, e := range all {
		switch {
		case e.GherkinDocument != nil:
			told.documents = append(told.documents, e.GherkinDocument)
		case e.Pickle != nil:
			names[e.Pickle.Id] = e.Pickle.Name
		case e.TestCase != nil:
			tests[e.TestCase.Id] = e.TestCase.PickleId
		case e.TestCaseStarted != nil:
			now, longest = &result{name: names[tests[e.TestCaseStarted.TestCaseId]]}, 0
		case e.TestStepFinished != nil:
			now.statuses += " " + string(e.TestStepFinished.TestStepResult.Status)
			longest = max(longest, messages.DurationToGoDuration(*e.TestStepFinished.TestStepResult.Duration))
		case e.TestCaseFinished != nil:
			now.statuses = strings.TrimSpace(now.statuses)
			told.results = append(told.results, *now)
			told.took[now.name] = append(told.took[now.name], longest)
		case e.TestRunFinished != nil:
			told.success = e.TestRunFinished.Success
		}
	}
	return told
}

// of is what came of a scenario, on one assembly after another.
func (told told) of(name string) []string {
	var all []string
	for _, r := range told.results {
		if r.name == name {
			all = append(all, r.statuses)
		}
	}
	return all
}

// examples are the names of those under a scenario of the rule.
func (told told) examples(name string) []string {
	var all []string
	for _, child := range told.documents[0].Feature.Children {
		if child.Rule == nil {
			continue
		}
		for _, inner := range child.Rule.Children {
			if inner.Scenario != nil && inner.Scenario.Name == name {
				for _, e := range inner.Scenario.Examples {
					all = append(all, e.Name)
				}
			}
		}
	}
	return all
}

// without leaves out the first of some messages.
func without(these func(*messages.Envelope) bool) func([]*messages.Envelope) []*messages.Envelope {
	return func(all []*messages.Envelope) []*messages.Envelope {
		i := slices.IndexFunc(all, these)
		return slices.Delete(all, i, i+1)
	}
}

// faults is what is wrong with messages: each may speak of what has been told
// before and of nothing else, and what begins has to end.
func faults(t *testing.T, all []*messages.Envelope) (wrong []string) {
	t.Helper()
	known, open := make(map[string]bool), make(map[string]bool)
	define := func(id string) {
		if id == "" || known[id] {
			wrong = append(wrong, fmt.Sprintf("%q is told twice, or is nothing", id))
		}
		known[id] = true
	}
	want := func(ids ...string) {
		for _, id := range ids {
			if !known[id] {
				wrong = append(wrong, fmt.Sprintf("nobody has told of %q", id))
			}
		}
	}
	closes := func(id string) {
		if !open[id] {
			wrong = append(wrong, fmt.Sprintf("%q ends and has not begun", id))
		}
		delete(open, id)
	}
	for _, e := range all {
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), ":null") {
			wrong = append(wrong, fmt.Sprintf("something is null: %s", text))
		}
		switch {
		case e.Hook != nil:
			define(e.Hook.Id)
		case e.GherkinDocument != nil:
			for _, id := range nodes(e.GherkinDocument) {
				define(id)
			}
		case e.Pickle != nil:
			define(e.Pickle.Id)
			want(e.Pickle.AstNodeIds...)
			for _, step := range e.Pickle.Steps {
				define(step.Id)
				want(step.AstNodeIds...)
			}
		case e.TestRunStarted != nil:
			define(e.TestRunStarted.Id)
			open[e.TestRunStarted.Id] = true
		case e.TestCase != nil:
			define(e.TestCase.Id)
			want(e.TestCase.PickleId, e.TestCase.TestRunStartedId)
			for _, step := range e.TestCase.TestSteps {
				define(step.Id)
				want(step.PickleStepId + step.HookId)
			}
		case e.TestCaseStarted != nil:
			define(e.TestCaseStarted.Id)
			want(e.TestCaseStarted.TestCaseId)
			open[e.TestCaseStarted.Id] = true
		case e.TestStepStarted != nil:
			want(e.TestStepStarted.TestStepId, e.TestStepStarted.TestCaseStartedId)
			open[e.TestStepStarted.TestStepId] = true
		case e.TestStepFinished != nil:
			want(e.TestStepFinished.TestCaseStartedId)
			closes(e.TestStepFinished.TestStepId)
		case e.TestCaseFinished != nil:
			closes(e.TestCaseFinished.TestCaseStartedId)
		case e.TestRunFinished != nil:
			closes(e.TestRunFinished.TestRunStartedId)
		}
	}
	if len(all) == 0 || len(open) > 0 {
		wrong = append(wrong, fmt.Sprintf("%d messages, and %v never ends", len(all), open))
	}
	return wrong
}

// nodes are the ids of what a scenario can be made of.
func nodes(document *messages.GherkinDocument) (ids []string) {
	steps := func(all []*messages.Step) {
		for _, s := range all {
			ids = append(ids, s.Id)
		}
	}
	scenario := func(s *messages.Scenario, b *messages.Background) {
		if b != nil {
			steps(b.Steps)
		}
		if s == nil {
			return
		}
		ids = append(ids, s.Id)
		steps(s.Steps)
		for _, e := range s.Examples {
			ids = append(ids, e.Id, e.TableHeader.Id)
			for _, row := range e.TableBody {
				ids = append(ids, row.Id)
			}
		}
	}
	for _, child := range document.Feature.Children {
		scenario(child.Scenario, child.Background)
		if child.Rule != nil {
			for _, inner := range child.Rule.Children {
				scenario(inner.Scenario, inner.Background)
			}
		}
	}
	return ids
}
