package compose

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"parley/adapters/httpapi"
	"parley/adapters/keyring"
	"parley/adapters/token"
)

// minSecret is the least length of a secret that nobody can try out, in bytes.
const minSecret = 32

// given is a key as a setting gives it.
type given struct{ setting, value string }

// missing reports whether no setting gives the key.
func (g given) missing() bool { return g.value == "" }

// givenKeys are the keys of publishers and of subscribers. Whichever is not given
// is the one of both; where that is missing it is the one that the program makes.
func (s *Settings) givenKeys() (publisher, subscriber given) {
	both := given{"MERCURE_JWT_SECRET", s.HubSecret}
	publisher, subscriber = both, both
	if s.PublisherKey != "" {
		publisher = given{"MERCURE_PUBLISHER_JWT_KEY", s.PublisherKey}
	}
	if s.SubscriberKey != "" {
		subscriber = given{"MERCURE_SUBSCRIBER_JWT_KEY", s.SubscriberKey}
	}
	return publisher, subscriber
}

// checkHub looks at what the hub is to be and at its keys, as far as that can be
// told without anything having been opened.
func (s *Settings) checkHub() error {
	if s.ExternalHub != "" && !isWebURL(s.ExternalHub) {
		return refuse("MERCURE_URL", "must be a whole http:// or https:// URL")
	}
	if err := token.CheckAlgorithm(s.HubAlgorithm); err != nil {
		return Refusal{Setting: "MERCURE_JWT_ALG", Why: err}
	}
	publisher, subscriber := s.givenKeys()
	if publisher.missing() && subscriber.missing() && !token.IsSecret(s.HubAlgorithm) {
		return refuse("MERCURE_JWT_ALG", "%s takes a key, and none is given", s.HubAlgorithm)
	}
	for _, g := range []given{publisher, subscriber} {
		if g.missing() {
			continue
		}
		if _, err := s.hubKey(g, nil); err != nil {
			return err
		}
	}
	if s.At(s.Listen).ExternalHub == "" {
		return nil
	}
	return s.checkExternalKeys(publisher, subscriber)
}

// checkExternalKeys: another hub has to know the keys, and we have to sign with
// them.
func (s *Settings) checkExternalKeys(publisher, subscriber given) error {
	for _, g := range []given{publisher, subscriber} {
		if g.missing() {
			return refuse("MERCURE_JWT_SECRET", "must be given with MERCURE_URL: it is what the other hub verifies tokens with")
		}
		key, err := s.hubKey(g, nil)
		if err != nil {
			return err
		}
		if !key.CanSign() {
			return refuse(g.setting, "must be a secret or a private key with MERCURE_URL: tokens for the other hub are signed with it")
		}
	}
	return nil
}

// hubKey makes the key that a setting gives.
func (s *Settings) hubKey(g given, log *slog.Logger) (*token.HubKey, error) {
	key, err := s.readKey(g, log)
	var refusal Refusal
	if err != nil && !errors.As(err, &refusal) {
		err = Refusal{Setting: g.setting, Why: fmt.Errorf("does not go with MERCURE_JWT_ALG=%s: %w", s.HubAlgorithm, err)}
	}
	return key, err
}

func (s *Settings) readKey(g given, log *slog.Logger) (*token.HubKey, error) {
	switch {
	case token.IsPEM(g.value):
		return token.NewHubPEM(s.HubAlgorithm, g.value)
	case strings.HasPrefix(g.value, "https://"), strings.HasPrefix(g.value, "http://"):
		return s.keySet(g, log)
	case !token.IsSecret(s.HubAlgorithm):
		return nil, refuse(g.setting, "is neither a key in PEM nor the URL of a key set, which MERCURE_JWT_ALG=%s takes", s.HubAlgorithm)
	}
	switch {
	case g.value == s.MasterKey:
		return nil, refuse(g.setting, "is the same as PARLEY_MASTER_KEY: whoever knows the one would know the other")
	case len(g.value) < minSecret && !s.Loopback():
		return nil, refuse(g.setting, "has %d bytes; it takes %d or more", len(g.value), minSecret)
	case slices.Contains(samples, g.value) && !s.Loopback():
		return nil, refuse(g.setting, "is a sample that everybody knows; make one of your own")
	}
	return token.NewHubSecret(s.HubAlgorithm, []byte(g.value))
}

// keySet is what is behind a URL. Nobody on the way may put keys of their own in
// its place.
func (s *Settings) keySet(g given, log *slog.Logger) (*token.HubKey, error) {
	parsed, err := url.Parse(g.value)
	if err != nil || !isWebURL(g.value) {
		return nil, refuse(g.setting, "is no URL of a key set")
	}
	if parsed.Scheme != "https" && !isLoopback(parsed.Hostname()) {
		return nil, refuse(g.setting, "is the URL of a key set, and must be https")
	}
	trouble := func(err error) {
		log.Error("the keys of Mercure tokens cannot be read", slog.String("setting", g.setting), slog.Any("error", err))
	}
	return token.NewHubKeySet(s.HubAlgorithm, &token.KeySet{URL: g.value, Now: time.Now, Trouble: trouble})
}

// hubKeys are the keys of Mercure tokens.
func (s *Settings) hubKeys(ring *keyring.Ring, log *slog.Logger) (token.HubKeys, error) {
	publisher, subscriber := s.givenKeys()
	publishing, err1 := s.keyOf(publisher, ring, log)
	subscribing, err2 := s.keyOf(subscriber, ring, log)
	return token.HubKeys{Publisher: publishing, Subscriber: subscribing}, errors.Join(err1, err2)
}

// keyOf is the key that is given, else the ring's.
func (s *Settings) keyOf(g given, ring *keyring.Ring, log *slog.Logger) (*token.HubKey, error) {
	if !g.missing() {
		return s.hubKey(g, log)
	}
	if ring.Hub == ([len(ring.Hub)]byte{}) {
		return nil, errors.New("compose: the ring has no key of the hub")
	}
	return token.NewHubSecret("HS256", ring.Hub[:])
}

// ownHub is where the embedded hub is.
func (s *Settings) ownHub() string { return s.PublicURL + httpapi.FeedPath }

// isOwnHub reports whether the hub that is named is the embedded one of a program
// that listens at this address, by whatever name of this machine.
func (s *Settings) isOwnHub(address string) bool {
	if s.ExternalHub == s.ownHub() {
		return true
	}
	named, err := url.Parse(s.ExternalHub)
	if err != nil || !isLoopback(named.Hostname()) || named.Path != httpapi.FeedPath || named.Scheme != s.scheme() {
		return false
	}
	host, port, err := net.SplitHostPort(address)
	return err == nil && cmp.Or(named.Port(), ports[named.Scheme]) == port && (isLoopback(host) || isUnspecified(host))
}

func isUnspecified(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "" || err == nil && address.IsUnspecified()
}
