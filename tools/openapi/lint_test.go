// Package openapi_test looks at the OpenAPI document with a linter, as those see it
// who make clients of it. It is a package of the tools, so that nothing of the
// linter gets into the program's module.
package openapi_test

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/speakeasy-api/openapi/linter"
	"github.com/speakeasy-api/openapi/openapi"
	openapilinter "github.com/speakeasy-api/openapi/openapi/linter"
	"github.com/speakeasy-api/openapi/validation"
)

const committed = "../../openapi/openapi.yaml"

// off are the rules that do not hold here, or not of everything, and why not. All
// others hold, down to the least hint.
var off = []struct{ rule, of, because string }{
	{"oas-schema-check", "discriminator property", "What tells events apart is defined, and required, in the schema of each event; beside them it would say nothing."},
	{"oas3-example-missing", "", "Every body has an example, which a test of the API demands and compares with its schema. A header or a parameter is told by its description."},
	{"owasp-array-limit", "", "Lists that come in have limits, which the API's own tests know. Those that go out are pages, as long as the parameter limit says."},
	{"owasp-define-error-responses-401", "/healthz|/readyz|/jwks.json|/auth/register|/oauth-protected-resource", "Anybody may call these; a token is not looked at."},
	{"owasp-define-error-responses-429", "", "Only what is limited says so; that the others were is not promised."},
	{"owasp-define-error-validation", "", "What takes nothing but an id has nothing to get wrong: an id that is none is that of something that is not there, 404."},
	{"owasp-no-numeric-ids", "", "Ids are integers by contract. Whether one may see something never rests on its id being hard to guess."},
	{"owasp-protection-global-unsafe-strict", "/auth/login|/auth/register", "One cannot be signed in before one signs in."},
	{"owasp-rate-limit", "", "What is limited tells so with the problem that says so; the limit of messages is no limit of anything else."},
	{"owasp-security-hosts-https-oas3", "URL `/`", "The server is where the document comes from, over TLS or not."},
	{"owasp-string-limit", "", "Texts that come in are limited in characters by their fields and in bytes by the body; those that go out are ours."},
	{"owasp-string-restricted", "", "People write what they like."},
	{"style-component-description", "", "A schema is told by its name and by its fields, which all say what they mean where the name does not."},
	{"style-info-contact", "", "Whoever hosts Parley is whom to ask."},
	{"style-info-license", "", "No licence has been chosen yet, and a generated document is no place to choose one."},
	{"style-oas3-host-trailing-slash", "", "The server is where the document comes from: / is all of its path."},
	{"style-tags-alphabetical", "", "Tags come as one gets to know them: first an account, then a room, then what is said in it."},
}

func TestTheDocumentIsAsOneShouldBe(t *testing.T) {
	for _, found := range lint(t, document(t), ruleset(false)) {
		t.Error(found)
	}
}

// A rule that finds nothing need not be off.
func TestEachRuleThatIsOffWouldFindSomething(t *testing.T) {
	found := lint(t, document(t), ruleset(true))
	for _, rule := range off {
		of := regexp.MustCompile(rule.of)
		if !slices.ContainsFunc(found, func(one finding) bool { return one.rule == rule.rule && of.MatchString(one.says) }) {
			t.Errorf("%s finds nothing of %q: take it out", rule.rule, rule.of)
		}
		if !strings.HasSuffix(rule.because, ".") {
			t.Errorf("%s is off without a reason", rule.rule)
		}
	}
}

// A linter that finds nothing anywhere is no better than none.
func TestABadDocumentIsRefused(t *testing.T) {
	sound := string(document(t))
	for says, c := range map[string]struct{ old, with, rule string }{
		"a reference to nothing":            {`$ref: "#/components/schemas/Person"`, `$ref: "#/components/schemas/Nobody"`, "resolution"},
		"a type that is none":               {"type: integer", "type: number of things", ""},
		"a parameter that its path has not": {"  /api/rooms/{roomId}/join:", "  /api/rooms/join:", "semantic-path-params"},
		"two operations of one name":        {"operationId: register", "operationId: login", ""},
		"a tag that nobody explains":        {"        - Rooms\n", "        - Chambers\n", "style-operation-tag-defined"},
		"an operation without a word":       {"summary: Whether the program runs", "x-summary: none", "style-operation-description"},
		"an answer for nobody's mistakes":   {"        \"431\":\n", "        \"531\":\n", "style-operation-error-response"},
		"a schema that nothing uses":        {"  schemas:\n", "  schemas:\n    Left:\n      type: object\n      additionalProperties: false\n", "semantic-unused-component"},
		"no document":                       {sound, "hello: there", ""},
	} {
		t.Run(says, func(t *testing.T) {
			bad := strings.Replace(sound, c.old, c.with, 1)
			if bad == sound {
				t.Fatalf("%q is not in the document", c.old)
			}
			found := lint(t, []byte(bad), ruleset(false))
			if !slices.ContainsFunc(found, func(one finding) bool { return strings.Contains(one.rule, c.rule) }) {
				t.Errorf("want it refused by %q, found %q", c.rule, found)
			}
		})
	}
}

func document(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(committed)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// ruleset has all rules that hold, or the whole of them.
func ruleset(whole bool) *linter.Config {
	config := linter.NewConfig()
	for _, rule := range off {
		if !whole {
			disabled, entry := true, linter.RuleEntry{ID: rule.rule}
			entry.Disabled = &disabled
			if rule.of != "" {
				entry.Match = regexp.MustCompile(rule.of)
			}
			config.Rules = append(config.Rules, entry)
		}
	}
	return config
}

// finding is something that is wrong with a document.
type finding struct{ rule, says string }

func (f finding) String() string { return f.says }

func lint(t *testing.T, text []byte, config *linter.Config) []finding {
	t.Helper()
	doc, invalid, err := openapi.Unmarshal(t.Context(), bytes.NewReader(text))
	if err != nil {
		return []finding{{"unreadable", err.Error()}}
	}
	rules, err := openapilinter.NewLinter(config)
	if err != nil {
		t.Fatal(err)
	}
	output, err := rules.Lint(t.Context(), linter.NewDocumentInfo(doc, committed), invalid, nil)
	if err != nil {
		t.Fatal(err)
	}
	var found []finding
	for _, wrong := range output.Results {
		one := finding{says: wrong.Error()}
		if broken := new(validation.Error); errors.As(wrong, &broken) {
			one.rule = broken.Rule
		}
		found = append(found, one)
	}
	return found
}
