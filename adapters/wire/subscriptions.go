package wire

import (
	"encoding/json"

	"parley/domain/hub"
)

// LegacyContext is what makes the documents of Mercure 0.x JSON-LD.
const LegacyContext = "https://mercure.rocks/"

// Subscription is an active subscription as Mercure 1.0 describes it.
type Subscription struct {
	ID         string          `json:"id" format:"uri-reference" example:"/.well-known/mercure/subscriptions/exact/https%3A%2F%2Fexample.org%2Fbooks%2F1/urn%3Auuid%3A5e94c686-2c0b-4f9b-958c-92ccc3bbb4eb" doc:"Where it is found, and the topic of the updates about it."`
	Type       string          `json:"type" enum:"subscription" example:"subscription"`
	MatchType  string          `json:"match_type" enum:"exact,urlpattern,topic" example:"exact" doc:"topic: a URI Template of Mercure 0.x."`
	Match      string          `json:"match" example:"https://example.org/books/1"`
	Subscriber string          `json:"subscriber" format:"uri" example:"urn:uuid:5e94c686-2c0b-4f9b-958c-92ccc3bbb4eb" doc:"Another one for each stream; the same for all that one stream asks for."`
	Active     bool            `json:"active" example:"true"`
	Payload    json.RawMessage `json:"payload,omitempty" doc:"What the token has its watchers shown."`
}

// Subscriptions is a list of them.
type Subscriptions struct {
	ID            string         `json:"id" format:"uri-reference" example:"/.well-known/mercure/subscriptions"`
	Type          string         `json:"type" enum:"subscriptions" example:"subscriptions"`
	Subscriptions []Subscription `json:"subscriptions"`
}

// LegacySubscription is an active subscription as Mercure 0.x describes it.
type LegacySubscription struct {
	Context     string          `json:"@context,omitempty" enum:"https://mercure.rocks/" example:"https://mercure.rocks/"`
	ID          string          `json:"id" format:"uri-reference" example:"/.well-known/mercure/subscriptions/https%3A%2F%2Fexample.org%2Fbooks%2F1/urn%3Auuid%3A5e94c686-2c0b-4f9b-958c-92ccc3bbb4eb"`
	Type        string          `json:"type" enum:"Subscription" example:"Subscription"`
	Topic       string          `json:"topic" example:"https://example.org/books/1"`
	Subscriber  string          `json:"subscriber" format:"uri" example:"urn:uuid:5e94c686-2c0b-4f9b-958c-92ccc3bbb4eb"`
	Active      bool            `json:"active" example:"true"`
	LastEventID string          `json:"lastEventID,omitempty" example:"parley:8KcTzWnUyAq0cXn6mJmVdQ"`
	Payload     json.RawMessage `json:"payload,omitempty"`
}

// LegacySubscriptions is a list of them.
type LegacySubscriptions struct {
	Context       string               `json:"@context" enum:"https://mercure.rocks/" example:"https://mercure.rocks/"`
	ID            string               `json:"id" format:"uri-reference" example:"/.well-known/mercure/subscriptions"`
	Type          string               `json:"type" enum:"Subscriptions" example:"Subscriptions"`
	LastEventID   string               `json:"lastEventID,omitempty" example:"parley:8KcTzWnUyAq0cXn6mJmVdQ"`
	Subscriptions []LegacySubscription `json:"subscriptions"`
}

// SubscriptionOf describes a subscription in 1.0.
func SubscriptionOf(s hub.Subscription) Subscription {
	return Subscription{
		ID: s.Topic(hub.Modern), Type: "subscription", MatchType: s.Type.Name(), Match: s.Text,
		Subscriber: s.Subscriber, Active: s.Active, Payload: s.Payload,
	}
}

// LegacySubscriptionOf describes a subscription in 0.x, as a document of its own.
func LegacySubscriptionOf(s hub.Subscription) LegacySubscription {
	return LegacySubscription{
		Context: LegacyContext, ID: s.Topic(hub.Legacy), Type: "Subscription", Topic: s.Text,
		Subscriber: s.Subscriber, Active: s.Active, Payload: s.Payload,
	}
}

// EncodeSubscription is the data of the update that tells of a subscription.
func EncodeSubscription(in hub.Dialect, s hub.Subscription) ([]byte, error) {
	if in == hub.Legacy {
		return Encode(LegacySubscriptionOf(s))
	}
	return Encode(SubscriptionOf(s))
}
