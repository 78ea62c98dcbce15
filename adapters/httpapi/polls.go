package httpapi

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"parley/adapters/wire"
)

// PollPath is where events are polled for.
const PollPath = "/api/events"

// polls documents and serves polling. The answer is written as it is read, which
// Huma does not do.
func (a *api) polls(mux *http.ServeMux) {
	op := a.describePolls()
	at := reported(op)
	mux.HandleFunc("GET "+PollPath, func(w http.ResponseWriter, r *http.Request) {
		proof, err := a.prove(r)
		if err == nil {
			err = a.Poll(w, r, proof)
		}
		if err != nil {
			a.problem(context.WithValue(r.Context(), callerKey{}, proof.Caller), err, at).write(w)
		}
	})
}

func (a *api) describePolls() *huma.Operation {
	doc := a.huma.OpenAPI()
	schemas := doc.Components.Schemas
	answer := schemas.Schema(reflect.TypeFor[wire.Poll](), true, "")
	polled := schemas.Map()["PolledEvent"]
	polled.Properties["data"] = &huma.Schema{Ref: "#/components/schemas/ChatEvent"}
	topic := topics("topic", "The topic of a room, such as /chat/room/3, or one's own, such as /chat/user/7. With the braces, as they stand here, /chat/room/{id} is all of one's rooms, those joined later too, and /chat/user/{id} is oneself. From 1 to 100 of them.")
	topic.Required = true
	least, greatest := 0.0, 60.0
	op := &huma.Operation{
		Method: http.MethodGet, Path: PollPath, OperationID: "pollEvents", Tags: []string{streamTag},
		Summary: "Hear what has happened, by asking again and again",
		Description: "For clients that cannot hold a stream open. Send the cursor of the last answer as after, and nothing is missed or comes twice; it is the same cursor as " +
			"a stream's, and one may change between the two at any event. At most 500 events at once. If there is none yet, the poll waits for the first. Without after it answers at once, " +
			"with no events and the place where everything stands now. A cursor that cannot be resumed is answered at once with the single event stream.opened, mode reset: load the pages " +
			"anew, then go on from the cursor beside it. A token that expires ends the wait with what there is.",
		Security: bearer,
		Parameters: []*huma.Param{
			topic,
			{Name: "after", In: "query", Description: "The cursor to go on from; earliest is before the first.", Schema: &huma.Schema{Type: huma.TypeString}},
			{Name: "wait", In: "query", Description: "For how many seconds to wait for the first event.",
				Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: &least, Maximum: &greatest, Default: 25}},
		},
		Responses: map[string]*huma.Response{"200": {
			Description: "What has happened, in order.",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: answer, Example: pollExample}},
		}},
	}
	doc.AddOperation(op)
	a.addProblems(op, []string{
		"internal", "invalid-request", "invalid-token", "session-revoked", "storage-unavailable", "too-many-streams", "unauthenticated",
	})
	return op
}

var pollExample = map[string]any{
	"events": []any{map[string]any{
		"cursor": "parley:8KcTzWnUyAq0cXn6mJmVdQ",
		"topic":  "/chat/room/3",
		"data": map[string]any{
			"type": "participant.joined", "chatRoomId": 3, "at": "2026-11-23T09:30:00.123456Z",
			"userId": 8, "displayName": "Ben", "role": "member",
		},
	}},
	"cursor": "parley:8KcTzWnUyAq0cXn6mJmVdQ",
}
