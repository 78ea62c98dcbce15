package features_test

import (
	"context"
	"io"
	"os"
	"testing"

	"github.com/cucumber/godog"
	"go.uber.org/goleak"

	"parley/features/stage"
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
	return changed
}

const keepsAMonth = "PARLEY_RETENTION_DAYS=30"

// production is the program, put together for one scenario.
type production struct {
	stage   stage.Stage
	month   func(context.Context) error // lets a month pass
	restart func(context.Context) error // nil where there is nothing to restart
	end     func()
}

// build puts the program together, with these settings changed.
type build func(changed ...string) (production, error)

// TestFeatures runs every scenario on every assembly. GODOG_TAGS narrows it.
func TestFeatures(t *testing.T) {
	for _, assembly := range assemblies {
		t.Run(assembly.name, func(t *testing.T) {
			options := options(both(assembly.not, os.Getenv("GODOG_TAGS")))
			options.TestingT = t
			suite := godog.TestSuite{ScenarioInitializer: scenarios(assembly.build(t)), Options: options}
			if suite.Run() != 0 {
				t.Fatal("see above")
			}
		})
	}
}

func options(tags string) *godog.Options {
	return &godog.Options{
		Paths: []string{"."}, Tags: tags, Format: "progress", Output: io.Discard,
		Strict: true, Randomize: -1, Concurrency: 4,
	}
}

// scenarios gives every scenario a world of its own.
func scenarios(build build) func(*godog.ScenarioContext) {
	return func(sc *godog.ScenarioContext) {
		w := newWorld()
		for _, s := range w.steps() {
			sc.Step(s.says, s.does)
		}
		sc.Before(func(ctx context.Context, scenario *godog.Scenario) (context.Context, error) {
			var err error
			w.brief = hasTag(scenario, brief)
			w.production, err = build(settings(scenario)...)
			return ctx, err
		})
		sc.After(func(ctx context.Context, _ *godog.Scenario, err error) (context.Context, error) {
			defer w.close()
			if err != nil {
				return ctx, nil // it has failed already
			}
			return ctx, w.laws(ctx)
		})
	}
}

// both is the expression for scenarios that fulfil two of them.
func both(one, other string) string {
	if one == "" || other == "" {
		return one + other
	}
	return one + " && " + other
}

func hasTag(scenario *godog.Scenario, name string) bool {
	for _, tag := range scenario.Tags {
		if tag.Name == name {
			return true
		}
	}
	return false
}
