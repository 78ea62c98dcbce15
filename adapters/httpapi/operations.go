package httpapi

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"parley/application/port"
)

// Health says that the program runs, or that it takes requests.
type Health struct {
	Status string `json:"status" enum:"ok" example:"ok"`
}

type (
	healthOutput struct{ Body Health }
	keysOutput   struct {
		ContentType string `header:"Content-Type" hidden:"true"`
		Body        []byte `contentType:"application/jwk-set+json"`
	}
)

func (a *api) operations() {
	register(a, operation{
		method: http.MethodGet, path: "/healthz", id: "getHealth", tag: operationsTag, public: true, fixed: true,
		summary: "Whether the program runs",
		answers: map[int]string{http.StatusOK: "It does."},
	}, func(context.Context, *nothing) (*healthOutput, error) {
		return &healthOutput{Body: Health{Status: "ok"}}, nil
	})
	register(a, operation{
		method: http.MethodGet, path: "/readyz", id: "getReadiness", tag: operationsTag, public: true,
		summary:     "Whether requests are welcome",
		description: "Not while the program is stopping, or cut off from its database.",
		answers:     map[int]string{http.StatusOK: "They are."},
	}, a.readiness)
	register(a, operation{
		method: http.MethodGet, path: "/.well-known/jwks.json", id: "getKeys", tag: operationsTag, public: true, fixed: true,
		summary: "The keys that access tokens are signed with",
		answers: map[int]string{http.StatusOK: "A JSON Web Key Set (RFC 7517)."},
	}, func(context.Context, *nothing) (*keysOutput, error) {
		return &keysOutput{ContentType: jwkSet, Body: a.JWKS()}, nil
	})
	keys := find(a.huma.OpenAPI(), http.MethodGet, "/.well-known/jwks.json").Responses["200"]
	keys.Headers = nil
	keys.Content = map[string]*huma.MediaType{jwkSet: {
		Schema: keySet(),
		Example: map[string]any{"keys": []any{map[string]any{
			"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
		}}},
	}}
}

// keySet is what a set of public keys looks like. Readers pass over what they do
// not know, in a key as in the set.
func keySet() *huma.Schema {
	members := map[string]*huma.Schema{}
	for name, means := range map[string]string{
		"kty": "The family of the key.", "crv": "The curve.", "use": "What it is for: signatures.", "alg": "The algorithm.",
		"kid": "Its name, as the header of a token has it.", "x": "The public key, in base64url.",
	} {
		members[name] = &huma.Schema{Type: huma.TypeString, Description: means}
	}
	return &huma.Schema{
		Type: huma.TypeObject, Required: []string{"keys"},
		Properties: map[string]*huma.Schema{"keys": {
			Type: huma.TypeArray, Description: "Those that tokens may be signed with, the newest first.",
			Items: &huma.Schema{Type: huma.TypeObject, Properties: members, Required: []string{"kty", "kid"}},
		}},
	}
}

const jwkSet = "application/jwk-set+json"

func (a *api) readiness(ctx context.Context, _ *nothing) (*healthOutput, error) {
	if err := a.Ready(); err != nil {
		a.Log.InfoContext(ctx, "not ready", "error", err)
		return nil, fmt.Errorf("%w: %w", port.ErrUnavailable, err)
	}
	return &healthOutput{Body: Health{Status: "ok"}}, nil
}
