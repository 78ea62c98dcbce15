package token

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
)

// jwk is a public key as RFC 8037 writes it.
type jwk struct {
	Algorithm string `json:"alg"`
	Curve     string `json:"crv"`
	ID        string `json:"kid"`
	Type      string `json:"kty"`
	Use       string `json:"use"`
	X         string `json:"x"`
}

// JWKS is the set of the public keys that tokens are verified with by now, as it stands at /.well-known/jwks.json.
func (t *Tokens) JWKS() []byte {
	set := struct {
		Keys []jwk `json:"keys"`
	}{}
	now := t.now()
	for _, k := range *t.keys.Load() {
		if k.verifies(now) {
			set.Keys = append(set.Keys, jwk{
				Algorithm: "EdDSA", Curve: "Ed25519", ID: k.id, Type: "OKP", Use: "sig", X: encode(k.public),
			})
		}
	}
	text, err := json.Marshal(set)
	if err != nil {
		panic(err) // a list of texts can be written
	}
	return text
}

// thumbprint names a key by what it is (RFC 7638), so that all nodes give it the
// same name and no two keys have one.
func thumbprint(public ed25519.PublicKey) string {
	sum := sha256.Sum256([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + encode(public) + `"}`))
	return encode(sum[:])
}
