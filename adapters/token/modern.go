package token

import (
	"encoding/json"
	"slices"

	"parley/domain/hub"
)

// How much the details of a token may grant (Mercure draft 08, limits). Each detail
// has a topic, so there are no more details than topics.
const (
	maxTopics = 100 // of all details together
	maxTopic  = 4096
)

const (
	detailsClaim = "authorization_details"
	detailType   = "https://mercure.rocks/authorization-detail"
)

// The actions that a detail can grant.
const (
	publishAction   = "publish"
	subscribeAction = "subscribe"
)

// matchTypes are the names of the ways to match in a token.
var matchTypes = map[string]hub.MatchType{"exact": hub.Exact, "urlpattern": hub.URLPattern}

// modern reads the claims of a Mercure 1.0 token: an access token (RFC 9068) of
// this issuer for this hub, that ends, with authorization details (RFC 9396). It
// need not say who it is of, for nothing is made of that.
func (h *Hub) modern(p parts, claims object) (hub.Grant, bool) {
	_, ends := claims["exp"]
	if !isAccessToken(p.header) || claims.text("iss") != h.Issuer || !claims.isFor(h.Audience) || !ends || !h.begun(claims, "iat") {
		return hub.Grant{}, false
	}
	details, ok := mercureDetails(claims)
	if !ok {
		return hub.Grant{}, false
	}
	grant, topics := hub.Grant{Dialect: hub.Modern}, 0
	for _, one := range details {
		d, ok := h.detail(one, maxTopics-topics)
		if !ok {
			return hub.Grant{}, false
		}
		topics += len(d.topics)
		if slices.Contains(d.actions, publishAction) {
			grant.Publish = append(grant.Publish, d.topics...)
		}
		if slices.Contains(d.actions, subscribeAction) {
			grant.Subscribe = append(grant.Subscribe, hub.Detail{Topics: d.topics, Payload: d.payload})
		}
	}
	return grant, true
}

// mercureDetails returns those of the details that are about Mercure. What is in
// the others is not looked at.
func mercureDetails(claims object) ([]object, bool) {
	if _, given := claims[detailsClaim]; !given {
		return nil, true
	}
	all, ok := list(claims[detailsClaim])
	if !ok {
		return nil, false
	}
	var ours []object
	for _, raw := range all {
		var of map[string]json.RawMessage // unlike a struct it tells "Type" from "type"
		if err := json.Unmarshal(raw, &of); err != nil || of == nil {
			return nil, false
		}
		if about, _ := asText(of["type"]); about != detailType {
			continue
		}
		detail, ok := members(raw)
		if !ok {
			return nil, false
		}
		ours = append(ours, detail)
	}
	return ours, true
}

type detail struct {
	actions []string
	topics  []hub.Matcher
	payload []byte
}

// detail reads one detail that is about Mercure, with so many topics at most.
func (h *Hub) detail(of object, most int) (detail, bool) {
	var d detail
	var ok bool
	if d.actions, ok = texts(of["actions"]); !ok || len(d.actions) == 0 {
		return detail{}, false
	}
	if raw, given := of["payload"]; given {
		if d.payload, ok = compact(raw); !ok || d.payload[0] != '{' {
			return detail{}, false
		}
	}
	topics, ok := list(of["topics"])
	if !ok || len(topics) == 0 || len(topics) > most {
		return detail{}, false
	}
	for _, raw := range topics {
		matcher, ok := h.matcher(raw)
		if !ok {
			return detail{}, false
		}
		d.topics = append(d.topics, matcher)
	}
	return d, true
}

func (h *Hub) matcher(raw json.RawMessage) (hub.Matcher, bool) {
	topic, ok := members(raw)
	if !ok {
		return hub.Matcher{}, false
	}
	by := hub.Exact
	if _, given := topic["match_type"]; given {
		if by, ok = matchTypes[topic.text("match_type")]; !ok {
			return hub.Matcher{}, false
		}
	}
	text, ok := asText(topic["match"])
	if !ok || len(text) > maxTopic {
		return hub.Matcher{}, false
	}
	matcher, err := h.Compile(by, text)
	return matcher, err == nil
}
