package token

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"

	"parley/domain/identity"
)

// algorithms are those that a hub's key can be for. There is no other one, none
// least of all, whatever a token says.
var algorithms = map[string]jwt.SigningMethod{
	"HS256": jwt.SigningMethodHS256, "HS384": jwt.SigningMethodHS384, "HS512": jwt.SigningMethodHS512,
	"RS256": jwt.SigningMethodRS256, "RS384": jwt.SigningMethodRS384, "RS512": jwt.SigningMethodRS512,
	"PS256": jwt.SigningMethodPS256, "PS384": jwt.SigningMethodPS384, "PS512": jwt.SigningMethodPS512,
	"ES256": jwt.SigningMethodES256, "ES384": jwt.SigningMethodES384, "ES512": jwt.SigningMethodES512,
	"EdDSA": jwt.SigningMethodEdDSA,
}

// What a key is refused for.
var (
	ErrAlgorithm = errors.New("token: there is no such algorithm, or it is not taken here")
	ErrUnfit     = errors.New("token: the key does not fit the algorithm")
)

// minRSA is the least length of an RSA key in bits (RFC 7518 section 3.3).
const minRSA = 2048

// HubKey verifies Mercure tokens by one algorithm, and signs them where it has
// what that takes.
type HubKey struct {
	method  jwt.SigningMethod
	private any // nil: it cannot sign
	keys    keys
}

// keys are those that may have signed what names one of them.
type keys interface {
	find(method jwt.SigningMethod, id string) ([]verifying, error)
}

// verifying is what one signature can be verified with.
type verifying struct {
	print string // tells it from others; empty: verifying costs no more than remembering
	key   any
}

// IsSecret reports whether an algorithm takes a secret that both sides know.
func IsSecret(algorithm string) bool {
	_, secret := algorithms[algorithm].(*jwt.SigningMethodHMAC)
	return secret
}

// CheckAlgorithm returns nil if there is such an algorithm, else [ErrAlgorithm].
func CheckAlgorithm(name string) error {
	if algorithms[name] == nil {
		return ErrAlgorithm
	}
	return nil
}

// NewHubSecret is a key that is a secret.
func NewHubSecret(algorithm string, secret []byte) (*HubKey, error) {
	if !IsSecret(algorithm) || len(secret) == 0 {
		return nil, fmt.Errorf("%w: %s takes no secret", ErrUnfit, algorithm)
	}
	return &HubKey{method: algorithms[algorithm], private: secret, keys: verifying{key: secret}}, nil
}

// NewHubKeySet is the keys behind a URL, whichever they are at the time.
func NewHubKeySet(algorithm string, set *KeySet) (*HubKey, error) {
	method := algorithms[algorithm]
	if method == nil || IsSecret(algorithm) {
		return nil, fmt.Errorf("%w: %s takes no key set", ErrUnfit, algorithm)
	}
	return &HubKey{method: method, keys: set}, nil
}

// CanSign reports whether tokens can be signed with the key.
func (k *HubKey) CanSign() bool { return k != nil && k.private != nil }

// find returns the key, whatever it is called.
func (v verifying) find(jwt.SigningMethod, string) ([]verifying, error) { return []verifying{v}, nil }

// verify returns nil if the key has signed the token.
func (k *HubKey) verify(p parts, good *signatures) error {
	signature, ok := p.signature()
	if !ok || p.header.text("alg") != k.method.Alg() {
		return identity.ErrInvalidToken
	}
	keys, err := k.keys.find(k.method, p.header.text("kid"))
	if err != nil {
		return err
	}
	for _, v := range keys {
		known := v.print + " " + p.token // no print has a space in it, and no token
		if v.print != "" && good.has(known) {
			return nil
		}
		if k.method.Verify(p.signed, signature, v.key) != nil {
			continue
		}
		if v.print != "" {
			good.add(known)
		}
		return nil
	}
	return identity.ErrInvalidToken
}

// fits returns nil if a public key is one for the algorithm (RFC 7518, RFC 8037).
func fits(method jwt.SigningMethod, public any) error {
	ok := false
	switch method := method.(type) {
	case *jwt.SigningMethodRSA, *jwt.SigningMethodRSAPSS:
		key, is := public.(*rsa.PublicKey)
		if is && key.N.BitLen() < minRSA {
			return fmt.Errorf("%w: an RSA key has %d bits or more", ErrUnfit, minRSA)
		}
		ok = is
	case *jwt.SigningMethodECDSA:
		key, is := public.(*ecdsa.PublicKey)
		ok = is && key.Curve == curves[method]
	case *jwt.SigningMethodEd25519:
		_, ok = public.(ed25519.PublicKey)
	}
	if !ok {
		return fmt.Errorf("%w: it is not one for %s", ErrUnfit, method.Alg())
	}
	return nil
}

var curves = map[*jwt.SigningMethodECDSA]elliptic.Curve{
	jwt.SigningMethodES256: elliptic.P256(),
	jwt.SigningMethodES384: elliptic.P384(),
	jwt.SigningMethodES512: elliptic.P521(),
}

// printOf names what verifies by what it is.
func printOf(encoded []byte) string {
	sum := sha256.Sum256(encoded)
	return encode(sum[:])
}
