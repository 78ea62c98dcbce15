package token_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"sync"
	"testing"

	"parley/adapters/token"
	"parley/domain/hub"
	"parley/domain/identity"
)

// family is what algorithms sign with the same key.
type family struct {
	is         string
	algorithms []string
	key        crypto.Signer
}

// families are made once: RSA keys take their time.
var families = sync.OnceValue(func() []family {
	rsaKey, err1 := rsa.GenerateKey(rand.Reader, 2048)
	p256, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p384, err3 := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	p521, err4 := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		panic(err)
	}
	return []family{
		{"RSA", []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}, rsaKey},
		{"P-256", []string{"ES256"}, p256},
		{"P-384", []string{"ES384"}, p384},
		{"P-521", []string{"ES512"}, p521},
		{"Ed25519", []string{"EdDSA"}, newKey},
	}
})

func pemOf(t testing.TB, kind string, encoded []byte, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: encoded}))
}

func publicPEM(t testing.TB, key crypto.Signer) string {
	t.Helper()
	encoded, err := x509.MarshalPKIXPublicKey(key.Public())
	return pemOf(t, "PUBLIC KEY", encoded, err)
}

func privatePEM(t testing.TB, key crypto.Signer) string {
	t.Helper()
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	return pemOf(t, "PRIVATE KEY", encoded, err)
}

var wanted = token.HubToken{
	Dialects:  []hub.Dialect{hub.Modern},
	Publish:   []token.Topic{{By: hub.Exact, Text: "https://e.com/1"}},
	Subscribe: []token.Topic{{By: hub.URLPattern, Text: "https://e.com/2"}},
	Payload:   []byte(`{"a":1}`),
	Issuer:    issuer, Audience: hubURL, Subject: "somebody", Until: noon.AddDate(0, 0, 1),
}

func mint(t testing.TB, key *token.HubKey) string {
	t.Helper()
	minted, err := key.Mint(wanted, noon)
	if err != nil {
		t.Fatal(err)
	}
	return minted
}

func verifies(t testing.TB, key *token.HubKey, minted string) bool {
	t.Helper()
	h := hubOf(t, &clock{at: noon})
	h.Keys = token.HubKeys{Subscriber: key}
	bearer, err := h.Verify(minted, token.Subscriber)
	if err != nil && !errors.Is(err, identity.ErrInvalidToken) {
		t.Fatal(err)
	}
	return err == nil && bearer.Grant.MaySubscribe("https://e.com/2")
}

// What a private key signs, its public key verifies, and by no other algorithm.
//
// Mercure: H3.
func TestAKeyVerifiesByItsAlgorithmAlone(t *testing.T) {
	for _, f := range families() {
		for _, algorithm := range f.algorithms {
			private, err1 := token.NewHubPEM(algorithm, privatePEM(t, f.key))
			public, err2 := token.NewHubPEM(algorithm, publicPEM(t, f.key))
			if err := errors.Join(err1, err2); err != nil {
				t.Fatalf("%s with %s: %v", f.is, algorithm, err)
			}
			minted := mint(t, private)
			if !verifies(t, public, minted) || !verifies(t, private, minted) {
				t.Errorf("%s: what is signed by %s is not verified", f.is, algorithm)
			}
			if !private.CanSign() || public.CanSign() {
				t.Errorf("%s: the private key signs: %t, and the public key: %t", algorithm, private.CanSign(), public.CanSign())
			}
			if _, err := public.Mint(wanted, noon); !errors.Is(err, token.ErrCannotSign) {
				t.Errorf("%s: minting with a public key: got %v", algorithm, err)
			}
			for _, other := range f.algorithms {
				same, err := token.NewHubPEM(other, publicPEM(t, f.key))
				if err != nil {
					t.Fatal(err)
				}
				if verifies(t, same, minted) != (other == algorithm) {
					t.Errorf("what is signed by %s is verified by %s: %t", algorithm, other, other != algorithm)
				}
			}
			shown := []byte(publicPEM(t, f.key))
			confused := hs256(shown, replace(modernHeader, "HS256", algorithm), modernClaims)
			for _, hostile := range []string{hs256(shown, modernHeader, modernClaims), confused} {
				if verifies(t, public, hostile) {
					t.Errorf("%s: the public key is taken for a secret", algorithm)
				}
			}
		}
	}
}

func TestSecretsAreOfTheirLengthOfHash(t *testing.T) {
	for _, algorithm := range []string{"HS256", "HS384", "HS512"} {
		key, err1 := token.NewHubSecret(algorithm, []byte(hubSecret))
		other, err2 := token.NewHubSecret(algorithm, []byte(publisherSecret))
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		minted := mint(t, key)
		if !verifies(t, key, minted) || verifies(t, other, minted) {
			t.Errorf("%s: its own secret verifies: %t, and another one: %t", algorithm, verifies(t, key, minted), verifies(t, other, minted))
		}
		if algorithm != "HS256" && verifies(t, secretKey(t, hubSecret), minted) {
			t.Errorf("what is signed by %s is verified by HS256", algorithm)
		}
	}
}

func TestAKeyThatDoesNotFitItsAlgorithmIsRefused(t *testing.T) {
	all := families()
	for _, f := range all {
		for _, other := range all {
			for _, algorithm := range other.algorithms {
				_, err1 := token.NewHubPEM(algorithm, publicPEM(t, f.key))
				_, err2 := token.NewHubPEM(algorithm, privatePEM(t, f.key))
				if fits := f.is == other.is; fits == errors.Is(err1, token.ErrUnfit) || fits == errors.Is(err2, token.ErrUnfit) {
					t.Errorf("%s for %s: got %v and %v", f.is, algorithm, err1, err2)
				}
			}
		}
		for _, algorithm := range []string{"HS256", "none", "", "RS1", "ES256K"} {
			if _, err := token.NewHubPEM(algorithm, publicPEM(t, f.key)); !errors.Is(err, token.ErrUnfit) {
				t.Errorf("%s for %q: got %v", f.is, algorithm, err)
			}
		}
	}
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"a short key":   publicPEM(t, short),
		"no PEM":        "RS256",
		"half of a key": publicPEM(t, all[0].key)[:100],
		"a certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"not a key":     "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
	} {
		if _, err := token.NewHubPEM("RS256", text); !errors.Is(err, token.ErrUnfit) {
			t.Errorf("%s: got %v, want %v", name, err, token.ErrUnfit)
		}
	}
	for _, algorithm := range []string{"RS256", "EdDSA", "none", ""} {
		if _, err := token.NewHubSecret(algorithm, []byte(hubSecret)); !errors.Is(err, token.ErrUnfit) {
			t.Errorf("a secret for %q: got %v", algorithm, err)
		}
	}
	if _, err := token.NewHubSecret("HS256", nil); !errors.Is(err, token.ErrUnfit) {
		t.Errorf("an empty secret: got %v", err)
	}
}

// Keys are written as the tools of their families write them.
func TestKeysInPEMAreReadAsTheyAreWritten(t *testing.T) {
	rsaKey, isRSA := families()[0].key.(*rsa.PrivateKey)
	ecKey, isEC := families()[1].key.(*ecdsa.PrivateKey)
	if !isRSA || !isEC {
		t.Fatal("the families are in another order")
	}
	ec, err := x509.MarshalECPrivateKey(ecKey)
	for name, c := range map[string]struct{ algorithm, text string }{
		"an RSA public key of old":  {"RS256", pemOf(t, "RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey), nil)},
		"an RSA private key of old": {"RS256", pemOf(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey), nil)},
		"an EC private key of old":  {"ES256", pemOf(t, "EC PRIVATE KEY", ec, err)},
		"in one line":               {"EdDSA", strings.ReplaceAll(publicPEM(t, newKey), "\n", `\n`)},
		"with white space":          {"EdDSA", "\n  " + publicPEM(t, newKey) + "\n"},
	} {
		if _, err := token.NewHubPEM(c.algorithm, c.text); err != nil || !token.IsPEM(c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A signature that was good for one of the roles is not remembered for the other.
//
// Mercure: H8.
func TestWhatIsRememberedIsOfOneKeyAlone(t *testing.T) {
	h := hubOf(t, &clock{at: noon})
	signer, err1 := token.NewHubPEM("EdDSA", privatePEM(t, newKey))
	other, err2 := token.NewHubPEM("EdDSA", publicPEM(t, oldKey))
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	h.Keys = token.HubKeys{Publisher: signer, Subscriber: other}
	minted := mint(t, signer)
	for range 2 {
		if _, err := h.Verify(minted, token.Publisher); err != nil {
			t.Fatal(err)
		}
		if bearer, err := h.Verify(minted, token.Subscriber); !errors.Is(err, identity.ErrInvalidToken) {
			t.Errorf("got %+v, %v, want %v", bearer, err, identity.ErrInvalidToken)
		}
	}
}
