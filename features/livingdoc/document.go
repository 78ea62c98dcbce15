package livingdoc

import (
	"fmt"

	messages "github.com/cucumber/messages/go/v34"
)

// played is a feature file as it was played: under each scenario stand, in the way
// of examples, the assemblies that it was played on. A scenario that was not asked
// for is not in it.
func (f feature) played(runs []*Run) *messages.GherkinDocument {
	document, whole := *f.document, *f.document.Feature
	document.Feature = &whole
	asked := make(map[string][]place)
	for _, pickle := range f.pickles {
		asked[pickle.AstNodeIds[0]] = places(runs, pickle)
	}
	each := func(s *messages.Scenario) *messages.Scenario {
		if s == nil {
			return nil
		}
		return onEach(s, asked[s.Id])
	}
	whole.Children = []*messages.FeatureChild{}
	for _, child := range f.document.Feature.Children {
		switch {
		case child.Rule != nil:
			rule := *child.Rule
			rule.Children = []*messages.RuleChild{}
			for _, inner := range child.Rule.Children {
				if inner.Scenario == nil || asked[inner.Scenario.Id] != nil {
					rule.Children = append(rule.Children, &messages.RuleChild{
						Background: inner.Background, Scenario: each(inner.Scenario),
					})
				}
			}
			whole.Children = append(whole.Children, &messages.FeatureChild{Rule: &rule})
		case child.Scenario == nil || asked[child.Scenario.Id] != nil:
			whole.Children = append(whole.Children, &messages.FeatureChild{
				Background: child.Background, Scenario: each(child.Scenario),
			})
		}
	}
	return &document
}

// place is an assembly, where a scenario is played or left out.
type place struct {
	number int
	called string
}

// places are all assemblies, those last that leave a scenario out.
func places(runs []*Run, pickle *messages.Pickle) []place {
	plays, leaves := []place{}, []place{}
	for number, run := range runs {
		if because := run.because(pickle); because == "" {
			plays = append(plays, place{number, run.name})
		} else {
			leaves = append(leaves, place{number, run.name + ": left out. " + because})
		}
	}
	return append(plays, leaves...)
}

// onEach gives a scenario examples of its own for each assembly.
func onEach(scenario *messages.Scenario, places []place) *messages.Scenario {
	own := scenario.Examples
	if len(own) == 0 {
		own = []*messages.Examples{{
			Location:  scenario.Location,
			TableBody: []*messages.TableRow{{Id: scenario.Id, Location: scenario.Location, Cells: []*messages.TableCell{}}},
		}}
	}
	copied := *scenario
	copied.Examples = []*messages.Examples{}
	for _, at := range places {
		for _, examples := range own {
			copied.Examples = append(copied.Examples, at.examples(examples))
		}
	}
	return &copied
}

// examples are a table of examples as it was played here.
func (at place) examples(own *messages.Examples) *messages.Examples {
	table := *own
	table.Id = numbered(at.number, "examples", own.Id, fmt.Sprint(own.Location.Line))
	table.Keyword, table.Name = "On", at.called
	if own.Name != "" {
		table.Name += " (" + own.Name + ")"
	}
	table.TableHeader = &messages.TableRow{Id: table.Id + ".header", Location: own.Location, Cells: []*messages.TableCell{}}
	if own.TableHeader != nil {
		table.TableHeader.Cells = own.TableHeader.Cells
	}
	table.Tags, table.TableBody = []*messages.Tag{}, []*messages.TableRow{}
	for _, row := range own.TableBody {
		copied := *row
		copied.Id = numbered(at.number, row.Id)
		table.TableBody = append(table.TableBody, &copied)
	}
	return &table
}

// played is a scenario as it was played on one assembly.
func played(number int, pickle *messages.Pickle) *messages.Pickle {
	copied := *pickle
	copied.Id = numbered(number, pickle.Id)
	row := numbered(number, pickle.AstNodeIds[len(pickle.AstNodeIds)-1])
	copied.AstNodeIds = []string{pickle.AstNodeIds[0], row}
	copied.Steps = []*messages.PickleStep{}
	for _, step := range pickle.Steps {
		s := *step
		s.Id = numbered(number, step.Id)
		s.AstNodeIds = []string{step.AstNodeIds[0], row}
		copied.Steps = append(copied.Steps, &s)
	}
	return &copied
}

// numbered is an id that no two assemblies share.
func numbered(number int, parts ...string) string {
	id := fmt.Sprintf("on%d", number)
	for _, part := range parts {
		id += "." + part
	}
	return id
}
