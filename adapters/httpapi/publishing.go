package httpapi

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// formType is the media type of what is sent to the hub.
const formType = "application/x-www-form-urlencoded"

// describePublishing documents how third parties publish, which Huma does not
// serve.
func (a *api) describePublishing() {
	op := &huma.Operation{
		Method: http.MethodPost, Path: FeedPath, OperationID: "publish", Tags: []string{streamTag},
		Summary: "Publish an update",
		Description: "For third parties, with a Mercure token whose claims grant every topic of the update. The update is kept and replayed like everything else. It reaches whoever asks for one of its topics: " +
			"streams with a Mercure token, streams without a token where MERCURE_ANONYMOUS is on, and users who name a topic exactly. A private update reaches only streams whose Mercure token grants one of its " +
			"topics. Unknown fields are ignored. Who publishes by the cookie has to come from a page that may: its Origin, or else its Referer, says so. The topics of the chat and of the hub itself " +
			"are refused, however they are written.",
		Security: []map[string][]string{{"bearer": {}}, {"cookie": {}}},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{formType: {
			Schema:  updateSchema(),
			Example: map[string]any{"topic": []any{"https://example.org/books/1"}, "data": `{"title":"A book"}`},
		}}},
		Responses: map[string]*huma.Response{"200": {
			Description: "The update is taken. The body is its id.",
			Content: map[string]*huma.MediaType{"text/plain; charset=utf-8": {
				Schema: &huma.Schema{Type: huma.TypeString}, Example: "parley:8KcTzWnUyAq0cXn6mJmVdQ",
			}},
		}},
	}
	a.huma.OpenAPI().AddOperation(op)
	a.addProblems(op, []string{
		"internal", "invalid-request", "invalid-token", "malformed-body", "not-allowed", "session-revoked", "storage-unavailable",
		"token-in-url-refused", "too-large", "unauthenticated", "unsupported-media-type",
	})
}

// updateSchema is an update as a form.
func updateSchema() *huma.Schema {
	one, many, long, digits := 1, 1000, 4096, 20
	field := func(means string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, MaxLength: &long, Description: means}
	}
	return &huma.Schema{
		Type: huma.TypeObject, Required: []string{"topic"},
		Properties: map[string]*huma.Schema{
			"topic":   {Type: huma.TypeArray, MinItems: &one, MaxItems: &many, Items: field("A topic."), Description: "The first is the canonical one."},
			"data":    {Type: huma.TypeString, Description: "What is handed out, as it is."},
			"private": {Type: huma.TypeString, Description: "If this is there, whatever its value, the update is private."},
			"id":      field("The id of the update on the stream; without it, that is a cursor. It does not begin with # or parley:, and is not earliest."),
			"type":    field("The event field. It does not begin with stream., and is not mercure."),
			"retry":   {Type: huma.TypeString, Pattern: "^[0-9]*$", MaxLength: &digits, Description: "After how many milliseconds a listener that has lost its stream comes again."},
		},
	}
}
