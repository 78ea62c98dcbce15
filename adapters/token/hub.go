package token

import (
	"errors"
	"strings"
	"time"

	"parley/domain/hub"
	"parley/domain/identity"
)

// Role is what somebody comes to the hub for.
type Role int

// The roles.
const (
	Publisher Role = iota + 1
	Subscriber
)

// Hub verifies whatever is shown at the hub, users' tokens and Mercure ones, and
// mints Mercure tokens.
//
// Which kind a token is, it says itself; the kind decides by which keys it has to
// be signed, and no other key ever verifies it. So no kind makes another weaker.
type Hub struct {
	Users    *Tokens
	Keys     HubKeys
	Issuer   string // of Mercure 1.0 tokens: the public URL
	Audience string // of Mercure 1.0 tokens: the URL of the hub
	Compile  func(by hub.MatchType, text string) (hub.Matcher, error)
	Now      func() time.Time
}

// HubKeys are those of Mercure tokens. A key that only one of the roles has says
// nothing in the other one.
type HubKeys struct{ Publisher, Subscriber *HubKey }

func (k HubKeys) of(as Role) (*HubKey, bool) {
	switch as {
	case Publisher:
		return k.Publisher, k.Publisher != nil
	case Subscriber:
		return k.Subscriber, k.Subscriber != nil
	default:
		return nil, false
	}
}

// maxHubSize is for tokens that name many topics.
const maxHubSize = 64 << 10

// class is what kind of token something is.
type class int

const (
	nothing class = iota
	ofUser
	modern // Mercure 1.0
	legacy // Mercure 0.x
)

// classOf tells what kind of token this says it is. The first that fits counts, in
// the order of the API's contract.
func (h *Hub) classOf(header, claims object) class {
	_, ours := h.Users.find(header.text("kid"))
	_, detailed := claims[detailsClaim]
	switch {
	case ours:
		return ofUser
	case isAccessToken(header), detailed:
		return modern
	case claims.has(legacyClaim), claims.has(namespacedClaim):
		return legacy
	default:
		return nothing
	}
}

// isAccessToken: the type is compared as a media type (RFC 9068 section 4).
func isAccessToken(header object) bool {
	return strings.TrimPrefix(strings.ToLower(header.text("typ")), "application/") == kind
}

// Verify returns who comes with a token, and what a Mercure one grants of the role.
// A user does not publish at the hub, which is [hub.ErrScope]. As with
// [Tokens.Verify], a token that is good but for having expired is
// [identity.ErrExpiredToken], with the bearer that it had; any other one that is
// not good is [identity.ErrInvalidToken]. While the keys cannot be had it is
// port.ErrUnavailable.
func (h *Hub) Verify(token string, as Role) (hub.Bearer, error) {
	p, ok := split(token, maxHubSize)
	if !ok {
		return hub.Bearer{}, identity.ErrInvalidToken
	}
	claims, ok := p.claims()
	if !ok {
		return hub.Bearer{}, identity.ErrInvalidToken
	}
	switch h.classOf(p.header, claims) {
	case ofUser:
		return h.user(token, as)
	case modern:
		return h.mercure(p, claims, as, h.modern)
	case legacy:
		return h.mercure(p, claims, as, h.legacy)
	case nothing:
		return hub.Bearer{}, identity.ErrInvalidToken
	default:
		return hub.Bearer{}, identity.ErrInvalidToken
	}
}

func (h *Hub) user(token string, as Role) (hub.Bearer, error) {
	proof, err := h.Users.Verify(token)
	if err != nil && !errors.Is(err, identity.ErrExpiredToken) {
		return hub.Bearer{}, err
	}
	bearer := hub.Bearer{Caller: proof.Caller, Until: proof.Until}
	if err != nil {
		return bearer, err
	}
	if as != Subscriber {
		return hub.Bearer{}, hub.ErrScope
	}
	return bearer, nil
}

// dialect reads the claims of a token that one of the hub's keys has signed. It
// returns what they grant, whatever the role.
type dialect func(p parts, claims object) (hub.Grant, bool)

func (h *Hub) mercure(p parts, claims object, as Role, read dialect) (hub.Bearer, error) {
	key, ok := h.Keys.of(as)
	if !ok || !plainHeader(p.header) {
		return hub.Bearer{}, identity.ErrInvalidToken
	}
	if err := key.verify(p, h.Users.good); err != nil {
		return hub.Bearer{}, err
	}
	until, ok := h.inTime(claims)
	if !ok || h.forAnotherHub(claims) {
		return hub.Bearer{}, identity.ErrInvalidToken
	}
	grant, ok := read(p, claims)
	if !ok {
		return hub.Bearer{}, identity.ErrInvalidToken
	}
	if as == Publisher {
		grant.Subscribe = nil
	} else {
		grant.Publish = nil
	}
	bearer := hub.Bearer{Grant: grant, Until: until}
	if !until.IsZero() && !h.Now().Before(until) {
		return bearer, identity.ErrExpiredToken
	}
	return bearer, nil
}

// plainHeader reports whether a header asks for nothing that we do not do: a key
// that the token brings along is nobody's, and what is critical or packed
// (RFC 7515, RFC 7516) is not understood.
func plainHeader(header object) bool {
	for _, name := range []string{"crit", "jwk", "jku", "x5u", "x5c", "b64", "zip", "enc"} {
		if _, given := header[name]; given {
			return false
		}
	}
	return true
}

// inTime returns when the token ends, the zero time if it never does; false if it
// is not good yet, or does not say clearly when it is.
func (h *Hub) inTime(claims object) (until time.Time, ok bool) {
	if _, given := claims["exp"]; given {
		if until, ok = claims.moment("exp"); !ok {
			return time.Time{}, false
		}
	}
	return until, h.begun(claims, "nbf")
}

// begun reports whether the time of a claim has come, but for what clocks differ;
// also if there is no such claim.
func (h *Hub) begun(claims object, name string) bool {
	if _, given := claims[name]; !given {
		return true
	}
	from, ok := claims.moment(name)
	return ok && !from.After(h.Now().Add(leeway))
}

// forAnotherHub reports whether we have minted this for a user of another hub. It
// stands for a session that nothing here would ask about.
func (h *Hub) forAnotherHub(claims object) bool {
	return claims.has("sid") && claims.text("iss") == h.Issuer
}
