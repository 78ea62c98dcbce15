package clients_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"
)

// hubSecret is that of the hub and of those who make tokens for it.
const hubSecret = "a secret that a hub and its publishers share"

// grants makes a token as publishers of 0.x make them: signed with the secret, with
// selectors in the claim of the protocol and an end that has fractions of a second.
func grants(t *testing.T, publish, subscribe []string) string {
	t.Helper()
	part := func(of any) string {
		text, err := json.Marshal(of)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signed := part(map[string]string{"typ": "JWT", "alg": "HS256"}) + "." + part(map[string]any{
		"mercure": map[string]any{"publish": publish, "subscribe": subscribe},
		"exp":     float64(time.Now().Add(time.Hour).UnixMicro()) / 1e6,
	})
	mac := hmac.New(sha256.New, []byte(hubSecret))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
