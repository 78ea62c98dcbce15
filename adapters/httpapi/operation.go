package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// operation is what the document tells of a call, beside its input and output.
type operation struct {
	method, path string
	id, tag      string
	summary      string
	description  string
	public       bool           // anybody may call it
	fixed        bool           // it asks nothing of the store
	shows        []string       // of a public one: the security schemes of which it looks at one itself
	answers      map[int]string // the statuses of success and what they mean; the least is the usual one
	refusals     []string       // the codes of problems, beside those that go without saying
}

// register puts an operation on the API: what handle refuses becomes a problem.
func register[I, O any](a *api, o operation, handle func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		Method:        o.method,
		Path:          o.path,
		OperationID:   o.id,
		Summary:       o.summary,
		Description:   o.description,
		Tags:          []string{o.tag},
		DefaultStatus: o.usual(),
		MaxBodyBytes:  a.maxBody(o.path) + 1, // one more would be too many: Huma refuses what reaches the limit
		Security:      bearer,
		Metadata:      map[string]any{publicly: o.public},
	}
	if o.public {
		op.Security = []map[string][]string{} // in the document: none, as opposed to unsaid
		for _, scheme := range o.shows {
			op.Security = append(op.Security, map[string][]string{scheme: {}})
		}
	}
	var at where
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := inTime(ctx)
		defer cancel()
		out, err := handle(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, err, at)
		}
		return out, nil
	})
	a.describe(o)
	at = reported(find(a.huma.OpenAPI(), o.method, o.path))
}

// publicly is where an operation notes for the program whether it is public.
const publicly = "public"

func (o operation) usual() int {
	usual := 0
	for status := range o.answers {
		if usual == 0 || status < usual {
			usual = status
		}
	}
	return usual
}

// codes are the codes of all problems that the operation may answer with.
func (o operation) codes(op *huma.Operation) []string {
	codes := append([]string{"internal"}, o.refusals...)
	if !o.fixed {
		codes = append(codes, "storage-unavailable")
	}
	if !o.public {
		codes = append(codes, "unauthenticated", "invalid-token", "session-revoked")
	}
	if op.RequestBody != nil {
		codes = append(codes, "malformed-body", "too-large", "unsupported-media-type")
	}
	asks := func(p *huma.Param) bool { return p.In != "path" }
	if op.RequestBody != nil || slices.ContainsFunc(op.Parameters, asks) {
		codes = append(codes, "invalid-request")
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// describe completes what the document tells of a registered operation.
func (a *api) describe(o operation) {
	op := find(a.huma.OpenAPI(), o.method, o.path)
	usual := op.Responses[strconv.Itoa(o.usual())]
	op.Responses = map[string]*huma.Response{}
	for status, means := range o.answers {
		answer := *usual
		answer.Description = means
		if status == http.StatusNotModified {
			answer.Content = nil
		}
		op.Responses[strconv.Itoa(status)] = &answer
	}
	a.addProblems(op, o.codes(op))
	a.addRefusal(op)
	for _, p := range op.Parameters {
		if of, isID := strings.CutSuffix(p.Name, "Id"); p.In == "path" && isID {
			p.Schema, p.Description = idSchema(), "The "+of+"."
		}
	}
}

// addProblems documents the problems of an operation, those of one status
// together. Operations share what they have in common.
func (a *api) addProblems(op *huma.Operation, codes []string) {
	byStatus := map[int][]string{}
	for _, code := range codes {
		status := statusOf(op, code)
		byStatus[status] = append(byStatus[status], code)
	}
	shared := a.huma.OpenAPI().Components.Responses
	for status, codes := range byStatus {
		name := responseName(status, codes)
		if shared[name] == nil {
			shared[name] = problemResponse(status, codes)
		}
		op.Responses[strconv.Itoa(status)] = &huma.Response{Ref: "#/components/responses/" + name}
	}
}

// addRefusal documents what can be wrong with a request that asks for nothing: the
// HTTP server refuses some before this package sees them. Where there are problems
// of the client already, it goes without saying.
func (a *api) addRefusal(op *huma.Operation) {
	for status := range op.Responses {
		if strings.HasPrefix(status, "4") {
			return
		}
	}
	const name = "TooMuchInHeaders431"
	a.huma.OpenAPI().Components.Responses[name] = &huma.Response{
		Description: "The headers are larger than the HTTP server takes. This is its own answer, and no problem document.",
		Content: map[string]*huma.MediaType{"text/plain": {
			Schema:  &huma.Schema{Type: huma.TypeString},
			Example: "431 Request Header Fields Too Large",
		}},
	}
	op.Responses["431"] = &huma.Response{Ref: "#/components/responses/" + name}
}

func find(doc *huma.OpenAPI, method, path string) *huma.Operation {
	item := doc.Paths[path]
	switch method {
	case http.MethodGet:
		return item.Get
	case http.MethodPost:
		return item.Post
	case http.MethodPut:
		return item.Put
	case http.MethodPatch:
		return item.Patch
	case http.MethodDelete:
		return item.Delete
	default:
		return nil
	}
}

// where is what a problem says of the place it comes from.
type where struct {
	instance string
	queries  []string // the names of the query parameters
}

// reported is where problems of an operation come from: its path, with the
// names of its parameters instead of what was sent. So what is not there and
// what is not the caller's answer with the same bytes.
func reported(op *huma.Operation) where {
	at := where{instance: strings.NewReplacer("{", ":", "}", "").Replace(op.Path)}
	for _, p := range op.Parameters {
		if p.In == "query" {
			at.queries = append(at.queries, p.Name)
		}
	}
	return at
}
