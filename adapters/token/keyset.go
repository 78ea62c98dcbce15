package token

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"parley/application/port"
	"parley/domain/identity"
)

const (
	// keysFresh is how long keys are used without asking whether they still are.
	keysFresh = 10 * time.Minute
	// keysStale is how long they are used while nobody answers. A key that was
	// withdrawn verifies no longer than that.
	keysStale = time.Hour
	// keysAgain is how long nobody is asked again, so that who makes up names of
	// keys makes us ask no more often.
	keysAgain = 30 * time.Second
	// keysSoon is the same as long as there are no keys at all.
	keysSoon = time.Second
	// keysWithin is how long an answer may take. A caller waits for it at most once.
	keysWithin = 3 * time.Second

	maxKeySet = 1 << 20
	maxKeys   = 32
)

// KeySet is the public keys at a URL (RFC 7517). It is read when it is needed, and
// nothing runs in between. Of all who need it at a time one reads it; those whose
// key is known do not wait.
type KeySet struct {
	URL     string
	Now     func() time.Time
	Trouble func(error) // is told when it cannot be read

	mu      sync.Mutex
	keys    []listed
	read    time.Time     // when it was last read
	tried   time.Time     // when that was last tried
	reading chan struct{} // is closed when the reading that is under way has ended
}

// listed is a key of a set.
type listed struct {
	verifying
	id, algorithm string
}

// find returns the keys of the set that may have signed by this method under this
// name. A name is a hint (RFC 7515, section 4.1.4): a key of another name has not
// signed, a key without one may have (RFC 7517, section 4.5).
func (s *KeySet) find(method jwt.SigningMethod, id string) ([]verifying, error) {
	found, known := s.fitting(method, id)
	if s.wanting(known) {
		s.renew()
		found, _ = s.fitting(method, id)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.read.IsZero() || s.Now().Sub(s.read) > keysStale:
		return nil, port.ErrUnavailable
	case len(found) == 0:
		return nil, identity.ErrInvalidToken
	default:
		return found, nil
	}
}

// fitting returns those that fit, of this name first. known says that there is no
// other one to look for: one has the name, or none has any.
func (s *KeySet) fitting(method jwt.SigningMethod, id string) (found []verifying, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var nameless []verifying
	names := false
	for _, k := range s.keys {
		names = names || k.id != ""
		switch {
		case k.algorithm != "" && k.algorithm != method.Alg(), fits(method, k.key) != nil:
		case id == "" || k.id == id:
			found = append(found, k.verifying)
		case k.id == "":
			nameless = append(nameless, k.verifying)
		}
	}
	known = len(found) > 0 || !names && len(nameless) > 0
	return append(found, nameless...), known
}

// wanting reports whether the set is to be read before an answer is given: it is
// old, or a key that is asked for is not known. While somebody else reads, those
// who have a key go on with that.
func (s *KeySet) wanting(known bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	again := keysAgain
	if s.read.IsZero() {
		again = keysSoon
	}
	switch {
	case s.reading != nil:
		return !known
	case !s.tried.IsZero() && now.Sub(s.tried) < again:
		return false
	default:
		return !known || now.Sub(s.read) > keysFresh
	}
}

// renew reads the set, or waits for who does.
func (s *KeySet) renew() {
	s.mu.Lock()
	if underWay := s.reading; underWay != nil {
		s.mu.Unlock()
		<-underWay
		return
	}
	done := make(chan struct{})
	s.reading, s.tried = done, s.Now()
	s.mu.Unlock()
	keys, err := s.fetch()
	s.mu.Lock()
	if err == nil {
		s.keys, s.read = keys, s.Now()
	}
	s.reading = nil
	s.mu.Unlock()
	close(done)
	if err != nil && s.Trouble != nil {
		s.Trouble(fmt.Errorf("read the key set: %w", err))
	}
}

var (
	errElsewhere = errors.New("it is somewhere else by now, where nobody follows it")
	errTooLarge  = errors.New("it is larger than any key set")
)

// fetch asks for the set: of the URL and nowhere else, not for long, and not for
// more than a key set is.
func (s *KeySet) fetch() ([]listed, error) {
	ctx, cancel := context.WithTimeout(context.Background(), keysWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errElsewhere },
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it was answered %d", response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxKeySet+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxKeySet {
		return nil, errTooLarge
	}
	return parseKeySet(body)
}

// parseKeySet reads a set. What is in it beside keys that verify is passed over.
func parseKeySet(body []byte) ([]listed, error) {
	var set struct {
		Keys []jwkset.JWKMarshal `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, fmt.Errorf("it is no key set: %w", err)
	}
	var keys []listed
	for _, one := range set.Keys {
		if key, ok := public(one); ok && len(keys) < maxKeys {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no key in it that verifies")
	}
	return keys, nil
}

// public is the public key of an entry; what it says of certificates is not looked
// at, least of all fetched.
func public(of jwkset.JWKMarshal) (listed, bool) {
	of.X5U, of.X5C, of.X5T, of.X5TS256 = "", nil, "", ""
	if of.USE != "" && of.USE != jwkset.UseSig {
		return listed{}, false
	}
	parsed, err := jwkset.NewJWKFromMarshal(of, jwkset.JWKMarshalOptions{Private: true}, jwkset.JWKValidateOptions{SkipKeyOps: true})
	if err != nil {
		return listed{}, false
	}
	key := parsed.Key()
	if signer, private := key.(crypto.Signer); private {
		key = signer.Public()
	}
	encoded, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return listed{}, false // a secret, for one
	}
	return listed{verifying: verifying{print: printOf(encoded), key: key}, id: of.KID, algorithm: of.ALG.String()}, true
}
