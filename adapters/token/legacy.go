package token

import "parley/domain/hub"

// The claim of Mercure 0.x by its two names; the second one wins.
const (
	legacyClaim     = "mercure"
	namespacedClaim = "https://mercure.rocks/"
)

// maxSelectors is how many selectors each list of a Mercure 0.x token can have.
const maxSelectors = 1000

// legacy reads the claims of a Mercure 0.x token. Neither its issuer nor its
// audience mean anything there, and it need not end.
func (h *Hub) legacy(_ parts, claims object) (hub.Grant, bool) {
	name := legacyClaim
	if claims.has(namespacedClaim) {
		name = namespacedClaim
	}
	claim, ok := members(claims[name])
	if !ok {
		return hub.Grant{}, false
	}
	publish, ok1 := h.selectors(claim, "publish")
	subscribe, ok2 := h.selectors(claim, "subscribe")
	if !ok1 || !ok2 {
		return hub.Grant{}, false
	}
	grant := hub.Grant{Dialect: hub.Legacy, Publish: publish}
	detail := hub.Detail{Topics: subscribe}
	if claim.has("payload") {
		if detail.Payload, ok = compact(claim["payload"]); !ok {
			return hub.Grant{}, false
		}
	}
	if len(detail.Topics) > 0 || detail.Payload != nil {
		grant.Subscribe = []hub.Detail{detail}
	}
	return grant, true
}

// selectors compiles one of the lists of the claim; one that is not there grants
// nothing.
func (h *Hub) selectors(claim object, name string) ([]hub.Matcher, bool) {
	if !claim.has(name) {
		return nil, true
	}
	all, ok := texts(claim[name])
	if !ok || len(all) > maxSelectors {
		return nil, false
	}
	matchers := make([]hub.Matcher, 0, len(all))
	for _, text := range all {
		matcher, err := h.Compile(hub.Topic, text)
		if err != nil {
			return nil, false
		}
		matchers = append(matchers, matcher)
	}
	return matchers, true
}
