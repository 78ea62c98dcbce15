package httpapi

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// setHuma sets what Huma has as variables of its package, so that it counts for
// the whole program.
var setHuma = sync.OnceFunc(func() {
	huma.ValidateStrictCasing = true // or a member by another case would get past its rules
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
		return shapeProblem(status, "", errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		return shapeProblem(status, reported(ctx.Operation()).instance, errs)
	}
})

// config is Huma without its pages, links and other formats.
func config() huma.Config {
	c := huma.DefaultConfig("Parley", "1.0.0")
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil
	c.Formats = map[string]huma.Format{"application/json": strictJSON, "json": strictJSON}
	about(c.OpenAPI)
	return c
}

// shapeProblem is the problem for what Huma itself refuses: a request that does
// not have the shape of its operation.
func shapeProblem(status int, instance string, errs []error) *Problem {
	code := "internal"
	switch status {
	case http.StatusBadRequest, http.StatusRequestTimeout:
		code = "malformed-body"
	case http.StatusRequestEntityTooLarge:
		code = "too-large"
	case http.StatusUnsupportedMediaType:
		code = "unsupported-media-type"
	case http.StatusUnprocessableEntity:
		code = "invalid-request"
	case http.StatusInternalServerError:
		if unread(errs) {
			code = "malformed-body"
		}
	}
	p := newProblem(code, problems[code].status, "", instance)
	if code == "invalid-request" || code == "malformed-body" {
		p.Errors = shapeViolations(errs)
	}
	return p
}

// unread: all that makes Huma answer 500 by itself is a body that breaks off.
func unread(errs []error) bool { return len(errs) == 1 }

const (
	mostViolations  = 20
	longestLocation = 200
)

// shapeViolations are the errors of Huma's validation in a stable order, without
// the values. The names of unknown members are the client's own, so there is an
// end to their number and length.
func shapeViolations(errs []error) []Violation {
	var found []Violation
	for _, err := range errs {
		var detailer huma.ErrorDetailer
		if !errors.As(err, &detailer) {
			continue // says what was read, or where from
		}
		detail := detailer.ErrorDetail()
		found = append(found, Violation{Location: cut(detail.Location), Message: detail.Message})
	}
	slices.SortFunc(found, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Location, b.Location), cmp.Compare(a.Message, b.Message))
	})
	return found[:min(len(found), mostViolations)]
}

// cut ends a location that is too long, not within a character.
func cut(location string) string {
	if len(location) <= longestLocation {
		return location
	}
	end := longestLocation
	for !utf8.RuneStart(location[end]) {
		end--
	}
	return location[:end] + "…"
}
