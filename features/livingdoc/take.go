package livingdoc

import (
	"context"
	"time"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v34"
)

// Take is what came of one scenario on one assembly. Its methods are called by
// the hooks of the scenario, one after another.
type Take struct {
	run          *Run
	began, ended time.Time
	steps        []outcome // in the order of the scenario's steps
	laws         outcome   // what holds after every scenario
}

// outcome is how something went, and how long it took.
type outcome struct {
	began  time.Time
	took   time.Duration
	status messages.TestStepResultStatus
	why    string
}

// Take begins to take notes. A nil run keeps none.
func (run *Run) Take() *Take { return &Take{run: run} }

// Begins notes that the scenario begins.
func (t *Take) Begins(scenario *godog.Scenario) {
	t.began = time.Now()
	if t.run == nil {
		return
	}
	t.run.mu.Lock()
	defer t.run.mu.Unlock()
	t.run.takes[spotOf(scenario)] = t
}

// StepBegins is a hook before each step.
func (t *Take) StepBegins(ctx context.Context, _ *godog.Step) (context.Context, error) {
	t.steps = append(t.steps, outcome{began: time.Now(), status: messages.TestStepResultStatus_UNKNOWN})
	return ctx, nil
}

// StepEnds is a hook after each step, also one that is passed over.
func (t *Take) StepEnds(ctx context.Context, _ *godog.Step, status godog.StepResultStatus, err error) (context.Context, error) {
	if n := len(t.steps); n > 0 {
		t.steps[n-1].end(statusOf(status), err)
	}
	return ctx, nil
}

// Check notes how what holds after every scenario was found. It returns what it
// finds.
func (t *Take) Check(find func() error) error {
	t.laws.began = time.Now()
	err := find()
	t.laws.end(messages.TestStepResultStatus_PASSED, err)
	if err != nil {
		t.laws.status = messages.TestStepResultStatus_FAILED
	}
	return err
}

// Ends notes that the scenario has ended.
func (t *Take) Ends() { t.ended = time.Now() }

func (o *outcome) end(status messages.TestStepResultStatus, err error) {
	o.took, o.status = time.Since(o.began), status
	if err != nil {
		o.why = err.Error()
	}
}

func statusOf(status godog.StepResultStatus) messages.TestStepResultStatus {
	switch status {
	case godog.StepPassed:
		return messages.TestStepResultStatus_PASSED
	case godog.StepFailed:
		return messages.TestStepResultStatus_FAILED
	case godog.StepSkipped:
		return messages.TestStepResultStatus_SKIPPED
	case godog.StepUndefined:
		return messages.TestStepResultStatus_UNDEFINED
	case godog.StepPending:
		return messages.TestStepResultStatus_PENDING
	case godog.StepAmbiguous:
		return messages.TestStepResultStatus_AMBIGUOUS
	default:
		return messages.TestStepResultStatus_UNKNOWN
	}
}
