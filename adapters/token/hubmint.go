package token

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"parley/domain/hub"
	"parley/domain/identity"
)

// ErrCannotSign means that a key verifies and does nothing else.
var ErrCannotSign = errors.New("token: the key can verify tokens, and not sign any")

// HubToken is what a Mercure token is to say.
type HubToken struct {
	Dialects           []hub.Dialect // both together are one token with both claims
	Publish, Subscribe []Topic
	Payload            json.RawMessage // shown with the subscriptions; nil: none
	Issuer, Audience   string
	Subject            string
	Session            identity.SessionID // zero: none. With one, no hub of ours takes it.
	Until              time.Time
}

// Topic is what a token is to name, and how it is to be matched.
type Topic struct {
	By   hub.MatchType // Mercure 0.x knows one way alone, and looks at the text
	Text string
}

// Mint signs a Mercure token.
func (k *HubKey) Mint(t HubToken, now time.Time) (string, error) {
	if !k.CanSign() {
		return "", ErrCannotSign
	}
	claims := jwt.MapClaims{
		"iss": t.Issuer, "aud": t.Audience, "sub": t.Subject, "client_id": client,
		"iat": now.Unix(), "exp": t.Until.Unix(), "jti": rand.Text(),
	}
	if (t.Session != identity.SessionID{}) {
		claims["sid"] = t.Session.String()
	}
	token := jwt.NewWithClaims(k.method, claims)
	if slices.Contains(t.Dialects, hub.Legacy) {
		claims[legacyClaim] = t.legacy()
	}
	if slices.Contains(t.Dialects, hub.Modern) {
		details, err := t.details()
		if err != nil {
			return "", err
		}
		token.Header["typ"], claims[detailsClaim] = kind, details
	}
	signed, err := token.SignedString(k.private)
	if err != nil {
		return "", fmt.Errorf("mint a Mercure token: %w", err)
	}
	return signed, nil
}

// legacy is the claim of Mercure 0.x.
func (t HubToken) legacy() map[string]any {
	claim := map[string]any{}
	for name, topics := range map[string][]Topic{publishAction: t.Publish, subscribeAction: t.Subscribe} {
		if len(topics) == 0 {
			continue
		}
		var selectors []string
		for _, topic := range topics {
			selectors = append(selectors, topic.Text)
		}
		claim[name] = selectors
	}
	if t.Payload != nil {
		claim["payload"] = t.Payload
	}
	return claim
}

// details are the claim of Mercure 1.0.
func (t HubToken) details() ([]map[string]any, error) {
	details := []map[string]any{}
	for _, grant := range []struct {
		action string
		topics []Topic
	}{{publishAction, t.Publish}, {subscribeAction, t.Subscribe}} {
		if len(grant.topics) == 0 {
			continue
		}
		topics, err := named(grant.topics)
		if err != nil {
			return nil, err
		}
		detail := map[string]any{"type": detailType, "actions": []string{grant.action}, "topics": topics}
		if t.Payload != nil && grant.action == subscribeAction {
			detail["payload"] = t.Payload
		}
		details = append(details, detail)
	}
	return details, nil
}

func named(topics []Topic) ([]map[string]string, error) {
	var all []map[string]string
	for _, topic := range topics {
		one := map[string]string{"match": topic.Text}
		if topic.By != hub.Exact {
			for _, name := range slices.Sorted(maps.Keys(matchTypes)) {
				if matchTypes[name] == topic.By {
					one["match_type"] = name
				}
			}
			if one["match_type"] == "" {
				return nil, fmt.Errorf("token: %q is matched as Mercure 1.0 does not", topic.Text)
			}
		}
		all = append(all, one)
	}
	return all, nil
}
