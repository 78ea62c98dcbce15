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
	Rooms []int64 `json:"rooms,omitempty" nullable:"true" minimum:"1" maximum:"9007199254740991" maxItems:"50" example:"[3]" doc:"For an external hub: the rooms that the token is for. Rooms that one is not in are left out; without this, it is the 50 most recently active ones. A token for the embedded hub is for all of one's rooms in any case."`
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
		description: "For pages with a plain EventSource, which cannot send headers. The cookie is good for the stream alone. With an external hub this is a token for that hub, for the rooms and for one's own topic, good in both versions of the Mercure protocol; a page gets a new one each minute. " +
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
const externalRule = "An external hub does not remember what a page was not there for, and what it is told twice it hands out twice. Its ids are the cursors of GET /api/events. " +
	"So a page of an external hub opens the stream first, and then asks GET /api/events with wait=0 and, as after, the cursor of its page of messages or that of the last answer. It asks again " +
	"after each opening, whenever a message's sequence does not follow the last one of its room, on stream.withheld, and every 30 seconds. It drops events whose id it knows, " +
	"and messages whose sequence it has in this version or a later one. A room.created, and a participant.joined that names one's own user, mean a room that the token does not have: " +
	"get another token and open the stream anew. That hub checks rights only when a stream opens: whoever is taken out of a room, or signed out, may go on hearing there until the token ends."

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
			"Asking for a room that one is not in is no error; one hears nothing of it. The token may be in the cookie instead of the header. " +
			"A Mercure token hears what its claims grant, and what is public. Where MERCURE_ANONYMOUS is on, a stream without a token hears what is public. " +
			"Streams of these two kinds have none of the events whose type begins with stream.; they begin with a block of an id alone, and the header Mercure-Last-Event-ID says " +
			"whether they go on from where they were asked to. The method QUERY asks the same with a form in the body, which is added to the query.",
		Security: []map[string][]string{{"bearer": {}}, {"cookie": {}}},
		Parameters: []*huma.Param{
			topics("topic", "The topic of a room, such as /chat/room/3, or one's own, such as /chat/user/7. With the braces, as they stand here, /chat/room/{id} is all of one's rooms, those joined later too, and /chat/user/{id} is oneself. Any other URI Template, and the topics of third parties, may be asked for as well."),
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
