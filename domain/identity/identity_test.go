package identity_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/domain/identity"
)

func email(t *testing.T, text string) identity.Email {
	t.Helper()
	address, err := identity.ParseEmail(text)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func TestWhatCanBeAnAddress(t *testing.T) {
	for text, good := range map[string]bool{
		"ada@example.org":                       true,
		"Ada.Lovelace+tea@sub.example.org":      true,
		"müller@münchen.example":                true,
		"ada@localhost":                         true,
		strings.Repeat("a", 248) + "@b.org":     true,
		strings.Repeat("a", 249) + "@b.org":     false,
		"":                                      false,
		"ada":                                   false,
		"@example.org":                          false,
		"ada@":                                  false,
		"ada@b@example.org":                     false,
		"ada lovelace@example.org":              false,
		"ada@example.org\n":                     false,
		"ada@example.org\r\nBcc: all@b.org":     false,
		"Ada <ada@example.org>":                 false,
		"ada@example.org,ben@example.org":       false,
		"a\u200bda@example.org":                 false,
		"ada\xff@example.org":                   false,
		"\u202eada@example.org":                 false,
		"ada\u00a0lovelace@example.org":         false,
		"ada@example.org;ben@example.org":       false,
		`"ada"@example.org`:                     false,
		"ada@[127.0.0.1]":                       true,
		strings.Repeat("é", 130) + "@b.example": false,
	} {
		address, err := identity.ParseEmail(text)
		switch {
		case good && (err != nil || address.String() != text):
			t.Errorf("%q: %q, %v; want it unchanged", text, address, err)
		case !good && (!errors.Is(err, identity.ErrEmail) || !address.IsZero()):
			t.Errorf("%q: %q, %v; want %v", text, address, err, identity.ErrEmail)
		}
	}
}

func TestAddressesCompareWithoutCase(t *testing.T) {
	if a, b := email(t, "Ada@Example.ORG"), email(t, "ada@example.org"); a.Key() != b.Key() {
		t.Errorf("%q and %q", a.Key(), b.Key())
	}
	if a, b := email(t, "ada@example.org"), email(t, "ada@example.com"); a.Key() == b.Key() {
		t.Errorf("two addresses have the key %q", a.Key())
	}
}

func TestAPasswordThatWouldBeGuessedIsRefused(t *testing.T) {
	name, err := identity.ParseDisplayName("Ada Lovelace")
	if err != nil {
		t.Fatal(err)
	}
	address := email(t, "ada.lovelace@example.org")
	for text, good := range map[string]bool{
		"correct horse":                  true,
		"éééééééé":                       true, // 8 characters, whatever their bytes
		"        ":                       true, // length, not composition
		strings.Repeat("x", 1024):        true,
		strings.Repeat("x", 1025):        false,
		"":                               false,
		"1234567":                        false,
		"password":                       false,
		"PassWord":                       false,
		"12345678":                       false,
		"ada.lovelace":                   false,
		"ADA.LOVELACE@example.org":       false,
		"ada lovelace":                   false,
		"not UTF-8 \xff":                 false,
		"ada lovelace, countess of love": true,
	} {
		if _, err := identity.ParsePassword(text, address, name); (err == nil) != good || !good && !errors.Is(err, identity.ErrWeakPassword) {
			t.Errorf("%.20q: %v, want good: %t", text, err, good)
		}
	}
}

func TestWhateverWasOnceAPasswordCanBePresented(t *testing.T) {
	for text, good := range map[string]bool{"password": true, "x": true, "": false, "\xff": false, strings.Repeat("x", 1025): false} {
		if _, err := identity.PresentedPassword(text); (err == nil) != good || !good && !errors.Is(err, identity.ErrCredentials) {
			t.Errorf("%.20q: %v, want good: %t", text, err, good)
		}
	}
}

func TestNoLogShowsAPassword(t *testing.T) {
	password, err := identity.PresentedPassword("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if shown := fmt.Sprintf(verb, password); strings.Contains(shown, "correct horse") {
			t.Errorf("%s shows %s", verb, shown)
		}
	}
}

func TestASessionAdmitsItsUserWhileItLasts(t *testing.T) {
	ada, _ := identity.UserIDFrom(1)
	ben, _ := identity.UserIDFrom(2)
	for says, c := range map[string]struct {
		session identity.Session
		want    error
	}{
		"it is hers":       {identity.Session{User: ada}, nil},
		"it is another's":  {identity.Session{User: ben}, identity.ErrSessionEnded},
		"it has ended":     {identity.Session{User: ada, EndedAt: time.Unix(1, 0)}, identity.ErrSessionEnded},
		"there never was":  {identity.Session{}, identity.ErrSessionEnded},
		"another's, ended": {identity.Session{User: ben, EndedAt: time.Unix(1, 0)}, identity.ErrSessionEnded},
	} {
		if err := c.session.Admit(ada); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", says, err, c.want)
		}
	}
}

func TestAQueryIsShortAndWithoutCase(t *testing.T) {
	for text, good := range map[string]bool{
		"a": true, "Ada L": true, strings.Repeat("é", 100): true,
		"": false, strings.Repeat("é", 101): false, "a\x00": false, "\xff": false, "a\n": false,
	} {
		query, err := identity.ParseQuery(text)
		if (err == nil) != good || good == query.IsZero() || !good && !errors.Is(err, identity.ErrQuery) {
			t.Errorf("%.20q: %q, %v; want good: %t", text, query.Key(), err, good)
		}
	}
	upper, _ := identity.ParseQuery("ÉLODIE")
	lower, _ := identity.ParseQuery("élodie")
	if upper.Key() != lower.Key() {
		t.Errorf("%q and %q", upper.Key(), lower.Key())
	}
}
