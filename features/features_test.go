package features_test

import (
	"context"
	"flag"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/cucumber/godog"
	"go.uber.org/goleak"

	"parley/features/livingdoc"
	"parley/features/stage"
)

// page is where to write what became of all scenarios. What draws it is kept in
// cache.
var (
	page  = flag.String("features.page", "", "write the living documentation to this file")
	cache = flag.String("features.cache", "", "keep what draws it in this folder")
)

// Whatever a scenario starts ends with it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// many is the tag of a scenario in which more is said than the pace of people
// allows: there it is switched off. All others run with what ships.
const many = "@many"

// brief is the tag of a scenario in which sessions soon expire.
const brief = "@brief"

// month is the tag of a scenario in which what was said is kept for 30 days.
const month = "@month"

// thirdParties is the tag of a scenario with programs of other people's. There
// everybody may hear what is public.
const thirdParties = "@third-parties"

// settings are those that a scenario changes.
func settings(scenario *godog.Scenario) []string {
	var changed []string
	if hasTag(scenario, many) {
		changed = append(changed, "PARLEY_RATE_MESSAGES=0")
	}
	if hasTag(scenario, brief) {
		changed = append(changed, "PARLEY_SESSION_IDLE=5s")
	}
	if hasTag(scenario, month) {
		changed = append(changed, keepsAMonth)
	}
	if hasTag(scenario, thirdParties) {
		changed = append(changed, "MERCURE_ANONYMOUS=true")
	}
	return changed
}

const keepsAMonth = "PARLEY_RETENTION_DAYS=30"

// production is the program, put together for one scenario.
type production struct {
	stage   stage.Stage
	month   func(context.Context) error // lets a month pass
	restart func(context.Context) error // nil where there is nothing to restart
	holds   func() error                // of how it was put together, after each scenario; nil: nothing
	end     func()
}

// build puts the program together, with these settings changed.
type build func(changed ...string) (production, error)

// TestFeatures runs every scenario on every assembly. GODOG_TAGS narrows it.
func TestFeatures(t *testing.T) {
	asked := os.Getenv("GODOG_TAGS")
	report := newReport(t, asked)
	for _, assembly := range assemblies {
		t.Run(assembly.name, func(t *testing.T) {
			options := options(without(asked, assembly.not))
			options.TestingT = t
			run := report.On(assembly.name, assembly.not...)
			suite := godog.TestSuite{ScenarioInitializer: scenarios(assembly.build(t), run), Options: options}
			if suite.Run() != 0 {
				t.Fatal("see above")
			}
		})
	}
}

// newReport begins a report of the scenarios that are asked for. It is written
// when the test ends, however it does, if somebody wants a page.
func newReport(t *testing.T, asked string) *livingdoc.Report {
	t.Helper()
	features, err := godog.TestSuite{Options: options(asked)}.RetrieveFeatures()
	if err != nil {
		t.Fatal(err)
	}
	report := livingdoc.New()
	for _, f := range features {
		report.Feature(f.GherkinDocument, f.Pickles)
	}
	if *page == "" {
		return report
	}
	drawing, err := livingdoc.Fetch(t.Context(), *cache)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := report.Write(*page, drawing); err != nil {
			t.Error(err)
		}
	})
	return report
}

func options(tags string) *godog.Options {
	return &godog.Options{
		Paths: []string{"."}, Tags: tags, Format: "progress", Output: io.Discard,
		Strict: true, Randomize: -1, Concurrency: 4,
	}
}

// scenarios gives every scenario a world of its own, and notes in the run, if
// there is one, what comes of it.
func scenarios(build build, run *livingdoc.Run) func(*godog.ScenarioContext) {
	return func(sc *godog.ScenarioContext) {
		w, take := newWorld(), run.Take()
		for _, s := range w.steps() {
			sc.Step(s.says, s.does)
		}
		sc.Before(func(ctx context.Context, scenario *godog.Scenario) (context.Context, error) {
			var err error
			take.Begins(scenario)
			w.brief = hasTag(scenario, brief)
			w.production, err = build(settings(scenario)...)
			return ctx, err
		})
		sc.StepContext().Before(take.StepBegins)
		sc.StepContext().After(take.StepEnds)
		sc.After(func(ctx context.Context, _ *godog.Scenario, err error) (context.Context, error) {
			defer take.Ends()
			defer w.close()
			if err != nil {
				return ctx, nil // it has failed already
			}
			return ctx, take.Check(func() error { return w.laws(ctx) })
		})
	}
}

// without is the expression for what is asked for, but for what is left out. (A
// comma, which is "or", binds least.)
func without(asked string, not []livingdoc.LeftOut) string {
	alternatives := strings.Split(asked, ",")
	for i := range alternatives {
		for _, left := range not {
			alternatives[i] = strings.TrimPrefix(alternatives[i]+" && ~"+left.Tag, " && ")
		}
	}
	return strings.Join(alternatives, ",")
}

func hasTag(scenario *godog.Scenario, name string) bool {
	for _, tag := range scenario.Tags {
		if tag.Name == name {
			return true
		}
	}
	return false
}
