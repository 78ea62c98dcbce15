package features_test

import (
	"io"
	"testing"
	"testing/fstest"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v34"

	"parley/features/livingdoc"
	"parley/features/stage"
)

// A report in which a broken program does well is worse than none.
func TestTheReportShowsWhatABrokenProgramDoes(t *testing.T) {
	for says, c := range map[string]struct {
		story string
		wrap  func(stage.Client) stage.Client
		want  messages.TestStepResultStatus
	}{
		"a sound one": {twoSay, nil, messages.TestStepResultStatus_PASSED},
		"one that breaks a law": {twoSay, func(c stage.Client) stage.Client {
			return badLine{c, func(l stage.Line) stage.Line { return &twice{Line: l} }}
		}, messages.TestStepResultStatus_FAILED},
		"one that does not do what a step says": {"Then Ben is an admin", nil, messages.TestStepResultStatus_FAILED},
		"one that nobody has written":           {"Then Ada whistles", nil, messages.TestStepResultStatus_UNDEFINED},
	} {
		t.Run(says, func(t *testing.T) {
			if got := reported(t, c.story, c.wrap); got != c.want {
				t.Errorf("the report shows it %s, want %s", got, c.want)
			}
		})
	}
}

// reported plays a story and returns how its report shows what went worst.
func reported(t *testing.T, story string, wrap func(stage.Client) stage.Client) messages.TestStepResultStatus {
	t.Helper()
	options := &godog.Options{
		FS: fstest.MapFS{"f.feature": {Data: []byte(opening + story)}}, Paths: []string{"."},
		Format: "progress", Output: io.Discard, Strict: true,
	}
	features, err := godog.TestSuite{Options: options}.RetrieveFeatures()
	if err != nil {
		t.Fatal(err)
	}
	report := livingdoc.New()
	report.Feature(features[0].GherkinDocument, features[0].Pickles)
	suite := godog.TestSuite{ScenarioInitializer: scenarios(bad(t, wrap), report.On("here")), Options: options}
	suite.Run()
	worst := messages.TestStepResultStatus_PASSED
	for _, message := range report.Messages() {
		if step := message.TestStepFinished; step != nil && step.TestStepResult.Status != worst && step.TestStepResult.Status != messages.TestStepResultStatus_SKIPPED {
			worst = step.TestStepResult.Status
		}
	}
	return worst
}
