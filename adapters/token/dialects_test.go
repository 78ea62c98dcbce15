package token_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/adapters/token"
	"parley/domain/hub"
	"parley/domain/identity"
)

// changed is a token of a dialect with one thing changed.
func changed(header, claims, from, to string) string {
	if strings.Contains(header, from) {
		return hs256([]byte(hubSecret), replace(header, from, to), claims)
	}
	return hs256([]byte(hubSecret), header, replace(claims, from, to))
}

// All that is not as the protocol says makes the whole token bad, so that nothing
// is granted by halves.
//
// Mercure: C6, H3, H4, H6, I2, I3, I5, Q, U8.
func TestAModernTokenIsTakenToTheLetter(t *testing.T) {
	h := hubOf(t, &clock{at: noon})
	exp := fmt.Sprintf(`"exp":%d`, noon.Add(time.Minute).Unix())
	topics, actions := `[{"match":"https://e.com/1"}]`, `["publish","subscribe"]`
	for name, c := range map[string]struct{ from, to string }{
		"alg in another case":           {"HS256", "hs256"},
		"another algorithm":             {"HS256", "HS512"},
		"something critical":            {`"typ"`, `"crit":["exp"],"typ"`},
		"a key of its own":              {`"typ"`, `"jwk":{"kty":"oct","k":"AAAA"},"typ"`},
		"a key somewhere":               {`"typ"`, `"jku":"https://evil.example/jwks","typ"`},
		"a certificate somewhere":       {`"typ"`, `"x5u":"https://evil.example/cert","typ"`},
		"another type":                  {"at+jwt", "jwt"},
		"a type twice":                  {`"typ"`, `"typ":"at+jwt","typ"`},
		"an end as text":                {exp, `"exp":"9999999999"`},
		"an end that is null":           {exp, `"exp":null`},
		"an end below zero":             {exp, `"exp":-1`},
		"an end twice":                  {exp, exp + "," + exp},
		"issued later":                  {exp, exp + fmt.Sprintf(`,"iat":%d`, noon.Unix()+31)},
		"issued as text":                {exp, exp + `,"iat":"now"`},
		"not yet":                       {exp, exp + fmt.Sprintf(`,"nbf":%d`, noon.Unix()+31)},
		"not yet, as null":              {exp, exp + `,"nbf":null`},
		"an audience among numbers":     {`"aud":"` + hubURL + `"`, `"aud":["` + hubURL + `",1]`},
		"an audience in an object":      {`"aud":"` + hubURL + `"`, `"aud":{"a":"` + hubURL + `"}`},
		"no audience":                   {`"aud":"` + hubURL + `",`, ""},
		"an audience with a slash":      {hubURL + `"`, hubURL + `/"`},
		"no issuer":                     {`"iss":"` + issuer + `",`, ""},
		"several issuers":               {`"iss":"` + issuer + `"`, `"iss":["` + issuer + `"]`},
		"details that are null":         {"[" + oneDetail + "]", "null"},
		"details that are an object":    {"[" + oneDetail + "]", oneDetail},
		"a detail that is text":         {oneDetail, oneDetail + `,"publish"`},
		"a detail that is null":         {oneDetail, oneDetail + `,null`},
		"no actions":                    {`"actions":` + actions + ",", ""},
		"actions that are none":         {actions, "[]"},
		"an action as such":             {actions, `"subscribe"`},
		"an action that is a number":    {actions, `["subscribe",1]`},
		"an action that is null":        {actions, `["subscribe",null]`},
		"actions twice":                 {`"topics"`, `"actions":["publish"],"topics"`},
		"no topics":                     {`"topics":` + topics + ",", ""},
		"topics that are none":          {topics, "[]"},
		"topics as text":                {topics, `["https://e.com/1"]`},
		"a topic as such":               {topics, `{"match":"https://e.com/1"}`},
		"a topic without a match":       {topics, `[{"match_type":"exact"}]`},
		"a match that is null":          {topics, `[{"match":null}]`},
		"a match that is a number":      {topics, `[{"match":1}]`},
		"a match by a name of ours":     {`"match"`, `"Match"`},
		"a type of match of old":        {topics, `[{"match":"a","match_type":"topic"}]`},
		"a type of match in upper case": {topics, `[{"match":"a","match_type":"Exact"}]`},
		"a type of match that is null":  {topics, `[{"match":"a","match_type":null}]`},
		"a type of match, with *":       {topics, `[{"match":"*","match_type":"uritemplate"}]`},
		"a bad pattern":                 {topics, `[{"match":"https://e.com/1"},{"match":"bad(","match_type":"urlpattern"}]`},
		"a bad pattern of no action":    {oneDetail, replace(replace(oneDetail, actions, `["dance"]`), topics, `[{"match":"bad("}]`)},
		"a payload that is text":        {`{"a":1}`, `"a"`},
		"a payload that is a list":      {`{"a":1}`, `[1]`},
		"a payload that is null":        {`{"a":1}`, `null`},
		"101 details":                   {oneDetail, strings.Repeat(oneDetail+",", 100) + oneDetail},
		"101 topics":                    {topics, "[" + strings.Repeat(topics[1:len(topics)-1]+",", 100) + topics[1:]},
		"101 topics in two details":     {oneDetail, oneDetail + "," + replace(oneDetail, topics, "["+strings.Repeat(topics[1:len(topics)-1]+",", 99)+topics[1:])},
		"a match of 4,097 bytes":        {"https://e.com/1", strings.Repeat("x", 4097)},
	} {
		hostile := changed(modernHeader, modernClaims, c.from, c.to)
		if bearer, err := h.Verify(hostile, token.Subscriber); !errors.Is(err, identity.ErrInvalidToken) {
			t.Errorf("%s: got %+v, %v, want %v", name, bearer, err, identity.ErrInvalidToken)
		}
	}
}

// What others write and the protocol allows is taken.
//
// Mercure: H2, H6, H7, I1, I2, I3, I4, I5, I6, U8, U9.
func TestAModernTokenMayBeWrittenAsOthersDo(t *testing.T) {
	h := hubOf(t, &clock{at: noon})
	exp := fmt.Sprintf(`"exp":%d`, noon.Add(time.Minute).Unix())
	topics := `[{"match":"https://e.com/1"}]`
	other := `{"type":"https://example.org/payment","actions":[1],"topics":"none","topics":2}`
	for name, c := range map[string]struct {
		from, to string
		grants   bool
	}{
		"a type as a media type":    {"at+jwt", "application/at+jwt", true},
		"a type in upper case":      {"at+jwt", "Application/AT+JWT", true},
		"a kid of somebody else":    {`"typ"`, `"kid":"theirs","typ"`, true},
		"a thumbprint":              {`"typ"`, `"x5t":"AAAA","typ"`, true},
		"several audiences":         {`"aud":"` + hubURL + `"`, `"aud":["https://api.example","` + hubURL + `"]`, true},
		"an end with a fraction":    {exp, exp + ".25", true},
		"issued half a minute on":   {exp, exp + fmt.Sprintf(`,"iat":%d,"nbf":%d`, noon.Unix()+30, noon.Unix()+30), true},
		"a session of elsewhere":    {`"authorization_details"`, `"session_state":"x","authorization_details"`, true},
		"another kind of detail":    {oneDetail, other + "," + oneDetail, true},
		"many of another kind":      {oneDetail, strings.Repeat(other+",", 200) + oneDetail, true},
		"a detail of no kind":       {oneDetail, `{"actions":1},` + oneDetail, true},
		"a kind in another case":    {`"type":"https`, `"Type":"https`, false},
		"an action that is not one": {`["publish","subscribe"]`, `["dance","subscribe"]`, true},
		"no action that is one":     {`["publish","subscribe"]`, `["Subscribe"]`, false},
		"a type of match":           {topics, `[{"match":"https://e.com/1","match_type":"exact"}]`, true},
		"a pattern":                 {topics, `[{"match":"https://e.com/1","match_type":"urlpattern"}]`, true},
		"members of their own":      {`"topics"`, `"locations":["x"],"topics"`, true},
		"members of their topics":   {topics, `[{"match":"https://e.com/1","note":1}]`, true},
		"all topics":                {topics, `[{"match":"*"}]`, true},
		"no detail":                 {"[" + oneDetail + "]", "[]", false},
		"no claim":                  {`,"authorization_details":[` + oneDetail + "]", "", false},
		"the claim of 0.x, too":     {"[" + oneDetail + "]", `[],"mercure":{"subscribe":["*"]}`, false},
		"100 details":               {oneDetail, strings.Repeat(oneDetail+",", 99) + oneDetail, true},
		"a match of 4,096 bytes":    {topics, `[{"match":"` + strings.Repeat("x", 4096) + `"},{"match":"https://e.com/1"}]`, true},
		"no payload":                {`,"payload":{"a":1}`, "", true},
	} {
		bearer, err := h.Verify(changed(modernHeader, modernClaims, c.from, c.to), token.Subscriber)
		if err != nil || bearer.Grant.Dialect != hub.Modern || bearer.Grant.MaySubscribe("https://e.com/1") != c.grants {
			t.Errorf("%s: got %+v, %v, want it to grant: %t", name, bearer, err, c.grants)
		}
	}
}

// Mercure: H9, H10, U9.
func TestALegacyTokenIsTakenAsOthersWriteIt(t *testing.T) {
	h := hubOf(t, &clock{at: noon})
	many := `["https://e.com/1"` + strings.Repeat(`,"https://e.com/1"`, 999) + `]`
	more := `["https://e.com/1"` + strings.Repeat(`,"https://e.com/1"`, 1000) + `]`
	for name, c := range map[string]struct {
		claims string
		good   bool
		grants bool
	}{
		"a list":                        {`{"mercure":{"subscribe":["https://e.com/1"]}}`, true, true},
		"all":                           {`{"mercure":{"subscribe":["*"]}}`, true, true},
		"an empty list":                 {`{"mercure":{"subscribe":[]}}`, true, false},
		"no list":                       {`{"mercure":{"publish":["*"]}}`, true, false},
		"a list that is null":           {`{"mercure":{"subscribe":null}}`, true, false},
		"a payload alone":               {`{"mercure":{"payload":"anything"}}`, true, false},
		"other members":                 {`{"mercure":{"subscribe":["*"],"Publish":1},"sub":7,"aud":[],"iat":"x","iss":"https://elsewhere.example"}`, true, true},
		"a session of elsewhere":        {`{"mercure":{"subscribe":["*"]},"sid":"abc","iss":"https://keycloak.example"}`, true, true},
		"the other name wins":           {`{"mercure":{"subscribe":["*"]},"https://mercure.rocks/":{"subscribe":[]}}`, true, false},
		"an end with a fraction":        {`{"mercure":{"subscribe":["*"]},"exp":` + fmt.Sprint(noon.Unix()) + `.5}`, true, true},
		"a beginning within the leeway": {`{"mercure":{"subscribe":["*"]},"nbf":` + fmt.Sprint(noon.Unix()+30) + `}`, true, true},
		"1,000 selectors":               {`{"mercure":{"subscribe":` + many + `}}`, true, true},
		"1,001 selectors":               {`{"mercure":{"subscribe":` + more + `}}`, false, false},
		"1,001 selectors to publish":    {`{"mercure":{"publish":` + more + `}}`, false, false},
		"a beginning later":             {`{"mercure":{"subscribe":["*"]},"nbf":` + fmt.Sprint(noon.Unix()+31) + `}`, false, false},
		"an end as text":                {`{"mercure":{"subscribe":["*"]},"exp":"9999999999"}`, false, false},
		"an end that is null":           {`{"mercure":{"subscribe":["*"]},"exp":null}`, false, false},
		"a claim that is a list":        {`{"mercure":["*"]}`, false, false},
		"a claim that is null":          {`{"mercure":null}`, false, false},
		"a list that is text":           {`{"mercure":{"subscribe":"*"}}`, false, false},
		"a selector that is a number":   {`{"mercure":{"subscribe":["*",1]}}`, false, false},
		"a selector that is null":       {`{"mercure":{"subscribe":["*",null]}}`, false, false},
		"a list twice":                  {`{"mercure":{"subscribe":[],"subscribe":["*"]}}`, false, false},
		"what cannot be matched":        {`{"mercure":{"publish":["bad("]}}`, false, false},
	} {
		bearer, err := h.Verify(hs256([]byte(hubSecret), `{"alg":"HS256"}`, c.claims), token.Subscriber)
		if (err == nil) != c.good || err != nil && !errors.Is(err, identity.ErrInvalidToken) {
			t.Errorf("%s: got %v, want good: %t", name, err, c.good)
		}
		if got := bearer.Grant.MaySubscribe("https://e.com/1"); got != c.grants {
			t.Errorf("%s: it grants to listen: %t, want %t", name, got, c.grants)
		}
	}
}

// A token ends when it says, to the fraction of a second; one that would be bad
// anyhow is bad, and has not expired.
//
// Mercure: H6, H10.
func TestAMercureTokenEndsWithoutLeeway(t *testing.T) {
	clock := &clock{at: noon}
	h := hubOf(t, clock)
	ends := `"exp":` + fmt.Sprint(noon.Unix()) + ".5"
	for name, shown := range map[string]string{
		"1.0": changed(modernHeader, modernClaims, fmt.Sprintf(`"exp":%d`, noon.Add(time.Minute).Unix()), ends),
		"0.x": changed(legacyHeader, legacyClaims, `{"mercure"`, "{"+ends+`,"mercure"`),
	} {
		clock.at = noon.Add(499 * time.Millisecond)
		if bearer, err := h.Verify(shown, token.Subscriber); err != nil || !bearer.Until.Equal(noon.Add(500*time.Millisecond)) {
			t.Errorf("%s, before its end: got %v, %v", name, bearer.Until, err)
		}
		clock.at = noon.Add(500 * time.Millisecond)
		if _, err := h.Verify(shown, token.Subscriber); !errors.Is(err, identity.ErrExpiredToken) {
			t.Errorf("%s, at its end: got %v, want %v", name, err, identity.ErrExpiredToken)
		}
		if _, err := h.Verify(shown+"x", token.Subscriber); !errors.Is(err, identity.ErrInvalidToken) {
			t.Errorf("%s, at its end, with another signature: got %v, want %v", name, err, identity.ErrInvalidToken)
		}
	}
	clock.at = noon.Add(time.Hour)
	if _, err := h.Verify(changed(modernHeader, modernClaims, `"a":1`, `"a":1},"topics":{`), token.Subscriber); !errors.Is(err, identity.ErrInvalidToken) {
		t.Errorf("expired and bad: got %v, want %v", err, identity.ErrInvalidToken)
	}
}
