package token_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"parley/adapters/token"
	"parley/domain/hub"
	"parley/domain/identity"
)

const (
	hubURL          = issuer + "/.well-known/mercure"
	hubSecret       = "the secret of whoever listens here"
	publisherSecret = "the secret of whoever publishes here"
)

var errPattern = errors.New("a bad pattern")

// compile takes every text but one as it is.
func compile(by hub.MatchType, text string) (hub.Matcher, error) {
	if text == "bad(" {
		return hub.Matcher{}, errPattern
	}
	return hub.Matching(by, text, nil), nil
}

// hubOf has a secret for each of the roles.
func hubOf(t testing.TB, c *clock) *token.Hub {
	t.Helper()
	users, err := token.New([]token.Signing{{Key: oldKey}}, issuer, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return &token.Hub{
		Users: users, Issuer: issuer, Audience: hubURL, Compile: compile, Now: c.now,
		Keys: token.HubKeys{Publisher: secretKey(t, publisherSecret), Subscriber: secretKey(t, hubSecret)},
	}
}

func secretKey(t testing.TB, secret string) *token.HubKey {
	t.Helper()
	key, err := token.NewHubSecret("HS256", []byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// A header and claims of each dialect that are good at noon, so that each case is
// refused for what it changes alone.
const (
	modernHeader = `{"alg":"HS256","typ":"at+jwt"}`
	legacyHeader = `{"alg":"HS256","typ":"JWT"}`
	oneDetail    = `{"type":"https://mercure.rocks/authorization-detail","actions":["publish","subscribe"],"topics":[{"match":"https://e.com/1"}],"payload":{"a":1}}`
	legacyClaims = `{"mercure":{"publish":["https://e.com/1"],"subscribe":["https://e.com/2","*"],"payload":{"a": 1}}}`
)

var modernClaims = fmt.Sprintf(`{"iss":%q,"aud":%q,"exp":%d,"authorization_details":[%s]}`, issuer, hubURL, noon.Add(time.Minute).Unix(), oneDetail)

// kinds are one of each kind of token, each good on its own terms or bad in one
// way, and what each is worth to somebody who listens and to one who publishes.
// Both roles have a secret of their own.
func kinds(t *testing.T) []kindOfToken {
	t.Helper()
	user, claims := goodHeader(t), goodClaims()
	listens := func(header, claims string) string { return hs256([]byte(hubSecret), header, claims) }
	publishes := func(header, claims string) string { return hs256([]byte(publisherSecret), header, claims) }
	past := fmt.Sprint(noon.Add(-time.Minute).Unix())
	future := fmt.Sprint(noon.Add(time.Minute).Unix())
	userOfHub := `{"alg":"HS256","typ":"at+jwt"}`
	external := replace(modernClaims, `{"iss"`, `{"sid":"9","sub":"7","mercure":{"subscribe":["/chat/user/7"]},"iss"`)
	public := string(oldKey[32:])
	invalid, expired, scope := identity.ErrInvalidToken, identity.ErrExpiredToken, hub.ErrScope
	return []kindOfToken{
		{"a user's", sign(oldKey, user, claims), nil, scope},
		{"a user's, expired", sign(oldKey, user, replace(claims, future, past)), expired, expired},
		{"a user's, of a key that is gone", sign(newKey, user, claims), invalid, invalid},
		{"a user's that a subscriber's secret has signed", listens(userOfHub, claims), invalid, invalid},
		{"a user's that a publisher's secret has signed", publishes(userOfHub, claims), invalid, invalid},
		{"a user's by its kid, of a subscriber's secret", listens(replace(user, "EdDSA", "HS256"), modernClaims), invalid, invalid},
		{"a user's with the claims of 1.0", sign(oldKey, user, modernClaims), invalid, invalid},
		{"a user's key, 1.0", sign(oldKey, replace(modernHeader, "HS256", "EdDSA"), modernClaims), invalid, invalid},
		{"a user's key, 0.x", sign(oldKey, replace(legacyHeader, "HS256", "EdDSA"), legacyClaims), invalid, invalid},
		{"1.0 of a subscriber", listens(modernHeader, modernClaims), nil, invalid},
		{"1.0 of a publisher", publishes(modernHeader, modernClaims), invalid, nil},
		{"1.0, expired", listens(modernHeader, replace(modernClaims, future, past)), expired, invalid},
		{"1.0 of another issuer", listens(modernHeader, replace(modernClaims, `"iss":"`+issuer, `"iss":"https://evil.example`)), invalid, invalid},
		{"1.0 for another hub", listens(modernHeader, replace(modernClaims, hubURL, "https://hub.example/.well-known/mercure")), invalid, invalid},
		{"1.0 for the API", listens(modernHeader, replace(modernClaims, hubURL, issuer)), invalid, invalid},
		{"1.0 without an end", listens(modernHeader, replace(modernClaims, `"exp":`+future+",", "")), invalid, invalid},
		{"1.0 without its type", listens(legacyHeader, modernClaims), invalid, invalid},
		{"1.0 without its type, with the claim of 0.x", listens(legacyHeader, replace(modernClaims, "{", `{"mercure":{"subscribe":["*"]},`)), invalid, invalid},
		{"the claim of 0.x in a token of type 1.0", listens(modernHeader, legacyClaims), invalid, invalid},
		{"0.x of a subscriber", listens(legacyHeader, legacyClaims), nil, invalid},
		{"0.x of a publisher", publishes(legacyHeader, legacyClaims), invalid, nil},
		{"0.x by its other name", listens(legacyHeader, replace(legacyClaims, "mercure", "https://mercure.rocks/")), nil, invalid},
		{"0.x, expired", listens(legacyHeader, replace(legacyClaims, "{", `{"exp":`+past+",")), expired, invalid},
		{"0.x that nobody has signed", text(`{"alg":"none"}`) + "." + text(legacyClaims) + ".", invalid, invalid},
		{"1.0 that nobody has signed", text(`{"alg":"none","typ":"at+jwt"}`) + "." + text(modernClaims) + ".", invalid, invalid},
		{"0.x by a user's public key as a secret", hs256([]byte(public), legacyHeader, legacyClaims), invalid, invalid},
		{"0.x by a user's public key in text as a secret", hs256([]byte(text(public)), legacyHeader, legacyClaims), invalid, invalid},
		{"0.x by nothing as a secret", hs256(nil, legacyHeader, legacyClaims), invalid, invalid},
		{"of no kind", listens(legacyHeader, `{"sub":"7"}`), invalid, invalid},
		{"ours for another hub", listens(modernHeader, external), invalid, invalid},
		{"ours for another hub, as 0.x", listens(legacyHeader, fmt.Sprintf(`{"iss":%q,"sid":"9","mercure":{"subscribe":["*"]}}`, issuer)), invalid, invalid},
	}
}

type kindOfToken struct {
	is                    string
	token                 string
	listening, publishing error
}

// The kind of a token decides which keys it takes, and no kind makes another one
// weaker. No Mercure token is ever one of a user.
//
// Mercure: H2, H5, H6, H8, H9, H10, S1.
func TestEachKindOfTokenIsGoodForItselfAlone(t *testing.T) {
	h := hubOf(t, &clock{at: noon})
	for _, k := range kinds(t) {
		for role, want := range map[token.Role]error{token.Subscriber: k.listening, token.Publisher: k.publishing} {
			for range 2 { // the second time from memory
				bearer, err := h.Verify(k.token, role)
				if !errors.Is(err, want) {
					t.Errorf("%s, role %d: got %v, want %v", k.is, role, err, want)
				}
				if told := !reflect.DeepEqual(bearer, hub.Bearer{}); told != (want == nil || errors.Is(want, identity.ErrExpiredToken)) {
					t.Errorf("%s, role %d: got %+v with %v", k.is, role, bearer, err)
				}
			}
		}
		_, err := h.Users.Verify(k.token)
		if good := strings.HasPrefix(k.is, "a user's") && !errors.Is(k.listening, identity.ErrInvalidToken); good == errors.Is(err, identity.ErrInvalidToken) {
			t.Errorf("%s: as a user's token it is answered %v", k.is, err)
		}
	}
	if bearer, err := h.Verify(kinds(t)[0].token, token.Role(0)); err == nil {
		t.Errorf("in no role at all: got %+v", bearer)
	}
}

// What a bearer may do is what the claims of their role say.
func TestABearerHasWhatTheTokenGrantsOfTheRole(t *testing.T) {
	h := hubOf(t, &clock{at: noon})
	h.Keys.Publisher = h.Keys.Subscriber
	exact, second, all := hub.MatchExact("https://e.com/1"), hub.Matching(hub.Topic, "https://e.com/2", nil), hub.Matching(hub.Topic, "*", nil)
	until := noon.Add(time.Minute)
	for name, c := range map[string]struct {
		token string
		as    token.Role
		want  hub.Bearer
	}{
		"a user": {sign(oldKey, goodHeader(t), goodClaims()), token.Subscriber, hub.Bearer{Caller: caller(t, 7, 9), Until: until}},
		"1.0, listening": {hs256([]byte(hubSecret), modernHeader, modernClaims), token.Subscriber,
			hub.Bearer{Grant: hub.Grant{Dialect: hub.Modern, Subscribe: []hub.Detail{{Topics: []hub.Matcher{exact}, Payload: []byte(`{"a":1}`)}}}, Until: until}},
		"1.0, publishing": {hs256([]byte(hubSecret), modernHeader, modernClaims), token.Publisher,
			hub.Bearer{Grant: hub.Grant{Dialect: hub.Modern, Publish: []hub.Matcher{exact}}, Until: until}},
		"0.x, listening, without an end": {hs256([]byte(hubSecret), legacyHeader, legacyClaims), token.Subscriber,
			hub.Bearer{Grant: hub.Grant{Dialect: hub.Legacy, Subscribe: []hub.Detail{{Topics: []hub.Matcher{second, all}, Payload: []byte(`{"a":1}`)}}}}},
		"0.x, publishing": {hs256([]byte(hubSecret), legacyHeader, legacyClaims), token.Publisher,
			hub.Bearer{Grant: hub.Grant{Dialect: hub.Legacy, Publish: []hub.Matcher{hub.Matching(hub.Topic, "https://e.com/1", nil)}}}},
	} {
		got, err := h.Verify(c.token, c.as)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, c.want)
		}
	}
}

// What is minted for another hub grants there what it says, in both dialects, and
// nothing here, even by the same key and the same name.
func TestATokenForAnotherHubIsNoneForThisOne(t *testing.T) {
	h := hubOf(t, &clock{at: noon})
	wanted := token.HubToken{
		Dialects: []hub.Dialect{hub.Legacy, hub.Modern}, Subscribe: []token.Topic{{By: hub.Exact, Text: "/chat/user/7"}},
		Issuer: issuer, Audience: hubURL, Subject: "7", Session: caller(t, 7, 9).Session, Until: noon.Add(time.Minute),
	}
	theirs, err := h.Keys.Subscriber.Mint(wanted, noon)
	if err != nil {
		t.Fatal(err)
	}
	if bearer, err := h.Verify(theirs, token.Subscriber); !errors.Is(err, identity.ErrInvalidToken) {
		t.Errorf("got %+v, %v, want %v", bearer, err, identity.ErrInvalidToken)
	}
	header, claims := read(t, theirs)
	if header["typ"] != "at+jwt" || claims["sid"] != "9" || claims["mercure"] == nil || claims["authorization_details"] == nil || claims["jti"] == "" {
		t.Errorf("it says %v %v", header, claims)
	}
	wanted.Session = identity.SessionID{}
	ours, err := h.Keys.Subscriber.Mint(wanted, noon)
	if err != nil {
		t.Fatal(err)
	}
	bearer, err := h.Verify(ours, token.Subscriber)
	if err != nil || !bearer.Grant.MaySubscribe("/chat/user/7") || bearer.Grant.MaySubscribe("/chat/user/8") {
		t.Errorf("without a session: got %+v, %v", bearer, err)
	}
}
