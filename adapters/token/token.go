// Package token mints and verifies tokens: [Tokens] the access tokens of users,
// which are JWTs signed with Ed25519, as RFC 9068 describes them and RFC 8725
// advises; [Hub] whatever is shown at the hub, users' tokens and those of both
// dialects of the Mercure protocol.
//
// What a token says of itself chooses the keys that it has to be signed by, and
// nothing else in it is believed before its signature has been verified. No key
// serves two kinds of tokens.
package token

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"parley/domain/identity"
)

const (
	kind   = "at+jwt" // RFC 9068 section 2.1
	client = "parley"
)

// Life is how long a token shows who its bearer is.
const Life = 5 * time.Minute

// Tokens mints and verifies.
type Tokens struct {
	issuer string // and audience: the tokens are for ourselves
	now    func() time.Time
	keys   atomic.Pointer[[]key] // the newest first
	good   *signatures
}

// New takes the signing keys, as Use does. The issuer is the public URL.
func New(signing []Signing, issuer string, now func() time.Time) (*Tokens, error) {
	if issuer == "" {
		return nil, errors.New("token: there is no issuer")
	}
	t := &Tokens{issuer: issuer, now: now, good: newSignatures(rememberedSignatures)}
	return t, t.Use(signing)
}

// Mint makes a token for the caller, and tells what it will prove. It ends no
// later than end, when their session does; the zero end is none.
func (t *Tokens) Mint(who identity.Caller, end time.Time) (string, identity.Proof, error) {
	now := t.now()
	signs := t.signs(now)
	issued := now.UTC().Truncate(time.Second) // tokens count whole seconds
	expires := issued.Add(Life)
	if end = end.UTC().Truncate(time.Second); !end.IsZero() && end.Before(expires) {
		expires = end
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{
		"iss":       t.issuer,
		"aud":       t.issuer,
		"sub":       who.User.String(),
		"sid":       who.Session.String(),
		"client_id": client,
		"iat":       issued.Unix(),
		"exp":       expires.Unix(),
		"jti":       rand.Text(),
	})
	token.Header["typ"] = kind
	token.Header["kid"] = signs.id
	signed, err := token.SignedString(signs.private)
	if err != nil {
		return "", identity.Proof{}, fmt.Errorf("mint a token: %w", err)
	}
	return signed, identity.Proof{Caller: who, Until: expires}, nil
}

// encode is the base64url that all parts of a token and its keys are written in.
func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
