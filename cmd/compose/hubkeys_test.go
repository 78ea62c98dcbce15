package compose_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"parley/adapters/token"
	"parley/cmd/compose"
	"parley/domain/hub"
	"parley/domain/identity"
)

// keyPair is a key of ES256 in PEM, its private and its public part.
func keyPair(t *testing.T) (private, public string) {
	t.Helper()
	key, err1 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	secret, err2 := x509.MarshalPKCS8PrivateKey(key)
	shown, err3 := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: shown}))
}

const (
	longSecret  = "a secret of the hub that is long enough"
	otherSecret = "a secret of publishers that is long, too"
	external    = "MERCURE_URL=https://hub.example.org/.well-known/mercure"
)

func TestKeysOfTheHubThatAreWrongOrWeakAreRefusedByName(t *testing.T) {
	private, shown := keyPair(t)
	const secret, publisher, subscriber, algorithm = "MERCURE_JWT_SECRET", "MERCURE_PUBLISHER_JWT_KEY", "MERCURE_SUBSCRIBER_JWT_KEY", "MERCURE_JWT_ALG"
	for name, environ := range map[string][]string{
		secret + ", short":                         {open, public, secret + "=short"},
		secret + ", 31 bytes":                      {open, public, secret + "=" + strings.Repeat("k", 31)},
		secret + ", a sample":                      {open, public, secret + "=!ChangeThisMercureHubJWTSecretKey!"},
		secret + ", the master key":                {secret + "=" + longSecret, "PARLEY_MASTER_KEY=" + longSecret},
		secret + ", for public keys":               {secret + "=" + longSecret, algorithm + "=RS256"},
		secret + ", a key":                         {secret + "=" + shown},
		secret + ", a set for secrets":             {secret + "=https://issuer.example/jwks"},
		secret + ", missing for another hub":       {external},
		secret + ", missing for subscribers there": {external, publisher + "=" + longSecret},
		publisher + ", short":                      {open, public, publisher + "=short"},
		publisher + ", of another kind":            {publisher + "=" + shown, algorithm + "=RS256"},
		publisher + ", of another curve":           {publisher + "=" + shown, algorithm + "=ES384"},
		publisher + ", damaged":                    {publisher + "=" + shown[:60], algorithm + "=ES256"},
		publisher + ", a set in the clear":         {publisher + "=http://issuer.example/jwks", algorithm + "=ES256"},
		publisher + ", no set":                     {publisher + "=https://", algorithm + "=ES256"},
		publisher + ", with nothing to sign with":  {external, subscriber + "=" + private, publisher + "=" + shown, algorithm + "=ES256"},
		subscriber + ", a sample":                  {open, public, subscriber + "=!ChangeThisMercureHubJWTSecretKey!"},
		subscriber + ", with nothing to sign with": {external, publisher + "=" + private, subscriber + "=" + shown, algorithm + "=ES256"},
		subscriber + ", a set, for another hub":    {external, publisher + "=" + private, subscriber + "=https://issuer.example/jwks", algorithm + "=ES256"},
		algorithm + ", none":                       {algorithm + "=none", secret + "=" + longSecret},
		algorithm + ", in another case":            {algorithm + "=hs256"},
		algorithm + ", of keys that are not there": {algorithm + "=RS256"},
		"MERCURE_URL, a path":                      {"MERCURE_URL=/hub"},
		"MERCURE_URL, another scheme":              {"MERCURE_URL=ftp://hub.example"},
	} {
		said := refused(t, name, environ)
		for _, told := range []string{longSecret, "BEGIN"} {
			if strings.Contains(said, told) {
				t.Errorf("%s: it shows %q: %s", name, told, said)
			}
		}
	}
}

func TestKeysOfTheHubThatFitAreTaken(t *testing.T) {
	private, shown := keyPair(t)
	for name, environ := range map[string][]string{
		"a secret":                    {open, public, "MERCURE_JWT_SECRET=" + longSecret},
		"a longer hash":               {open, public, "MERCURE_JWT_SECRET=" + longSecret, "MERCURE_JWT_ALG=HS512"},
		"a sample on loopback":        {"MERCURE_JWT_SECRET=!ChangeThisMercureHubJWTSecretKey!"},
		"a short one on loopback":     {"MERCURE_JWT_SECRET=short"},
		"a public key":                {open, public, "MERCURE_JWT_SECRET=" + shown, "MERCURE_JWT_ALG=ES256"},
		"a private key":               {open, public, "MERCURE_JWT_SECRET=" + private, "MERCURE_JWT_ALG=ES256"},
		"a key set":                   {open, public, "MERCURE_SUBSCRIBER_JWT_KEY=https://issuer.example/jwks", "MERCURE_JWT_ALG=RS256"},
		"a key set of this machine":   {"MERCURE_SUBSCRIBER_JWT_KEY=http://localhost:9/jwks", "MERCURE_JWT_ALG=RS256"},
		"one key for each role":       {"MERCURE_PUBLISHER_JWT_KEY=" + otherSecret, "MERCURE_SUBSCRIBER_JWT_KEY=" + longSecret},
		"another hub":                 {external, "MERCURE_JWT_SECRET=" + longSecret},
		"another hub, a private key":  {external, "MERCURE_JWT_SECRET=" + private, "MERCURE_JWT_ALG=ES256"},
		"the embedded hub by its URL": {open, public, "MERCURE_URL=https://chat.example.org/.well-known/mercure"},
		"the embedded hub, localhost": {"MERCURE_URL=http://localhost:8080/.well-known/mercure"},
		"anonymous, tokens in URLs":   {"MERCURE_ANONYMOUS=true", "MERCURE_QUERY_TOKEN=true"},
	} {
		if _, _, err := compose.Read(environ); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The hub that is named is the embedded one if it is this program, by whatever name.
func TestTheHubThatClientsAreToldIsTheOneThatServesThem(t *testing.T) {
	const path = "/.well-known/mercure"
	key := "MERCURE_JWT_SECRET=" + longSecret
	for name, c := range map[string]struct {
		environ       []string
		external, hub string
	}{
		"nothing said":             {nil, "", "http://127.0.0.1:8080" + path},
		"its own URL":              {[]string{"MERCURE_URL=http://127.0.0.1:8080" + path}, "", "http://127.0.0.1:8080" + path},
		"its own by name":          {[]string{"MERCURE_URL=http://localhost:8080" + path}, "", "http://127.0.0.1:8080" + path},
		"its own from everywhere":  {[]string{open, public, "MERCURE_URL=http://localhost:8080" + path}, "", "https://chat.example.org" + path},
		"its own at port 80":       {[]string{"PARLEY_LISTEN=127.0.0.1:80", "MERCURE_URL=http://localhost" + path}, "", "http://127.0.0.1" + path},
		"its own, port 80 said":    {[]string{"PARLEY_LISTEN=127.0.0.1:80", "MERCURE_URL=http://localhost:80" + path}, "", "http://127.0.0.1" + path},
		"another port":             {[]string{key, "MERCURE_URL=http://localhost:3001" + path}, "http://localhost:3001" + path, "http://localhost:3001" + path},
		"another path":             {[]string{key, "MERCURE_URL=http://localhost:8080/hub"}, "http://localhost:8080/hub", "http://localhost:8080/hub"},
		"another by a name within": {[]string{key, "MERCURE_URL=http://mercure" + path, "MERCURE_PUBLIC_URL=https://hub.example.org" + path}, "http://mercure" + path, "https://hub.example.org" + path},
	} {
		s, _, err := compose.Read(c.environ)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if at := s.At(s.Listen); at.ExternalHub != c.external || at.HubURL != c.hub {
			t.Errorf("%s: another hub at %q, and clients are told %q, want %q and %q", name, at.ExternalHub, at.HubURL, c.external, c.hub)
		}
	}
}

// A key of its own is one role's alone; the key that the program makes, or that is
// given for both, is that of the others.
//
// Mercure: H8.
func TestAKeyOfOneRoleSaysNothingInTheOther(t *testing.T) {
	type who = map[string]bool // whose tokens are taken: by secret
	for name, c := range map[string]struct {
		environ               []string
		publishes, subscribes who
	}{
		"one for both":       {[]string{"MERCURE_JWT_SECRET=" + longSecret}, who{longSecret: true}, who{longSecret: true}},
		"one for each":       {[]string{"MERCURE_PUBLISHER_JWT_KEY=" + otherSecret, "MERCURE_SUBSCRIBER_JWT_KEY=" + longSecret}, who{otherSecret: true}, who{longSecret: true}},
		"publishers apart":   {[]string{"MERCURE_PUBLISHER_JWT_KEY=" + otherSecret, "MERCURE_JWT_SECRET=" + longSecret}, who{otherSecret: true}, who{longSecret: true}},
		"publishers alone":   {[]string{"MERCURE_PUBLISHER_JWT_KEY=" + otherSecret}, who{otherSecret: true}, who{}},
		"subscribers alone":  {[]string{"MERCURE_SUBSCRIBER_JWT_KEY=" + longSecret}, who{}, who{longSecret: true}},
		"what is made alone": {nil, who{}, who{}},
	} {
		h := hubWith(t, c.environ...)
		for _, secret := range []string{longSecret, otherSecret, strings.Repeat("\x00", 32)} {
			shown := mercure(t, secret)
			if _, err := h.Verify(shown, token.Publisher); (err == nil) != c.publishes[secret] {
				t.Errorf("%s: publishing by %q: %v", name, secret, err)
			}
			if _, err := h.Verify(shown, token.Subscriber); (err == nil) != c.subscribes[secret] {
				t.Errorf("%s: subscribing by %q: %v", name, secret, err)
			}
		}
	}
}

func hubWith(t *testing.T, environ ...string) *token.Hub {
	t.Helper()
	s, _, err := compose.Read(append(environ, "PARLEY_DATA_DIR="+t.TempDir(), "DATABASE_URL=sqlite::memory:"))
	if err != nil {
		t.Fatal(err)
	}
	parts, err := compose.Assemble(t.Context(), s.At(s.Listen), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = parts.Close() })
	program, err := compose.New(parts)
	if err != nil {
		t.Fatal(err)
	}
	return program.Hub
}

func mercure(t *testing.T, secret string) string {
	t.Helper()
	key, err1 := token.NewHubSecret("HS256", []byte(secret))
	shown, err2 := key.Mint(token.HubToken{
		Dialects: []hub.Dialect{hub.Legacy}, Publish: []token.Topic{{Text: "*"}}, Subscribe: []token.Topic{{Text: "*"}},
		Until: time.Now().Add(time.Hour), Session: identity.SessionID{},
	}, time.Now())
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return shown
}

// What is minted for development is taken by the program that has the same keys,
// also while it serves.
func TestWhatIsMintedForDevelopmentIsTaken(t *testing.T) {
	folder := t.TempDir()
	s, _, err := compose.Read([]string{"PARLEY_DATA_DIR=" + folder, "DATABASE_URL=sqlite::memory:"})
	if err != nil {
		t.Fatal(err)
	}
	parts, err1 := compose.Assemble(t.Context(), s.At(s.Listen), slog.New(slog.DiscardHandler))
	program, err2 := compose.New(parts)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = parts.Close() })
	for name, wanted := range map[string]compose.MercureToken{
		"1.0": {Dialect: hub.Modern, By: hub.Exact, Publish: []string{"https://e.com/1"}, Subscribe: []string{"https://e.com/2"}, Payload: `{"a":1}`, Life: time.Hour},
		"0.x": {Dialect: hub.Legacy, By: hub.Topic, Publish: []string{"https://e.com/1"}, Subscribe: []string{"https://e.com/2"}, Payload: `"any"`, Life: time.Hour},
	} {
		minted, err := compose.MintMercure(s, wanted, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		listens, err1 := program.Hub.Verify(minted, token.Subscriber)
		publishes, err2 := program.Hub.Verify(minted, token.Publisher)
		if err := errors.Join(err1, err2); err != nil || listens.Grant.Dialect != wanted.Dialect {
			t.Errorf("%s: got dialect %d, %v", name, listens.Grant.Dialect, err)
		}
		if !listens.Grant.MaySubscribe("https://e.com/2") || listens.Grant.MaySubscribe("https://e.com/1") || string(listens.Grant.PayloadOf("https://e.com/2")) != wanted.Payload {
			t.Errorf("%s: who listens has %+v", name, listens.Grant)
		}
		if !publishes.Grant.MayPublish([]string{"https://e.com/1"}) || publishes.Grant.MayPublish([]string{"https://e.com/2"}) {
			t.Errorf("%s: who publishes has %+v", name, publishes.Grant)
		}
	}
}
