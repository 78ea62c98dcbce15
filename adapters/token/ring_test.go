package token_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"parley/adapters/token"
	"parley/domain/identity"
)

// rotating is a ring that noon's rotation has changed: the new key signs a minute
// later.
func rotating(t *testing.T, c *clock) (tokens *token.Tokens, old, fresh string) {
	t.Helper()
	tokens = tokensOf(t, c, oldKey)
	old = kid(t, tokens)
	if err := tokens.Use([]token.Signing{{Key: newKey, From: noon.Add(time.Minute)}, {Key: oldKey}}); err != nil {
		t.Fatal(err)
	}
	return tokens, old, kid(t, tokensOf(t, c, newKey))
}

// kid is the name of the key that signs.
func kid(t *testing.T, tokens *token.Tokens) string {
	t.Helper()
	minted, _, err := tokens.Mint(caller(t, 7, 9), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	header, _ := read(t, minted)
	name, _ := header["kid"].(string)
	return name
}

func TestANewKeySignsFromItsTimeOnAndVerifiesBefore(t *testing.T) {
	clock := &clock{at: noon}
	tokens, old, fresh := rotating(t, clock)
	if got := kid(t, tokens); got != old {
		t.Errorf("before its time, %s signs, want the old one %s", got, old)
	}
	ahead, _, err := tokensOf(t, clock, newKey).Mint(caller(t, 7, 9), time.Time{}) // a node whose clock is fast
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Verify(ahead); err != nil {
		t.Errorf("a token that it signed elsewhere: %v", err)
	}
	if set := string(tokens.JWKS()); !strings.Contains(set, fresh) || !strings.Contains(set, old) {
		t.Errorf("the key set is %s, want both", set)
	}
	clock.at = noon.Add(time.Minute)
	if got := kid(t, tokens); got != fresh {
		t.Errorf("at its time, %s signs, want the new one %s", got, fresh)
	}
	clock.at = noon.Add(-time.Hour)
	if got := kid(t, tokens); got != old {
		t.Errorf("with the clock set back, %s signs, want the old one %s", got, old)
	}
}

// The last token that the old key can have signed is good to its end, and ten
// minutes beyond nobody can say that it was ours.
func TestAnOldKeyVerifiesAsLongAsItsTokensLive(t *testing.T) {
	clock := &clock{at: noon}
	tokens, old, _ := rotating(t, clock)
	clock.at = noon.Add(time.Minute - time.Second)
	last, promised, err := tokens.Mint(caller(t, 7, 9), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]error{
		-time.Nanosecond:                    nil,
		0:                                   identity.ErrExpiredToken,
		10*time.Minute + time.Second - 1:    identity.ErrExpiredToken,
		10*time.Minute + time.Second:        identity.ErrInvalidToken,
		10*time.Minute + 24*time.Hour*10000: identity.ErrInvalidToken,
	} {
		clock.at = promised.Until.Add(after)
		if _, err := tokens.Verify(last); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%v after its end: got %v, want %v", after, err, want)
		}
		if shown := strings.Contains(string(tokens.JWKS()), old); shown != !errors.Is(want, identity.ErrInvalidToken) {
			t.Errorf("%v after its end: the key set has the old key: %t", after, shown)
		}
	}
}

func TestKeysThatAreNoneAreNotTaken(t *testing.T) {
	tokens := tokensOf(t, &clock{at: noon}, oldKey)
	for _, bad := range [][]token.Signing{nil, {{Key: newKey}, {Key: oldKey[:32]}}} {
		if err := tokens.Use(bad); err == nil {
			t.Errorf("%d keys are taken", len(bad))
		}
	}
	if set := string(tokens.JWKS()); strings.Count(set, "kid") != 1 {
		t.Errorf("the key set is %s, want the one from before", set)
	}
}
