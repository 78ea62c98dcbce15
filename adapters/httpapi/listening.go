package httpapi

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"parley/adapters/wire"
	"parley/domain/hub"
)

// describeSubscriptions documents the web API of active subscriptions, which Huma
// does not serve.
func (a *api) describeSubscriptions() {
	const told = " The token needs a subscribe grant for this very path. The Link headers say from where a stream goes on, and where the next page of a list is. " +
		"What begins and ends is told as private updates, to streams that are granted the subscription's id as a topic. No replay has them: so open the stream first, then read this. " +
		"Users of the chat have no subscriptions."
	all, one := reflect.TypeFor[wire.Subscriptions](), reflect.TypeFor[wire.Subscription]()
	a.describeListening("", "listSubscriptions", "What is listened for",
		"What streams with a Mercure token, and streams without a token, listen for at this moment; what other nodes have is a few seconds old. A client that prefers application/ld+json gets the document of Mercure 0.x."+told, all)
	a.describeListening("/{matchType}/{match}", "listSubscriptionsTo", "Who listens for something",
		"The subscriptions with this matcher. In Mercure 0.x the path ends in /{topic}; where a path could be of both versions, it is of 1.0 if it begins with exact or urlpattern."+told, all)
	a.describeListening("/{matchType}/{match}/{subscriber}", "getSubscription", "One subscription",
		"In Mercure 0.x the path ends in /{topic}/{subscriber}."+told, one)
}

func (a *api) describeListening(below, id, summary, description string, answer reflect.Type) {
	op := &huma.Operation{
		Method: http.MethodGet, Path: hub.SubscriptionsPath + below, OperationID: id, Tags: []string{streamTag},
		Summary: summary, Description: description,
		Security:   []map[string][]string{{"bearer": {}}, {"cookie": {}}},
		Parameters: listeningParameters(below, answer),
		Responses: map[string]*huma.Response{
			"200": {
				Description: "What was asked for, as Mercure 1.0 describes it.",
				Headers:     map[string]*huma.Param{"Link": {Schema: &huma.Schema{Type: huma.TypeString}}, "ETag": {Schema: &huma.Schema{Type: huma.TypeString}}},
				Content:     map[string]*huma.MediaType{"application/json": {Schema: a.huma.OpenAPI().Components.Schemas.Schema(answer, true, "")}},
			},
			"304": {Description: "The client has it already."},
		},
	}
	a.huma.OpenAPI().AddOperation(op)
	a.addProblems(op, []string{
		"internal", "invalid-request", "invalid-token", "not-allowed", "not-found", "session-revoked", "token-in-url-refused", "unauthenticated",
	})
}

func listeningParameters(below string, answer reflect.Type) []*huma.Param {
	text := &huma.Schema{Type: huma.TypeString}
	var all []*huma.Param
	if below != "" {
		all = append(all,
			&huma.Param{Name: "matchType", In: "path", Required: true, Description: "How it tells topics apart.", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"exact", "urlpattern", "topic"}}, Example: "exact"},
			&huma.Param{Name: "match", In: "path", Required: true, Description: "Percent-encoded once, slashes too.", Schema: text, Example: "https://example.org/books/1"})
	}
	if answer == reflect.TypeFor[wire.Subscription]() {
		return append(all, &huma.Param{Name: "subscriber", In: "path", Required: true, Description: "Which stream it is of.", Schema: text, Example: "urn:uuid:5e94c686-2c0b-4f9b-958c-92ccc3bbb4eb"})
	}
	return append(all, &huma.Param{Name: "page", In: "query", Description: "Where the list goes on; the link to the next page has it.", Schema: text})
}
