package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

const (
	accountsTag   = "Accounts"
	roomsTag      = "Rooms"
	messagesTag   = "Messages"
	streamTag     = "Stream"
	operationsTag = "Operations"
)

// Document is the OpenAPI document as YAML, the same for every deployment.
func Document() ([]byte, error) {
	doc, err := Server{}.register(http.NewServeMux()).OpenAPI().YAML()
	if err != nil {
		return nil, fmt.Errorf("encode the document: %w", err)
	}
	return doc, nil
}

// serveDocument answers with the document in both forms.
func (s Server) serveDocument(mux *http.ServeMux, api huma.API) error {
	asJSON, err := json.Marshal(api.OpenAPI())
	if err != nil {
		return fmt.Errorf("encode the document: %w", err)
	}
	asYAML, err := api.OpenAPI().YAML()
	if err != nil {
		return fmt.Errorf("encode the document: %w", err)
	}
	serve := func(path, mediaType string, doc []byte) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", mediaType)
			_, _ = w.Write(doc) // there is nobody to tell
		})
	}
	serve("/openapi.json", "application/json", asJSON)
	serve("/openapi.yaml", "application/yaml", asYAML)
	return nil
}

// about says what the document is of.
func about(doc *huma.OpenAPI) {
	doc.Info.Description = "Parley is a chat backend: REST in, Server-Sent Events out. Load a page, stream from its cursor, and nothing falls between.\n\n" +
		"Ids are integers below 2^53. Times are RFC 3339 in UTC with microseconds. Every field that is named is always there, null where it is empty. " +
		"What one may not see answers like what does not exist, with the same bytes. Unknown members of a body are refused, unknown query parameters are not looked at."
	doc.Servers = []*huma.Server{{URL: "/", Description: "Where this document is served."}}
	doc.Tags = []*huma.Tag{
		{Name: accountsTag, Description: "Who one is."},
		{Name: roomsTag, Description: "Where people talk, and who is in there."},
		{Name: messagesTag, Description: "What people say."},
		{Name: streamTag, Description: "Hearing it live, and what was missed."},
		{Name: operationsTag, Description: "For those who run the program."},
	}
	doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer":  {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "An access token: a JWT as RFC 9068 describes it, verified as RFC8725 advises."},
		"cookie":  {Type: "apiKey", In: "cookie", Name: SecureCookie, Description: "The stream's token; on loopback the cookie is called " + LoopbackCookie + "."},
		"refresh": {Type: "apiKey", In: "cookie", Name: SecureRefreshCookie, Description: "What a session is renewed with; on loopback the cookie is called " + LoopbackRefreshCookie + "."},
	}
	doc.Components.Responses = map[string]*huma.Response{}
	doc.Components.Headers = map[string]*huma.Header{
		"WWW-Authenticate": header("Bearer"),
		"Retry-After":      header("After how many seconds asking again makes sense."),
		"RateLimit":        header("What is left, and after how many seconds there will be more."),
		RequestID:          header("What the request is called in the program's log."),
		"RateLimit-Policy": header("How much is allowed in how many seconds."),
	}
}

func header(means string) *huma.Header {
	return &huma.Header{Description: means, Schema: &huma.Schema{Type: huma.TypeString}}
}

// idSchema is the schema of an id in a path. The program looks at it as text: an
// id that is no integer is that of something that is not there.
func idSchema() *huma.Schema {
	least, greatest := 1.0, float64(nowhere)
	return &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: &least, Maximum: &greatest}
}

// finish completes the document when every operation is there.
func (a *api) finish() {
	doc := a.huma.OpenAPI()
	schemas := doc.Components.Schemas.Map()
	var every []any
	for _, code := range codes() {
		every = append(every, code)
	}
	schemas["Problem"].Properties["code"].Enum = every
	for _, property := range []struct{ of, name string }{{"Room", "peer"}, {"Room", "lastMessage"}} {
		orNull(schemas[property.of].Properties, property.name)
	}
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				addExamples(doc.Components.Schemas, op)
			}
		}
	}
}

// orNull says that a property may be null, which Huma cannot say of objects.
func orNull(properties map[string]*huma.Schema, name string) {
	object := *properties[name]
	properties[name] = &huma.Schema{
		Description: object.Description,
		OneOf:       []*huma.Schema{{Ref: object.Ref}, {Type: "null"}},
	}
}

// addExamples makes examples of whole bodies from those of their fields.
func addExamples(schemas huma.Registry, op *huma.Operation) {
	var bodies []*huma.MediaType
	if op.RequestBody != nil && op.RequestBody.Content["application/json"] != nil {
		bodies = append(bodies, op.RequestBody.Content["application/json"])
	}
	for _, response := range op.Responses {
		if body := response.Content["application/json"]; body != nil {
			bodies = append(bodies, body)
		}
	}
	for _, body := range bodies {
		if body.Example == nil {
			body.Example = example(schemas, body.Schema)
		}
	}
}

// example is an example of what the schema describes: that of a field, or null
// where it may be and has none.
func example(schemas huma.Registry, s *huma.Schema) any {
	switch {
	case s.Ref != "":
		return example(schemas, schemas.SchemaFromRef(s.Ref))
	case len(s.Examples) > 0:
		return s.Examples[0]
	case s.Type == huma.TypeArray:
		return []any{example(schemas, s.Items)}
	case s.Type == huma.TypeObject:
		object := make(map[string]any, len(s.Properties))
		for name, property := range s.Properties {
			value := example(schemas, property)
			if value != nil || slices.Contains(s.Required, name) {
				object[name] = value
			}
		}
		return object
	default:
		return nil
	}
}
