package livingdoc

import (
	"runtime"
	"time"

	messages "github.com/cucumber/messages/go/v34"
)

// protocol is the version of the messages that are written.
const protocol = "34.2.0"

const (
	theRun  = "run"
	theLaws = "laws"
)

// Messages is the whole report: the features as they were played, and what came
// of each scenario, on one assembly after another.
func (r *Report) Messages() []*messages.Envelope {
	all := []*messages.Envelope{
		{Meta: meta()},
		{Hook: &messages.Hook{
			Id: theLaws, Name: "what holds after every scenario", Type: messages.HookType_AFTER_TEST_CASE,
			SourceReference: &messages.SourceReference{Uri: "laws_test.go"},
		}},
	}
	for _, f := range r.features {
		all = append(all, &messages.Envelope{GherkinDocument: f.played(r.runs)})
	}
	all = append(all, &messages.Envelope{TestRunStarted: &messages.TestRunStarted{Id: theRun, Timestamp: at(r.began)}})
	success := true
	for number, run := range r.runs {
		for _, f := range r.features {
			for _, pickle := range f.pickles {
				c := run.scenario(number, pickle)
				all = append(all, c.messages()...)
				success = success && c.fine()
			}
		}
	}
	return append(all, &messages.Envelope{TestRunFinished: &messages.TestRunFinished{
		TestRunStartedId: theRun, Success: success, Timestamp: at(r.ended()),
	}})
}

// ended is when the last scenario did.
func (r *Report) ended() time.Time {
	last := r.began
	for _, run := range r.runs {
		run.mu.Lock()
		for _, take := range run.takes {
			if take.ended.After(last) {
				last = take.ended
			}
		}
		run.mu.Unlock()
	}
	return last
}

// scenario is what came of a scenario on one assembly.
type scenario struct {
	pickle       *messages.Pickle
	began, ended time.Time
	steps        []outcome // one of each step
	laws         *outcome  // nil if they were not asked
}

func (run *Run) scenario(number int, pickle *messages.Pickle) scenario {
	s := scenario{pickle: played(number, pickle)}
	take := run.take(pickle)
	if take == nil {
		s.steps = unplayed(len(pickle.Steps), run.because(pickle))
		return s
	}
	s.began, s.ended = take.began, take.ended
	s.steps = take.steps
	for len(s.steps) < len(pickle.Steps) { // it broke off
		s.steps = append(s.steps, outcome{began: take.ended, status: messages.TestStepResultStatus_UNKNOWN})
	}
	if !take.laws.began.IsZero() {
		s.laws = &take.laws
	}
	return s
}

// unplayed are the steps of a scenario that was left out, for a reason; without
// one it should have been played, and nobody knows what would have come of it.
func unplayed(n int, because string) []outcome {
	status := messages.TestStepResultStatus_SKIPPED
	if because == "" {
		status, because = messages.TestStepResultStatus_UNKNOWN, "it was not played"
	}
	steps := make([]outcome, n)
	for i := range steps {
		steps[i].status = status
	}
	if n > 0 {
		steps[0].why = because
	}
	return steps
}

// fine reports whether nothing speaks against the promise: it was kept, or left
// out for a reason.
func (s scenario) fine() bool {
	for _, step := range s.steps {
		if step.status != messages.TestStepResultStatus_PASSED && step.status != messages.TestStepResultStatus_SKIPPED {
			return false
		}
	}
	return s.laws == nil || s.laws.status == messages.TestStepResultStatus_PASSED
}

func (s scenario) messages() []*messages.Envelope {
	test := &messages.TestCase{Id: "test." + s.pickle.Id, PickleId: s.pickle.Id, TestRunStartedId: theRun}
	started := "started." + s.pickle.Id
	var events []*messages.Envelope
	add := func(step *messages.TestStep, o outcome) {
		test.TestSteps = append(test.TestSteps, step)
		events = append(events, o.messages(started, step.Id)...)
	}
	for i, step := range s.pickle.Steps {
		add(&messages.TestStep{Id: "test." + step.Id, PickleStepId: step.Id, StepDefinitionIds: []string{}}, s.steps[i])
	}
	if s.laws != nil {
		add(&messages.TestStep{Id: test.Id + ".laws", HookId: theLaws}, *s.laws)
	}
	all := []*messages.Envelope{
		{Pickle: s.pickle},
		{TestCase: test},
		{TestCaseStarted: &messages.TestCaseStarted{Id: started, TestCaseId: test.Id, Timestamp: at(s.began)}},
	}
	all = append(all, events...)
	return append(all, &messages.Envelope{TestCaseFinished: &messages.TestCaseFinished{
		TestCaseStartedId: started, Timestamp: at(s.ended),
	}})
}

func (o outcome) messages(started, step string) []*messages.Envelope {
	took := messages.GoDurationToDuration(o.took)
	return []*messages.Envelope{
		{TestStepStarted: &messages.TestStepStarted{TestCaseStartedId: started, TestStepId: step, Timestamp: at(o.began)}},
		{TestStepFinished: &messages.TestStepFinished{
			TestCaseStartedId: started, TestStepId: step, Timestamp: at(o.began.Add(o.took)),
			TestStepResult: &messages.TestStepResult{Duration: &took, Status: o.status, Message: o.why},
		}},
	}
}

// at is a time as a message has it; what never was is at the beginning of time.
func at(t time.Time) *messages.Timestamp {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	stamp := messages.GoTimeToTimestamp(t)
	return &stamp
}

func meta() *messages.Meta {
	return &messages.Meta{
		ProtocolVersion: protocol,
		Implementation:  &messages.Product{Name: "parley"},
		Runtime:         &messages.Product{Name: "go", Version: runtime.Version()},
		Os:              &messages.Product{Name: runtime.GOOS},
		Cpu:             &messages.Product{Name: runtime.GOARCH},
	}
}
