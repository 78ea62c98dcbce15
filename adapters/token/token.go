// Package token mints and verifies the access tokens of users: JWTs signed with
// Ed25519, as RFC 9068 describes them and RFC 8725 advises.
//
// A token's kid chooses its key, and only our own kids are known; nothing else in
// a token is believed before its signature has been verified.
package token

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
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
	keys   []key // the newest first
	good   *signatures
}

// key is a signing key with its public name.
type key struct {
	id      string
	private ed25519.PrivateKey
	public  ed25519.PublicKey
}

// New takes the signing keys, the newest first: it signs, and all of them
// verify. The issuer is the public URL.
func New(signing []ed25519.PrivateKey, issuer string, now func() time.Time) (*Tokens, error) {
	if len(signing) == 0 || issuer == "" {
		return nil, errors.New("token: there is no signing key, or no issuer")
	}
	t := &Tokens{issuer: issuer, now: now, good: newSignatures(rememberedSignatures)}
	for _, private := range signing {
		if len(private) != ed25519.PrivateKeySize {
			return nil, errors.New("token: a signing key is not one of Ed25519")
		}
		public := ed25519.PublicKey(private[ed25519.PrivateKeySize-ed25519.PublicKeySize:]) // RFC 8032: the key's second half
		t.keys = append(t.keys, key{id: thumbprint(public), private: private, public: public})
	}
	return t, nil
}

// Mint makes a token for the caller, and tells what it will prove. It ends no
// later than end, when their session does; the zero end is none.
func (t *Tokens) Mint(who identity.Caller, end time.Time) (string, identity.Proof, error) {
	issued := t.now().UTC().Truncate(time.Second) // tokens count whole seconds
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
	token.Header["kid"] = t.keys[0].id
	signed, err := token.SignedString(t.keys[0].private)
	if err != nil {
		return "", identity.Proof{}, fmt.Errorf("mint a token: %w", err)
	}
	return signed, identity.Proof{Caller: who, Until: expires}, nil
}

// find returns the key of this name.
func (t *Tokens) find(id string) (key, bool) {
	for _, k := range t.keys {
		if k.id == id {
			return k, true
		}
	}
	return key{}, false
}

// encode is the base64url that all parts of a token and its keys are written in.
func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
