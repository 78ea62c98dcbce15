package token_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"parley/adapters/token"
	"parley/domain/identity"
)

const issuer = "https://chat.example.org"

func TestATokenProvesWhoCallsUntilItExpires(t *testing.T) {
	clock := &clock{at: noon.Add(700 * time.Millisecond)}
	tokens := tokensOf(t, clock, oldKey)
	minted, promised, err := tokens.Mint(caller(t, 7, 9), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	want := identity.Proof{Caller: caller(t, 7, 9), Until: noon.Add(token.Life)}
	if promised != want {
		t.Errorf("mint promises %v, want %v", promised, want)
	}
	for range 2 { // the second time from memory
		if got, err := tokens.Verify(minted); err != nil || got != want {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
	clock.at = want.Until.Add(-time.Nanosecond)
	if _, err := tokens.Verify(minted); err != nil {
		t.Errorf("just before its end: %v", err)
	}
	clock.at = want.Until
	got, err := tokens.Verify(minted)
	if !errors.Is(err, identity.ErrExpiredToken) || got != want {
		t.Errorf("at its end: got %v, %v, want %v and %v", got, err, want, identity.ErrExpiredToken)
	}
}

func TestATokenEndsNoLaterThanItsSession(t *testing.T) {
	tokens := tokensOf(t, &clock{at: noon}, oldKey)
	for end, want := range map[time.Duration]time.Duration{
		90*time.Second + 999*time.Millisecond: 90 * time.Second,
		token.Life:                            token.Life,
		time.Hour:                             token.Life,
		-time.Hour:                            -time.Hour,
	} {
		_, got, err := tokens.Mint(caller(t, 7, 9), noon.Add(end))
		if err != nil || !got.Until.Equal(noon.Add(want)) {
			t.Errorf("of a session of %v: until %v (%v), want %v", end, got.Until, err, noon.Add(want))
		}
	}
}

// Mercure: H1.
func TestATokenSaysWhatTheContractSays(t *testing.T) {
	tokens := tokensOf(t, &clock{at: noon}, oldKey)
	minted, _, err := tokens.Mint(caller(t, 7, 9), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	header, claims := read(t, minted)
	if header["typ"] != "at+jwt" || header["alg"] != "EdDSA" || header["kid"] == "" || len(header) != 3 {
		t.Errorf("the header is %v", header)
	}
	id := claims["jti"]
	want := map[string]any{
		"iss": issuer, "aud": issuer, "sub": "7", "sid": "9", "client_id": "parley",
		"iat": float64(noon.Unix()), "exp": float64(noon.Add(5 * time.Minute).Unix()), "jti": id,
	}
	if !maps.Equal(claims, want) || id == "" {
		t.Errorf("the claims are %v, want %v", claims, want)
	}
	second, _, err := tokens.Mint(caller(t, 7, 9), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if _, claims := read(t, second); claims["jti"] == id {
		t.Error("two tokens have one jti")
	}
}

func TestTheKeySetVerifiesTheTokens(t *testing.T) {
	tokens := tokensOf(t, &clock{at: noon}, newKey, oldKey)
	minted, _, err := tokens.Mint(caller(t, 7, 9), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(tokens.JWKS(), &set); err != nil {
		t.Fatal(err)
	}
	header, _ := read(t, minted)
	if len(set.Keys) != 2 || set.Keys[0]["kid"] != header["kid"] {
		t.Fatalf("the key set is %v, and the token is signed by %v", set.Keys, header["kid"])
	}
	first := set.Keys[0]
	if first["kty"] != "OKP" || first["crv"] != "Ed25519" || first["alg"] != "EdDSA" || first["use"] != "sig" {
		t.Errorf("the key is %v", first)
	}
	if _, private := first["d"]; private || len(first) != 6 {
		t.Errorf("the key has more than its public part: %v", first)
	}
	public, err := base64.RawURLEncoding.DecodeString(first["x"])
	if err != nil {
		t.Fatal(err)
	}
	signed, signature := cut(t, minted)
	if !ed25519.Verify(public, []byte(signed), signature) {
		t.Error("the token does not verify with the key of the set")
	}
}

// RFC 8037 appendix A.3 names the key of RFC 8032's first test.
func TestAKeyIsNamedByItsThumbprint(t *testing.T) {
	seed, _ := base64.RawURLEncoding.DecodeString("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
	tokens := tokensOf(t, &clock{at: noon}, ed25519.NewKeyFromSeed(seed))
	if want := "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"; !bytes.Contains(tokens.JWKS(), []byte(want)) {
		t.Errorf("got %s, want the kid %s", tokens.JWKS(), want)
	}
}

func TestARotationEndsNoSession(t *testing.T) {
	clock := &clock{at: noon}
	before, _, err := tokensOf(t, clock, oldKey).Mint(caller(t, 7, 9), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	rotated := tokensOf(t, clock, newKey, oldKey)
	if _, err := rotated.Verify(before); err != nil {
		t.Errorf("a token of the key before: %v", err)
	}
	after, _, err := rotated.Mint(caller(t, 7, 9), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokensOf(t, clock, newKey).Verify(after); err != nil {
		t.Errorf("a token of the newest key: %v", err)
	}
	if _, err := tokensOf(t, clock, newKey).Verify(before); !errors.Is(err, identity.ErrInvalidToken) {
		t.Errorf("a token of a key that is gone: got %v, want %v", err, identity.ErrInvalidToken)
	}
}

func TestNoTokensAreMadeWithoutAKeyOrAnIssuer(t *testing.T) {
	for name, c := range map[string]struct {
		keys   []token.Signing
		issuer string
	}{
		"no key":      {nil, issuer},
		"no issuer":   {[]token.Signing{{Key: oldKey}}, ""},
		"a short key": {[]token.Signing{{Key: oldKey[:32]}}, issuer},
	} {
		if _, err := token.New(c.keys, c.issuer, time.Now); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

var (
	noon   = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	oldKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	newKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func tokensOf(t *testing.T, c *clock, keys ...ed25519.PrivateKey) *token.Tokens {
	t.Helper()
	var signing []token.Signing
	for _, key := range keys {
		signing = append(signing, token.Signing{Key: key})
	}
	tokens, err := token.New(signing, issuer, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func caller(t *testing.T, user, session int64) identity.Caller {
	t.Helper()
	id, err1 := identity.UserIDFrom(user)
	sid, err2 := identity.SessionIDFrom(session)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return identity.Caller{User: id, Session: sid}
}

func read(t *testing.T, minted string) (header, claims map[string]any) {
	t.Helper()
	parts := strings.Split(minted, ".")
	for i, into := range []*map[string]any{&header, &claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatal(err)
		}
	}
	return header, claims
}

func cut(t *testing.T, minted string) (signed string, signature []byte) {
	t.Helper()
	at := strings.LastIndexByte(minted, '.')
	signature, err := base64.RawURLEncoding.DecodeString(minted[at+1:])
	if err != nil {
		t.Fatal(err)
	}
	return minted[:at], signature
}

// sign makes a token of any header and claims, as who has stolen a key could.
func sign(private ed25519.PrivateKey, header, claims string) string {
	signed := text(header) + "." + text(claims)
	return signed + "." + text(string(ed25519.Sign(private, []byte(signed))))
}

func hs256(secret []byte, header, claims string) string {
	signed := text(header) + "." + text(claims)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(signed))
	return signed + "." + text(string(mac.Sum(nil)))
}

func text(raw string) string { return base64.RawURLEncoding.EncodeToString([]byte(raw)) }
