package compose

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"parley/adapters/keyring"
	"parley/adapters/matching"
	"parley/adapters/token"
	"parley/domain/hub"
	"parley/domain/identity"
)

// MercureToken is what somebody wants a Mercure token to grant, for development.
type MercureToken struct {
	Dialect            hub.Dialect
	By                 hub.MatchType // how topics are matched; Mercure 0.x looks at the topic itself
	Publish, Subscribe []string
	Payload            string // JSON; empty: none
	Life               time.Duration
}

// ErrMercureToken means that there is no such token.
var ErrMercureToken = errors.New("there is no such Mercure token")

// MintMercure makes a Mercure token. It takes the keys and nothing else, so it
// works while the program serves.
func MintMercure(s Settings, wanted MercureToken, now time.Time) (string, error) {
	s = s.At(s.Listen)
	if err := wanted.check(s.ownHub()); err != nil {
		return "", err
	}
	setting, key, err := s.mercureKey(wanted)
	if err != nil {
		return "", err
	}
	if !key.CanSign() {
		return "", refuse(setting, "verifies tokens and cannot sign any: mint them where the private key is")
	}
	audience := s.ownHub()
	if s.ExternalHub != "" {
		audience = s.HubURL
	}
	var payload json.RawMessage
	if wanted.Payload != "" {
		payload = json.RawMessage(wanted.Payload)
	}
	return key.Mint(token.HubToken{
		Dialects:  []hub.Dialect{wanted.Dialect},
		Publish:   wanted.topics(wanted.Publish),
		Subscribe: wanted.topics(wanted.Subscribe),
		Payload:   payload,
		Issuer:    s.PublicURL,
		Audience:  audience,
		Subject:   "parley token",
		Session:   identity.SessionID{},
		Until:     now.Add(wanted.Life),
	}, now)
}

func (m MercureToken) check(hubURL string) error {
	switch {
	case len(m.Publish)+len(m.Subscribe) == 0:
		return fmt.Errorf("%w: it would grant nothing", ErrMercureToken)
	case m.Life < time.Second:
		return fmt.Errorf("%w: it would not live a second", ErrMercureToken)
	case m.Payload != "" && !json.Valid([]byte(m.Payload)):
		return fmt.Errorf("%w: the payload is no JSON", ErrMercureToken)
	case m.Payload != "" && m.Dialect == hub.Modern && json.Unmarshal([]byte(m.Payload), &map[string]any{}) != nil:
		return fmt.Errorf("%w: the payload is a JSON object in Mercure 1.0", ErrMercureToken)
	default:
		return m.checkTopics(hubURL)
	}
}

// checkTopics refuses topics that would have a hub refuse the whole token, without
// saying why.
func (m MercureToken) checkTopics(hubURL string) error {
	matchers, err := matching.New(hubURL)
	if err != nil {
		return err
	}
	for _, topic := range slices.Concat(m.Publish, m.Subscribe) {
		if _, err := matchers.Compile(m.By, topic); err != nil {
			return fmt.Errorf("%w: the topic %.40q is none that a hub takes", ErrMercureToken, topic)
		}
	}
	return nil
}

func (m MercureToken) topics(texts []string) []token.Topic {
	var all []token.Topic
	for _, text := range texts {
		all = append(all, token.Topic{By: m.By, Text: text})
	}
	return all
}

// mercureKey is the key that what is wanted is signed with, and the setting that
// gives it. The program makes its own key, if it has none and needs it.
func (s Settings) mercureKey(wanted MercureToken) (setting string, key *token.HubKey, err error) {
	publisher, subscriber := s.givenKeys()
	needed := subscriber
	switch {
	case len(wanted.Subscribe) == 0:
		needed = publisher
	case len(wanted.Publish) > 0 && publisher != subscriber:
		return "", nil, fmt.Errorf("%w: publishers and subscribers have keys of their own here, so mint one for each", ErrMercureToken)
	}
	var ring *keyring.Ring // is of no use where a key is given
	if needed.missing() {
		if ring, err = s.keys(); err != nil {
			return "", nil, err
		}
	}
	key, err = s.keyOf(needed, ring, nil)
	return needed.setting, key, err
}
