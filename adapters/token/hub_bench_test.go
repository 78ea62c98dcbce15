package token_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley/adapters/token"
	"parley/domain/identity"
)

// hugeTokens are what somebody without any key can send to keep a reader busy, and
// beside them what is ordinary.
func hugeTokens() map[string]string {
	much := strings.Repeat("x", 47<<10)
	deep := strings.Repeat("[", 46<<10)
	return map[string]string{
		"ordinary 1.0":                hs256([]byte(hubSecret), modernHeader, modernClaims),
		"ordinary 0.x":                hs256([]byte(hubSecret), legacyHeader, legacyClaims),
		"1 MiB":                       strings.Repeat("x", 1<<20-2) + "..",
		"1 MiB of dots":               strings.Repeat(".", 1<<20),
		"1 MiB, signed":               hs256([]byte(hubSecret), legacyHeader, `{"mercure":{},"x":"`+strings.Repeat("x", 1<<20)+`"}`),
		"64 KiB of text, not signed":  hs256(nil, legacyHeader, `{"mercure":{},"x":"`+much+`"}`),
		"64 KiB of depth, not signed": hs256(nil, legacyHeader, `{"mercure":{},"x":`+deep+`}`),
		"64 KiB of header":            hs256(nil, `{"alg":"HS256","x":"`+much+`"}`, `{}`),
	}
}

// A token of any size costs as long as that of 64 KiB at most.
//
// Mercure: Q.
func TestTokensThatAreTooLargeAreNotLookedAt(t *testing.T) {
	h := hubOf(t, &clock{at: noon})
	for name, shown := range hugeTokens() {
		_, err := h.Verify(shown, token.Subscriber)
		if good := strings.HasPrefix(name, "ordinary"); good != (err == nil) || err != nil && !errors.Is(err, identity.ErrInvalidToken) {
			t.Errorf("%s: got %v, want good: %t", name, err, good)
		}
		if len(shown) < 1<<20 {
			continue
		}
		if allocated := testing.AllocsPerRun(10, func() { _, _ = h.Verify(shown, token.Subscriber) }); allocated > 0 {
			t.Errorf("%s: it is looked at, with %v allocations", name, allocated)
		}
	}
}

func BenchmarkHubTokens(b *testing.B) {
	h := hubOf(b, &clock{at: noon})
	for name, shown := range hugeTokens() {
		b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) {
			for b.Loop() {
				_, _ = h.Verify(shown, token.Subscriber)
			}
		})
	}
}

// FuzzHub: nothing that anybody writes makes the reader panic, and what it takes
// was signed.
func FuzzHub(f *testing.F) {
	h := hubOf(f, &clock{at: noon})
	f.Add(modernHeader, modernClaims, []byte("signature"), uint8(1))
	f.Add(legacyHeader, legacyClaims, []byte{}, uint8(2))
	f.Add(`{"alg":"HS256","typ":"at+jwt"}`, `{"authorization_details":[{}]}`, []byte{}, uint8(0))
	f.Fuzz(func(t *testing.T, header, claims string, signature []byte, by uint8) {
		forged := text(header) + "." + text(claims) + "." + text(string(signature))
		for _, role := range []token.Role{token.Publisher, token.Subscriber} {
			for _, shown := range []string{forged, header, hs256([]byte(fmt.Sprint("a guess", by)), header, claims)} {
				if bearer, err := h.Verify(shown, role); !errors.Is(err, identity.ErrInvalidToken) {
					t.Fatalf("nobody has signed %q, and it is %+v, %v", shown, bearer, err)
				}
			}
		}
		bearer, err := h.Verify(hs256([]byte(hubSecret), header, claims), token.Subscriber)
		if err != nil && !errors.Is(err, identity.ErrInvalidToken) && !errors.Is(err, identity.ErrExpiredToken) {
			t.Fatalf("%q: %v", claims, err)
		}
		if bearer.IsUser() || len(bearer.Grant.Publish) > 0 || err == nil && !bearer.Until.IsZero() && !bearer.Until.After(noon) {
			t.Fatalf("%q of a subscriber is %+v", claims, bearer)
		}
	})
}
