package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"parley/domain/hub"
)

// HubMetadataPath is where the hub says what it takes (RFC 9728): the well-known
// place for the resource at FeedPath.
const HubMetadataPath = "/.well-known/oauth-protected-resource" + FeedPath

// methodQuery asks as GET does, with a body.
const methodQuery = "QUERY"

// hubMethods are what the hub takes at its own URL.
var hubMethods = []string{http.MethodGet, http.MethodPost, methodQuery}

// HubMetadata is what clients of the Mercure protocol can find out about the hub.
type HubMetadata struct {
	Resource      string   `json:"resource" format:"uri" example:"https://chat.example.org/.well-known/mercure" doc:"What the aud of a token has to name."`
	Methods       []string `json:"bearer_methods_supported" example:"[\"header\"]"`
	Details       []string `json:"authorization_details_types_supported" example:"[\"https://mercure.rocks/authorization-detail\"]"`
	Cookie        string   `json:"mercure_cookie" example:"__Secure-mercure_access_token" doc:"The cookie that may carry the token."`
	Subscriptions bool     `json:"mercure_subscriptions,omitempty" doc:"Whether active subscriptions are told of."`
}

type metadataOutput struct{ Body HubMetadata }

func (a *api) hubMetadata() {
	register(a, operation{
		method: http.MethodGet, path: HubMetadataPath, id: "getHubMetadata", tag: streamTag, public: true, fixed: true,
		summary:     "What the hub takes",
		description: "The metadata of the hub as a protected resource (RFC 9728), for clients of the Mercure protocol.",
		answers:     map[int]string{http.StatusOK: "The metadata."},
	}, func(context.Context, *nothing) (*metadataOutput, error) {
		cookie := SecureCookie
		if a.Loopback {
			cookie = LoopbackCookie
		}
		return &metadataOutput{Body: HubMetadata{
			Resource:      a.PublicURL + FeedPath,
			Methods:       []string{"header"},
			Details:       []string{"https://mercure.rocks/authorization-detail"},
			Cookie:        cookie,
			Subscriptions: a.Subscriptions,
		}}, nil
	})
}

// isHub reports whether a path is the hub's.
func isHub(path string) bool {
	return path == FeedPath || strings.HasPrefix(path, FeedPath+"/") || path == HubMetadataPath
}

// Refuse answers with what err is as a problem, to who has come to the hub.
func (s Server) Refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problem(r.Context(), err, where{instance: instanceOf(r)})
	if said, challenged := challenge(p, err); challenged {
		p.headers.Set("WWW-Authenticate", `Bearer `+said+`resource_metadata="`+s.PublicURL+HubMetadataPath+`"`)
	}
	p.write(w)
}

// challenge is the code of a refusal that has to do with the token (RFC 6750,
// section 3.1). What exactly is wrong with a token it does not tell.
func challenge(p *Problem, err error) (said string, challenged bool) {
	switch {
	case p.Code == "unauthenticated":
		return "", true
	case p.Status == http.StatusUnauthorized:
		return `error="invalid_token", `, true
	case p.Status == http.StatusForbidden:
		return `error="insufficient_scope", `, true
	case errors.Is(err, hub.ErrPresented), errors.Is(err, hub.ErrOrigin):
		return `error="invalid_request", `, true
	default:
		return "", false
	}
}
