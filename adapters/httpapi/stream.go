package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/adapters/wire"
	"parley/application/rooms"
	"parley/domain/identity"
	"parley/domain/room"
)

// The cookies that carry the stream's token. Browsers take the first from secure
// origins alone, so it cannot be planted over plain HTTP.
const (
	SecureCookie   = "__Secure-mercure_access_token"
	LoopbackCookie = "mercureAuthorization"
)

const (
	tokenPath = "/api/mercure/token" //nolint:gosec // a path, and no credential

	// overlap is for how many seconds a browser sends the cookie of an expired
	// token, so that the stream can tell it to renew it.
	overlap = 120

	// maxTokenRooms is how many rooms a token for another hub is for.
	maxTokenRooms = 50
)

// StreamTokenRequest says what the token is for.
type StreamTokenRequest struct {
	Rooms []int64 `json:"rooms,omitempty" nullable:"true" minimum:"1" maximum:"9007199254740991" maxItems:"50" example:"[3]" doc:"For which rooms, where the hub is an external one; those that one is not in are left out. Without it, for the 50 most recently active ones. The token for the embedded hub is for all of one's rooms, whatever stands here."`
}

// StreamToken is a token for the stream.
type StreamToken struct {
	Token     string `json:"token" example:"eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln"`
	ExpiresIn int64  `json:"expiresIn" minimum:"0" maximum:"86400" example:"300" doc:"Seconds from now. Renew it before; an open EventSource then goes on by itself."`
	HubURL    string `json:"hubUrl" format:"uri" example:"http://127.0.0.1:8080/.well-known/mercure"`
}

type (
	tokenInput  struct{ Body *StreamTokenRequest }
	tokenOutput struct {
		Cookie string `header:"Set-Cookie" doc:"The token for EventSource pages, under the path of the hub."`
		Body   StreamToken
	}
)

func (a *api) stream() {
	register(a, operation{
		method: http.MethodPost, path: tokenPath, id: "createStreamToken", tag: streamTag,
		summary: "A token for the stream, also as a cookie",
		description: "For pages with a plain EventSource, which cannot send headers. The cookie is good for the stream alone. With an external hub this is a token of that hub, of the rooms and of one's own topic, by both dialects of the Mercure protocol; it is renewed each minute. " +
			externalRule,
		answers:  map[int]string{http.StatusOK: "The token."},
		refusals: []string{"cross-origin"},
	}, a.streamToken)
	a.describeFeed()
	a.describeSubscriptions()
	a.describePublishing()
}

func (a *api) streamToken(ctx context.Context, in *tokenInput) (*tokenOutput, error) {
	end, err := a.SessionEnd(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	mint := a.Mint
	if a.MintForHub != nil {
		of, err := a.roomsOf(ctx, in.Body)
		if err != nil {
			return nil, err
		}
		mint = func(who identity.Caller, end time.Time) (string, identity.Proof, error) {
			return a.MintForHub(who, of, end)
		}
	}
	token, proof, err := mint(caller(ctx), end)
	if err != nil {
		return nil, err
	}
	life := a.lifeOf(proof)
	return &tokenOutput{
		Cookie: a.cookie(token, life).String(),
		Body:   StreamToken{Token: token, ExpiresIn: life, HubURL: a.HubURL},
	}, nil
}

// roomsOf are the rooms that a token for another hub is for.
func (a *api) roomsOf(ctx context.Context, body *StreamTokenRequest) ([]room.ID, error) {
	among := rooms.AmongQuery{Who: caller(ctx), Limit: maxTokenRooms}
	if body != nil && body.Rooms != nil {
		among.Of = []room.ID{}
		for _, id := range body.Rooms {
			among.Of = append(among.Of, numbered(id, room.IDFrom))
		}
	}
	return a.App.RoomsAmong.Handle(ctx, among)
}

// externalRule is what a page keeps to, so that an external hub which forgets, or
// is away for a while, loses it nothing.
const externalRule = "Such a hub forgets what it was not there for, and hands out again what it is told twice; the ids are the cursors of GET /api/events all the same. " +
	"So a page of an external hub opens the stream first, and then asks GET /api/events with wait=0 and after, the cursor of the page or of the last answer: " +
	"after each opening, whenever a message's sequence is not the one after the last of its room, on stream.withheld, and every 30 seconds. It drops what has an id that it knows, " +
	"and a message whose sequence or version it has. A participant.joined that names oneself, and a room.created, mean a room that the token has not: get another one and open the stream anew. " +
	"That hub looks at rights when a stream opens: whoever was taken out of a room, or signed out, may hear on there until the token ends."

// cookie has the token for its life and the overlap; where that is below zero, it
// takes the cookie away.
func (a *api) cookie(token string, life int64) *http.Cookie {
	c := &http.Cookie{ //nolint:gosec // it is insecure on loopback alone, where there is no TLS
		Name: SecureCookie, Value: token, Path: FeedPath, MaxAge: int(life) + overlap,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
	if a.Loopback {
		c.Name, c.Secure = LoopbackCookie, false
	}
	if hub, err := url.Parse(a.HubURL); err == nil && hub.Path != "" {
		c.Path = hub.Path
	}
	return c
}

// describeFeed documents the stream, which Huma does not serve.
func (a *api) describeFeed() {
	doc := a.huma.OpenAPI()
	event := chatEvent(doc.Components.Schemas)
	op := &huma.Operation{
		Method: http.MethodGet, Path: FeedPath, OperationID: "stream", Tags: []string{streamTag},
		Summary: "Hear what happens",
		Description: "Server-Sent Events, with the parameters of the Mercure protocol. A message.created has no event field, so that it reaches onmessage; " +
			"every other event is named by its type. The id of an event is a cursor: send the last one back to hear everything after it, however long ago. " +
			"Asking for a room that one is not in is no error: one hears nothing of it. A token may stand in the cookie instead of the header. " +
			"With a Mercure token its claims decide what is heard, and without any, where that is switched on, what is public is: such a stream has no stream. events, begins with a block of an id " +
			"alone, and says in the header Mercure-Last-Event-ID whether it goes on from where it was asked to. The method QUERY asks the same by a form in the body, beside the query.",
		Security: []map[string][]string{{"bearer": {}}, {"cookie": {}}},
		Parameters: []*huma.Param{
			topics("topic", "A topic, /chat/room/{id} of a room or /chat/user/{id} of oneself; or one of these two as it stands here: all of one's rooms, those joined later too, and one's own. Any other URI Template does as well, and the topics of third parties."),
			topics("match", "A topic by its exact name, or *; match_exact is the same."),
			topics("match_urlpattern", "A WHATWG URL Pattern, relative to the hub's URL. Every other name that begins with match is refused."),
			{Name: "Last-Event-ID", In: "header", Description: "The cursor to go on from, or the id that a third party gave an update; earliest is before the first.", Schema: &huma.Schema{Type: huma.TypeString}},
			{Name: "last_event_id", In: "query", Description: "The same where no header can be sent; lastEventID and Last-Event-ID are taken, too.", Schema: &huma.Schema{Type: huma.TypeString}},
		},
		Responses: map[string]*huma.Response{"200": {
			Description: "The stream. A user's begins with stream.opened.",
			Headers: map[string]*huma.Param{
				"Mercure-Last-Event-ID": header("Where the stream goes on from; earliest if what was sent cannot be resumed. In answer to the names of Mercure 0.x also called Last-Event-ID."),
			},
			Content: map[string]*huma.MediaType{"text/event-stream": {
				Schema:     event,
				Example:    feedExample,
				Extensions: map[string]any{"x-itemSchema": event},
			}},
		}},
	}
	doc.AddOperation(op)
	a.addProblems(op, []string{
		"internal", "invalid-request", "invalid-token", "session-revoked", "token-in-url-refused", "unauthenticated",
	})
}

func topics(name, means string) *huma.Param {
	explode := true
	return &huma.Param{
		Name: name, In: "query", Description: means, Explode: &explode,
		Schema: &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}},
	}
}

const feedExample = "event: stream.opened\n" +
	`data: {"type":"stream.opened","at":"2026-11-23T09:30:00.000000Z","mode":"live","cursor":"parley:8KcTzWnUyAq0cXn6mJmVdQ","resumedFrom":null,"expiresAt":"2026-11-23T09:35:00.000000Z","topics":["/chat/room/3"]}` +
	"\nid: parley:8KcTzWnUyAq0cXn6mJmVdQ\n\n"

// chatEvent documents everything that the stream can say, told apart by type.
func chatEvent(schemas huma.Registry) *huma.Schema {
	all := &huma.Schema{
		Description:   "What the stream says: one line of JSON, told apart by its type.",
		Discriminator: &huma.Discriminator{PropertyName: "type", Mapping: map[string]string{}},
	}
	for _, event := range []reflect.Type{
		reflect.TypeFor[wire.MessageCreated](),
		reflect.TypeFor[wire.ParticipantJoined](),
		reflect.TypeFor[wire.ParticipantChanged](),
		reflect.TypeFor[wire.ParticipantLeft](),
		reflect.TypeFor[wire.RoomCreated](),
		reflect.TypeFor[wire.RoomDeleted](),
		reflect.TypeFor[wire.MessageEdited](),
		reflect.TypeFor[wire.MessageDeleted](),
		reflect.TypeFor[wire.RoomChanged](),
		reflect.TypeFor[wire.StreamOpened](),
		reflect.TypeFor[wire.StreamClosing](),
		reflect.TypeFor[wire.StreamWithheld](),
	} {
		one := schemas.Schema(event, true, "")
		name := fmt.Sprint(schemas.SchemaFromRef(one.Ref).Properties["type"].Enum[0])
		all.OneOf = append(all.OneOf, one)
		all.Discriminator.Mapping[name] = one.Ref
	}
	schemas.Map()["ChatEvent"] = all
	return &huma.Schema{Ref: "#/components/schemas/ChatEvent"}
}
