package matching

import (
	"regexp"
	"strings"

	"github.com/yosida95/uritemplate/v3"
)

// template is a compiled URI Template.
type template struct {
	expression *regexp.Regexp
	cost       int // of a byte of a topic
}

// isTemplate reports whether there is a variable in the text, so that it could
// match more than itself.
func isTemplate(text string) bool { return strings.Contains(text, "{") }

// stepsOfVariable is about what a variable compiles to. A variable that is named
// or explodes has two parts; the first of an expression counts twice.
const stepsOfVariable = 14

// compileTemplate compiles a URI Template. A text that is none gets no pattern.
//
// The library's regular expression is used, not its own matcher, which costs a
// hundred times more. It allows what some values expand to, and a little besides:
// a list where there is one value, and any name where there is one.
func compileTemplate(text string) (pattern, error) {
	parsed, err := uritemplate.New(text)
	if err != nil {
		return pattern{Pattern: nil, size: len(text)}, nil //nolint:nilerr // what is no template is a name
	}
	head, tail, _ := strings.Cut(text, "{")
	cost := len(tail) + stepsOfVariable*(2+2*strings.Count(tail, "{")+strings.Count(tail, ","))
	if len(head)+cost > maxSize {
		return pattern{}, ErrCostly
	}
	return pattern{Pattern: &template{parsed.Regexp(), cost}, size: len(head) + cost}, nil
}

func (t *template) Match(topic string) bool {
	return len(topic) <= maxTopic && t.cost*len(topic) <= maxCost && t.expression.MatchString(topic)
}
