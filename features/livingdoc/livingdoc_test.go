package livingdoc_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v34"

	"parley/features/livingdoc"
)

const story = `@told
Feature: Telling
  Background:
    Given it goes well

  Example: passing
    Then it takes a while

  Example: failing
    When it goes wrong
    Then it goes well

  Rule: Some are not there yet
    Example: undefined
      When nobody knows how it goes

    Example: pending
      When it is not written yet

    @elsewhere
    Example: left out
      Then it goes well

    Example: unlawful
      Then it breaks a law

    Scenario Outline: one of several
      Then it goes <how>

      Examples:
        | how   |
        | well  |
        | wrong |
`

const mishap = "</script><b>it went wrong</b>"

// tell plays the story on two assemblies, of which one leaves something out.
func tell(t *testing.T) *livingdoc.Report {
	t.Helper()
	options := func(tags string) *godog.Options {
		return &godog.Options{
			FS: fstest.MapFS{"story.feature": {Data: []byte(story)}}, Paths: []string{"."}, Tags: tags,
			Format: "progress", Output: io.Discard, Strict: true, Concurrency: 4, Randomize: -1,
		}
	}
	features, err := godog.TestSuite{Options: options("")}.RetrieveFeatures()
	if err != nil || len(features) != 1 {
		t.Fatalf("%d features: %v", len(features), err)
	}
	report := livingdoc.New()
	report.Feature(features[0].GherkinDocument, features[0].Pickles)
	here := report.On("here", livingdoc.LeftOut{Tag: "@elsewhere", Because: "It is not done here."})
	godog.TestSuite{ScenarioInitializer: hooks(here), Options: options("~@elsewhere")}.Run()
	there := report.On("there")
	godog.TestSuite{ScenarioInitializer: hooks(there), Options: options("~@elsewhere")}.Run()
	return report
}

func hooks(run *livingdoc.Run) func(*godog.ScenarioContext) {
	return func(sc *godog.ScenarioContext) {
		take, lawful := run.Take(), true
		sc.Step(`^it goes well$`, func() error { return nil })
		sc.Step(`^it goes wrong$`, func() error { return errors.New(mishap) })
		sc.Step(`^it is not written yet$`, func() error { return godog.ErrPending })
		sc.Step(`^it breaks a law$`, func() error { lawful = false; return nil })
		sc.Step(`^it takes a while$`, func() error { <-time.After(20 * time.Millisecond); return nil })
		sc.Before(func(ctx context.Context, scenario *godog.Scenario) (context.Context, error) {
			take.Begins(scenario)
			return ctx, nil
		})
		sc.StepContext().Before(take.StepBegins)
		sc.StepContext().After(take.StepEnds)
		sc.After(func(ctx context.Context, _ *godog.Scenario, err error) (context.Context, error) {
			defer take.Ends()
			if err != nil {
				return ctx, nil // it has failed already
			}
			return ctx, take.Check(func() error {
				if !lawful {
					return errors.New("unlawful")
				}
				return nil
			})
		})
	}
}

func TestTheMessagesTellWhatCameOfEachScenarioOnEachAssembly(t *testing.T) {
	told := newTold(t, tell(t).Messages())
	for name, want := range map[string]string{
		"passing":   "PASSED PASSED PASSED",
		"failing":   "PASSED FAILED SKIPPED",
		"undefined": "PASSED UNDEFINED",
		"pending":   "PASSED PENDING",
		"unlawful":  "PASSED PASSED FAILED",
	} {
		if got := told.of(name); !slices.Equal(got, []string{want, want}) {
			t.Errorf("%s: got %q, want twice %s", name, got, want)
		}
	}
	if got := told.of("one of several"); !slices.Equal(got, []string{"PASSED PASSED PASSED", "PASSED FAILED", "PASSED PASSED PASSED", "PASSED FAILED"}) {
		t.Errorf("examples: got %q", got)
	}
	if got := told.of("left out"); !slices.Equal(got, []string{"SKIPPED SKIPPED", "UNKNOWN UNKNOWN"}) {
		t.Errorf("one that was left out, and one that should have been played: got %q", got)
	}
	if got := told.examples("left out"); !slices.Equal(got, []string{"there", "here: left out. It is not done here."}) {
		t.Errorf("under it stands %q", got)
	}
	if told.success {
		t.Error("the whole is told to have gone well")
	}
}

func TestEachStepIsTimed(t *testing.T) {
	for _, took := range newTold(t, tell(t).Messages()).took["passing"] {
		if took < 20*time.Millisecond || took > time.Minute {
			t.Errorf("what takes 20 ms took %v", took)
		}
	}
}

func TestTheMessagesAreWellFormed(t *testing.T) {
	sound := tell(t).Messages()
	if wrong := faults(t, sound); len(wrong) > 0 {
		t.Errorf("%q", wrong)
	}
	for says, plant := range map[string]func(all []*messages.Envelope) []*messages.Envelope{
		"nothing":                   func([]*messages.Envelope) []*messages.Envelope { return nil },
		"no end":                    func(all []*messages.Envelope) []*messages.Envelope { return all[:len(all)-1] },
		"a scenario of no feature":  without(func(e *messages.Envelope) bool { return e.GherkinDocument != nil }),
		"a result of no scenario":   without(func(e *messages.Envelope) bool { return e.Pickle != nil }),
		"a step of no test":         without(func(e *messages.Envelope) bool { return e.TestCase != nil }),
		"a step that did not begin": without(func(e *messages.Envelope) bool { return e.TestStepStarted != nil }),
		"a step that did not end":   without(func(e *messages.Envelope) bool { return e.TestStepFinished != nil }),
		"a law that nobody told of": without(func(e *messages.Envelope) bool { return e.Hook != nil }),
		"a test that never ended":   without(func(e *messages.Envelope) bool { return e.TestCaseFinished != nil }),
		"a list that is none": func(all []*messages.Envelope) []*messages.Envelope {
			return append(all, &messages.Envelope{Pickle: &messages.Pickle{}})
		},
		"two messages that are the same": func(all []*messages.Envelope) []*messages.Envelope { return append(slices.Clone(all), all...) },
	} {
		if wrong := faults(t, plant(slices.Clone(sound))); len(wrong) == 0 {
			t.Errorf("%s: nothing is wrong", says)
		}
	}
}

func TestThePageHasAllInItAndTakesNothingFromElsewhere(t *testing.T) {
	drawing, err := livingdoc.Unpack(archive(t, nil), "")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "build", "features.html")
	if err := tell(t).Write(path, drawing); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, is := range []string{"the script", "the style", "the licence", `"status":"FAILED"`, `"name":"here"`} {
		if !strings.Contains(string(page), is) {
			t.Errorf("%s is not in the page", is)
		}
	}
	for _, isNot := range []string{mishap, "http:", "https:", "src=", "@import", "url("} {
		if strings.Contains(string(page), isNot) {
			t.Errorf("%s is in the page", isNot)
		}
	}
	_, rest, _ := strings.Cut(string(page), "window.CUCUMBER_MESSAGES = ")
	list, _, _ := strings.Cut(rest, ";\n</script>")
	var all []*messages.Envelope
	if err := json.Unmarshal([]byte(list), &all); err != nil {
		t.Fatal(err)
	}
	if got := newTold(t, all).of("failing"); len(got) != 2 || got[0] != "PASSED FAILED SKIPPED" {
		t.Errorf("the page tells of a scenario that failed: %q", got)
	}
}
