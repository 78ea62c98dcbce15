package hubtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"
)

// Token is a token of Mercure 0.x that grants an action, publish or subscribe, on
// topics. It is made by hand, apart from how the program makes its own.
func Token(key, action string, until time.Time, topics ...string) string {
	part := func(of any) string {
		text, err := json.Marshal(of)
		if err != nil {
			panic(err) // it is made of texts and numbers
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signed := part(map[string]string{"alg": "HS256", "typ": "JWT"}) + "." +
		part(map[string]any{"mercure": map[string]any{action: topics}, "exp": until.Unix()})
	sum := hmac.New(sha256.New, []byte(key))
	_, _ = sum.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(sum.Sum(nil))
}

// Minting mints tokens that live a minute, as [Token] does.
func Minting(key, action string) func(topics ...string) (string, error) {
	return func(topics ...string) (string, error) {
		return Token(key, action, time.Now().Add(time.Minute), topics...), nil
	}
}
