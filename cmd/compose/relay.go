package compose

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"parley/adapters/mercurefeed"
	"parley/adapters/token"
	"parley/adapters/wire"
	"parley/application/relaying"
	"parley/domain/hub"
	"parley/domain/identity"
)

const (
	// tokenForHub is how long a token is good that we publish with, or try a hub with.
	tokenForHub = time.Minute
	// patience is how long an entry is tried that the external hub does not take.
	patience = time.Minute
)

// externalHub is the hub of somebody else's; nil if there is none.
func (s Settings) externalHub(keys token.HubKeys, cursors *wire.Cursors, now func() time.Time) *mercurefeed.Hub {
	if s.ExternalHub == "" {
		return nil
	}
	return &mercurefeed.Hub{
		URL: s.ExternalHub, Cursors: cursors, Client: mercurefeed.Client(), Now: now,
		Publisher: func(topics ...string) (string, error) {
			return keys.Publisher.Mint(s.forHub(now(), named(topics), nil), now())
		},
	}
}

// subscriberAt makes tokens to try the external hub with.
func (s Settings) subscriberAt(keys token.HubKeys, now func() time.Time) mercurefeed.Mint {
	return func(topics ...string) (string, error) {
		return keys.Subscriber.Mint(s.forHub(now(), nil, named(topics)), now())
	}
}

func (s Settings) forHub(now time.Time, publish, subscribe []token.Topic) token.HubToken {
	return token.HubToken{
		Dialects:  []hub.Dialect{hub.Legacy, hub.Modern},
		Publish:   publish,
		Subscribe: subscribe,
		Payload:   nil,
		Issuer:    s.PublicURL,
		Audience:  s.HubURL,
		Subject:   "parley",
		Session:   identity.SessionID{},
		Until:     now.Add(tokenForHub),
	}
}

// named has a template as each version of the protocol takes it; the other one
// finds nothing in it.
func named(topics []string) []token.Topic {
	var all []token.Topic
	for _, topic := range topics {
		if !strings.Contains(topic, "{") {
			all = append(all, token.Topic{By: hub.Exact, Text: topic})
			continue
		}
		all = append(all, token.Topic{By: hub.URLPattern, Text: topic},
			token.Topic{By: hub.URLPattern, Text: strings.NewReplacer("{", ":", "}", "").Replace(topic)})
	}
	return all
}

// newRelay returns what hands the log on to the external hub; nil if there is none.
func newRelay(p *Parts, to *mercurefeed.Hub) *relaying.Relay {
	if to == nil {
		return nil
	}
	return relaying.New(relaying.Settings{
		Hub: to.URL, Log: p.Log, Work: p.Work, Relays: p.Relays, Publish: to.Publish,
		Now: p.Now, Jitter: upTo, Logger: p.Logger, Poll: poll, Patience: patience,
	})
}

// upTo is a time up to the given one, at random.
func upTo(most time.Duration) time.Duration {
	return rand.N(most + 1) //nolint:gosec // nobody gains by guessing it
}

// Prepare has the external hub, if there is one, take a token of ours, which is
// refused if it does not: nothing that is said would ever arrive. A hub that is
// away is waited for while the program serves. Then everything that happens from
// now on is handed on.
func (p *Program) Prepare(ctx context.Context) error {
	if p.relay == nil {
		return nil
	}
	switch err := p.external.Accepts(ctx); {
	case errors.Is(err, mercurefeed.ErrPublisher):
		return p.settings.hubRefusal(err)
	case err != nil:
		p.log.WarnContext(ctx, "the external hub is not there yet; what happens is kept for it", slog.Any("error", err))
	}
	if err := p.relay.Begin(ctx); err != nil {
		return fmt.Errorf("begin the relay: %w", err)
	}
	return nil
}

// hand hands the log on until ctx ends.
func (p *Program) hand(ctx context.Context) {
	if p.relay == nil {
		return
	}
	stop, err := p.bus.Listen(p.relay.Ring)
	if err != nil {
		p.log.WarnContext(ctx, "the relay hears no rings, and looks by itself", slog.Any("error", err))
	} else {
		defer stop()
	}
	p.relay.Run(ctx)
	p.external.Client.CloseIdleConnections()
}

// hubRefusal names the setting that is to blame for a hub that does not do what is
// wanted of it.
func (s Settings) hubRefusal(err error) error {
	publisher, subscriber := s.givenKeys()
	switch {
	case errors.Is(err, mercurefeed.ErrPublisher):
		return Refusal{Setting: publisher.setting, Why: fmt.Errorf("is not the key by which %s verifies publishers: %w", s.ExternalHub, err)}
	case errors.Is(err, mercurefeed.ErrSubscriber):
		return Refusal{Setting: subscriber.setting, Why: fmt.Errorf("is not the key by which %s verifies subscribers: %w", s.ExternalHub, err)}
	default:
		return Refusal{Setting: "MERCURE_URL", Why: fmt.Errorf("%s: %w", s.ExternalHub, err)}
	}
}

// CheckHub tries the external hub, if there is one, and says in a line what came
// of it.
func CheckHub(ctx context.Context, s Settings, log *slog.Logger) (found string, err error) {
	s = s.At(s.Listen)
	if s.ExternalHub == "" {
		return "embedded", nil
	}
	keys, err := s.hubKeys(nil, log) // they are given, or the settings would have been refused
	if err != nil {
		return "", err
	}
	external := s.externalHub(keys, nil, time.Now)
	defer external.Client.CloseIdleConnections()
	keepsHistory, err := external.Try(ctx, s.subscriberAt(keys, time.Now))
	switch {
	case err != nil:
		return "", s.hubRefusal(err)
	case keepsHistory:
		return "takes and hands out what it should; but it keeps a history, in which words stay that people delete here: switch that off (TRANSPORT_URL=local://local, or transport local in a Caddyfile)", nil
	default:
		return "fine", nil
	}
}
