package token

import (
	"encoding/base64"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"parley/domain/identity"
)

const (
	maxSize = 8 << 10
	leeway  = 30 * time.Second // of nbf and iat: clocks differ
)

// Verify returns what a token proves. One that is good but for having expired is
// [identity.ErrExpiredToken], with the proof that it was; any other token that is
// not good is [identity.ErrInvalidToken].
//
// A signature that was good stays good, so that is remembered. Whether the key
// is still one of ours and what time it is are looked at every time.
func (t *Tokens) Verify(token string) (identity.Proof, error) {
	claims, ok := t.open(token)
	if !ok {
		return identity.Proof{}, identity.ErrInvalidToken
	}
	proof, ok := t.believe(claims)
	if !ok {
		return identity.Proof{}, identity.ErrInvalidToken
	}
	if !t.now().Before(proof.Until) {
		return proof, identity.ErrExpiredToken
	}
	return proof, nil
}

// open returns the claims of a token that one of our keys has signed.
func (t *Tokens) open(token string) (object, bool) {
	p, ok := split(token, maxSize)
	if !ok {
		return nil, false
	}
	// Everything that we write into a header and nothing else: a crit, a jwk or a
	// jku asks for something that we do not do.
	id := p.header.text("kid")
	algorithm := p.header.text("alg")
	typ := p.header.text("typ")
	k, ours := t.find(id)
	if !ours || len(p.header) != 3 || algorithm != jwt.SigningMethodEdDSA.Alg() || typ != kind {
		return nil, false
	}
	if !t.signed(k, token, p.signed) {
		return nil, false
	}
	return p.claims()
}

// signed reports whether k has signed the token.
func (t *Tokens) signed(k key, token, signed string) bool {
	if t.good.has(token) {
		return true
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(token[len(signed)+1:])
	if err != nil || jwt.SigningMethodEdDSA.Verify(signed, signature, k.public) != nil {
		return false
	}
	t.good.add(token)
	return true
}

// believe reads the claims of a token that we have signed. What is missing or
// was not meant for here proves nothing.
func (t *Tokens) believe(claims object) (identity.Proof, bool) {
	issuer := claims.text("iss")
	audience := claims.text("aud")
	by := claims.text("client_id")
	id := claims.text("jti")
	if issuer != t.issuer || audience != t.issuer || by != client || id == "" {
		return identity.Proof{}, false
	}
	subject := claims.text("sub")
	user, err := identity.ParseUserID(subject)
	if err != nil {
		return identity.Proof{}, false
	}
	sid := claims.text("sid")
	session, err := identity.ParseSessionID(sid)
	if err != nil {
		return identity.Proof{}, false
	}
	issued, hasIssued := claims.time("iat")
	expires, hasExpires := claims.time("exp")
	soon := t.now().Add(leeway)
	if !hasIssued || !hasExpires || issued.After(soon) {
		return identity.Proof{}, false
	}
	if _, given := claims["nbf"]; given {
		if from, ok := claims.time("nbf"); !ok || from.After(soon) {
			return identity.Proof{}, false
		}
	}
	return identity.Proof{Caller: identity.Caller{User: user, Session: session}, Until: expires}, true
}
