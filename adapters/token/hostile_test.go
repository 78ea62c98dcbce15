package token_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/adapters/token"
	"parley/domain/identity"
)

// goodHeader and goodClaims make a token that is good at noon, so that each case
// below is refused for what it changes alone.
func goodHeader(t *testing.T) string {
	t.Helper()
	minted, _, err := tokensOf(t, &clock{at: noon}, oldKey).Mint(caller(t, 7, 9), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	header, _ := read(t, minted)
	return fmt.Sprintf(`{"alg":"EdDSA","kid":%q,"typ":"at+jwt"}`, header["kid"])
}

func goodClaims() string {
	return fmt.Sprintf(`{"iss":%q,"aud":%q,"sub":"7","sid":"9","client_id":"parley","jti":"one","iat":%d,"exp":%d}`,
		issuer, issuer, noon.Unix(), noon.Add(time.Minute).Unix())
}

func TestHostileTokensAreRefused(t *testing.T) {
	tokens := tokensOf(t, &clock{at: noon}, oldKey)
	header, claims := goodHeader(t), goodClaims()
	good := sign(oldKey, header, claims)
	if _, err := tokens.Verify(good); err != nil {
		t.Fatalf("the token that the others are made of is refused: %v", err)
	}
	for name, hostile := range hostileTokens(good, header, claims) {
		if proof, err := tokens.Verify(hostile); !errors.Is(err, identity.ErrInvalidToken) || proof != (identity.Proof{}) {
			t.Errorf("%s: got %v, %v, want nothing and %v", name, proof, err, identity.ErrInvalidToken)
		}
	}
}

func hostileTokens(good, header, claims string) map[string]string {
	withHeader := func(from, to string) string { return sign(oldKey, replace(header, from, to), claims) }
	withClaims := func(from, to string) string { return sign(oldKey, header, replace(claims, from, to)) }
	public := oldKey[32:]
	stranger := fmt.Sprintf(`,"jwk":{"kty":"OKP","crv":"Ed25519","x":%q}}`, text(string(newKey[32:])))
	signed := good[:strings.LastIndexByte(good, '.')]
	signature := good[len(signed)+1:]
	iat, exp := fmt.Sprintf(`"iat":%d`, noon.Unix()), fmt.Sprintf(`"exp":%d`, noon.Add(time.Minute).Unix())
	return map[string]string{
		"nothing":                       "",
		"two dots":                      "..",
		"no signature":                  signed + ".",
		"two parts":                     signed,
		"four parts":                    good + ".x",
		"five parts, as a JWE":          good + ".x.y",
		"too long":                      sign(oldKey, header, replace(claims, `"one"`, `"`+strings.Repeat("x", 8<<10)+`"`)),
		"alg none":                      text(replace(header, "EdDSA", "none")) + "." + text(claims) + ".",
		"alg none, signed":              withHeader("EdDSA", "none"),
		"alg in another case":           withHeader("EdDSA", "eddsa"),
		"HS256 with the public key":     hs256(public, replace(header, "EdDSA", "HS256"), claims),
		"EdDSA, but HMAC of public key": hs256(public, header, claims),
		"RS256":                         withHeader("EdDSA", "RS256"),
		"no alg":                        withHeader(`"alg":"EdDSA",`, ""),
		"alg twice":                     withHeader(`"alg":"EdDSA",`, `"alg":"EdDSA","alg":"EdDSA",`),
		"another key, our kid":          sign(newKey, header, claims),
		"its own key in the header":     sign(newKey, replace(header, "}", stranger), claims),
		"a kid that is not ours":        sign(newKey, `{"alg":"EdDSA","kid":"x","typ":"at+jwt"}`, claims),
		"no kid":                        sign(oldKey, `{"alg":"EdDSA","typ":"at+jwt"}`, claims),
		"kid as a path":                 sign(oldKey, `{"alg":"EdDSA","kid":"../../dev/null","typ":"at+jwt"}`, claims),
		"kid as a list":                 sign(oldKey, `{"alg":"EdDSA","kid":["x"],"typ":"at+jwt"}`, claims),
		"typ of an ID token":            withHeader("at+jwt", "JWT"),
		"no typ":                        withHeader(`,"typ":"at+jwt"`, ""),
		"crit":                          withHeader("}", `,"crit":["exp"]}`),
		"an empty crit":                 withHeader("}", `,"crit":[]}`),
		"b64 false":                     withHeader("}", `,"b64":false}`),
		"jku":                           withHeader("}", `,"jku":"https://evil.example/jwks.json"}`),
		"x5u":                           withHeader("}", `,"x5u":"https://evil.example/x5u.pem"}`),
		"zip":                           withHeader("}", `,"zip":"DEF"}`),
		"the header is a list":          sign(oldKey, `["alg"]`, claims),
		"the header goes on":            withHeader("}", "} {}"),
		"the header is not JSON":        withHeader("{", ""),
		"a comma too many":              withHeader("}", ",}"),
		"claims changed":                text(header) + "." + text(replace(claims, `"7"`, `"8"`)) + "." + signature,
		"header changed":                text(replace(header, "{", "{ ")) + "." + text(claims) + "." + signature,
		"signature changed":             signed + "." + flip(signature),
		"signature cut":                 signed + "." + signature[:len(signature)-4],
		"padding":                       signed + "." + signature + "==",
		"trailing bits":                 signed + "." + trailing(signature),
		"a line end in the signature":   signed + "." + signature[:8] + "\n" + signature[8:],
		"white space before it":         " " + good,
		"standard base64":               signed + "." + signature[:20] + "+/" + signature[22:],
		"no exp":                        withClaims(","+exp, ""),
		"exp null":                      withClaims(exp, `"exp":null`),
		"exp as text":                   withClaims(exp, `"exp":"9999999999"`),
		"exp beyond all time":           withClaims(exp, `"exp":9e99`),
		"exp with a fraction":           withClaims(exp, exp+".5"),
		"exp negative":                  withClaims(exp, `"exp":-1`),
		"exp twice":                     withClaims(exp, exp+`,"exp":9999999999`),
		"exp twice, one escaped":        withClaims(exp, exp+`,"\u0065xp":9999999999`),
		"exp in another case":           withClaims(exp, `"EXP":9999999999`),
		"no iat":                        withClaims(iat+",", ""),
		"iat after the leeway":          withClaims(iat, fmt.Sprintf(`"iat":%d`, noon.Unix()+31)),
		"nbf after the leeway":          withClaims(iat, iat+fmt.Sprintf(`,"nbf":%d`, noon.Unix()+31)),
		"nbf as text":                   withClaims(iat, iat+`,"nbf":"now"`),
		"another iss":                   withClaims(`"iss":"`+issuer, `"iss":"https://evil.example`),
		"iss with a slash":              withClaims(`"iss":"`+issuer, `"iss":"`+issuer+`/`),
		"no iss":                        withClaims(`"iss":"`+issuer+`",`, ""),
		"another aud":                   withClaims(`"aud":"`+issuer, `"aud":"https://evil.example`),
		"the hub's aud":                 withClaims(`"aud":"`+issuer, `"aud":"`+issuer+`/.well-known/mercure`),
		"aud of several":                withClaims(`"aud":"`+issuer+`"`, `"aud":["`+issuer+`","https://evil.example"]`),
		"no aud":                        withClaims(`"aud":"`+issuer+`",`, ""),
		"another client":                withClaims(`"parley"`, `"other"`),
		"no jti":                        withClaims(`"jti":"one",`, ""),
		"no sub":                        withClaims(`"sub":"7",`, ""),
		"sub as a number":               withClaims(`"sub":"7"`, `"sub":7`),
		"sub with a zero before it":     withClaims(`"sub":"7"`, `"sub":"07"`),
		"sub of nobody":                 withClaims(`"sub":"7"`, `"sub":"0"`),
		"sub beyond all ids":            withClaims(`"sub":"7"`, `"sub":"9007199254740992"`),
		"sub is an address":             withClaims(`"sub":"7"`, `"sub":"ada@example.org"`),
		"no sid":                        withClaims(`"sid":"9",`, ""),
		"sid as a number":               withClaims(`"sid":"9"`, `"sid":9`),
		"the claims are null":           sign(oldKey, header, "null"),
		"the claims are text":           sign(oldKey, header, `"claims"`),
		"the claims go on":              sign(oldKey, header, claims+claims),
		"the claims are not UTF-8":      withClaims(`"one"`, "\"\xff\""),
		"a Mercure token":               withClaims(`"jti"`, `"mercure":{"subscribe":["*"]},"sub":null,"jti"`),
	}
}

// An expired token that is bad in another way too is bad, not expired: who is
// answered "expired" may be believed to have been signed in.
func TestOnlyATokenThatWasGoodHasExpired(t *testing.T) {
	clock := &clock{at: noon.Add(time.Hour)}
	tokens := tokensOf(t, clock, oldKey)
	header, claims := goodHeader(t), goodClaims()
	if _, err := tokens.Verify(sign(oldKey, header, claims)); !errors.Is(err, identity.ErrExpiredToken) {
		t.Errorf("expired: got %v, want %v", err, identity.ErrExpiredToken)
	}
	for name, hostile := range map[string]string{
		"another key": sign(newKey, header, claims),
		"another iss": sign(oldKey, header, replace(claims, `"iss":"https://chat`, `"iss":"https://evil`)),
		"no sid":      sign(oldKey, header, replace(claims, `"sid":"9",`, "")),
	} {
		if proof, err := tokens.Verify(hostile); !errors.Is(err, identity.ErrInvalidToken) || proof != (identity.Proof{}) {
			t.Errorf("%s: got %v, %v, want nothing and %v", name, proof, err, identity.ErrInvalidToken)
		}
	}
}

func TestClocksMayDifferByHalfAMinute(t *testing.T) {
	header, claims := goodHeader(t), goodClaims()
	tokens := tokensOf(t, &clock{at: noon.Add(-30 * time.Second)}, oldKey)
	if _, err := tokens.Verify(sign(oldKey, header, claims)); err != nil {
		t.Errorf("issued half a minute from now: %v", err)
	}
	nbf := fmt.Sprintf(`"jti":"one","nbf":%d`, noon.Unix())
	if _, err := tokens.Verify(sign(oldKey, header, replace(claims, `"jti":"one"`, nbf))); err != nil {
		t.Errorf("not before half a minute from now: %v", err)
	}
}

// What is remembered of a token is that its signature was good, and nothing else.
func TestARememberedTokenIsStillLookedAt(t *testing.T) {
	clock := &clock{at: noon}
	tokens := tokensOf(t, clock, oldKey)
	good := sign(oldKey, goodHeader(t), goodClaims())
	if _, err := tokens.Verify(good); err != nil {
		t.Fatal(err)
	}
	clock.at = noon.Add(time.Minute)
	if _, err := tokens.Verify(good); !errors.Is(err, identity.ErrExpiredToken) {
		t.Errorf("later: got %v, want %v", err, identity.ErrExpiredToken)
	}
	clock.at = noon.Add(-time.Hour)
	if _, err := tokens.Verify(good); !errors.Is(err, identity.ErrInvalidToken) {
		t.Errorf("with the clock set back: got %v, want %v", err, identity.ErrInvalidToken)
	}
}

func FuzzVerifyBelievesNobodyElse(f *testing.F) {
	tokens, err := token.New([]token.Signing{{Key: oldKey}}, issuer, (&clock{at: noon}).now)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(`{"alg":"EdDSA","kid":"x","typ":"at+jwt"}`, goodClaims(), []byte("signature"))
	f.Add(`{{}}`, `{"a":[1,{"b":2}],}`, []byte{})
	f.Fuzz(func(t *testing.T, header, claims string, signature []byte) {
		made := text(header) + "." + text(claims) + "." + text(string(signature))
		if proof, err := tokens.Verify(made); !errors.Is(err, identity.ErrInvalidToken) {
			t.Errorf("got %v, %v, want %v", proof, err, identity.ErrInvalidToken)
		}
		if proof, err := tokens.Verify(header); !errors.Is(err, identity.ErrInvalidToken) {
			t.Errorf("got %v, %v, want %v", proof, err, identity.ErrInvalidToken)
		}
	})
}

// replace panics where it replaces nothing, so that no case tests the good token.
func replace(in, from, to string) string {
	if !strings.Contains(in, from) {
		panic(fmt.Sprintf("there is no %s in %s", from, in))
	}
	return strings.Replace(in, from, to, 1)
}

func flip(signature string) string {
	first := "A"
	if strings.HasPrefix(signature, first) {
		first = "B"
	}
	return first + signature[1:]
}

// trailing sets the bits of the last character that carry nothing: a lenient
// reader takes both for the same signature.
func trailing(signature string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, signature[len(signature)-1])
	return signature[:len(signature)-1] + alphabet[last^1:last^1+1]
}
