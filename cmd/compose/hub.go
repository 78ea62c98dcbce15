package compose

import (
	"time"

	"parley/adapters/matching"
	"parley/adapters/token"
	"parley/application/delivery"
	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/room"
)

// externalLife is how long a token for another hub is good. That hub looks at a
// token only when a stream opens, and knows nothing of who is taken out of a room.
const externalLife = time.Minute

// newHub is what verifies whatever is shown at the hub, and has the keys that
// Mercure tokens are signed with.
func newHub(p *Parts, users *token.Tokens, matchers *matching.Matchers) (*token.Hub, error) {
	keys, err := p.Settings.hubKeys(p.Keys, p.Logger)
	if err != nil {
		return nil, err
	}
	return &token.Hub{
		Users:    users,
		Keys:     keys,
		Issuer:   p.Settings.PublicURL,
		Audience: p.Settings.ownHub(),
		Compile:  matchers.Compile,
		Now:      p.Now,
	}, nil
}

// mintForHub makes users' tokens for another hub; nil if there is none.
func (p *Program) mintForHub(now func() time.Time) func(identity.Caller, []room.ID, time.Time) (string, identity.Proof, error) {
	if p.settings.ExternalHub == "" {
		return nil
	}
	return func(who identity.Caller, rooms []room.ID, end time.Time) (string, identity.Proof, error) {
		issued := now().UTC().Truncate(time.Second)
		until := issued.Add(externalLife)
		if end = end.UTC().Truncate(time.Second); !end.IsZero() && end.Before(until) {
			until = end
		}
		var topics []token.Topic
		for _, id := range rooms {
			topics = append(topics, token.Topic{By: hub.Exact, Text: delivery.RoomTopic(id).String()})
		}
		minted, err := p.Hub.Keys.Subscriber.Mint(token.HubToken{
			Dialects:  []hub.Dialect{hub.Legacy, hub.Modern},
			Publish:   nil,
			Subscribe: append(topics, token.Topic{By: hub.Exact, Text: delivery.UserTopic(who.User).String()}),
			Payload:   nil,
			Issuer:    p.settings.PublicURL,
			Audience:  p.settings.HubURL,
			Subject:   who.User.String(),
			Session:   who.Session,
			Until:     until,
		}, issued)
		return minted, identity.Proof{Caller: who, Until: until}, err
	}
}
