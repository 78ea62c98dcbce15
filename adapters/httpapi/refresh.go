package httpapi

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"parley/adapters/wire"
	"parley/application/accounts"
	"parley/domain/identity"
)

// The cookies that carry what a session is renewed with.
const (
	SecureRefreshCookie   = "__Secure-parley_refresh"
	LoopbackRefreshCookie = "parley_refresh"
)

const (
	refreshPath = "/api/auth"

	// forEver is for how long browsers keep a cookie at most, in seconds (RFC
	// 6265bis: 400 days); each use renews it.
	forEver = 400 * 24 * 60 * 60
)

// Presented is what a request shows of who sends it, where more than one kind of
// that is taken. (Huma fills no embedded struct that is not exported.)
type Presented struct{ request *http.Request }

// Resolve remembers the request.
func (p *Presented) Resolve(ctx huma.Context) []error {
	p.request, _ = humago.Unwrap(ctx)
	return nil
}

// signedIn answers with a session: a new access token, and what to renew it with
// the next time.
func (a *api) signedIn(in accounts.SignedIn) (*loginOutput, error) {
	token, proof, err := a.Mint(identity.Caller{User: in.User.ID, Session: in.Session.ID}, in.Until)
	if err != nil {
		return nil, err
	}
	life := forEver
	if !in.Until.IsZero() {
		life = max(1, min(forEver, int(math.Ceil(in.Until.Sub(a.Now()).Seconds()))))
	}
	return &loginOutput{
		Cookie: a.refreshCookie(sealed(in.Renewal), life).String(),
		Body: Login{
			AccessToken: token,
			TokenType:   "Bearer",
			ExpiresIn:   a.lifeOf(proof),
			User:        wire.UserOf(in.User),
		},
	}, nil
}

// refreshCookie has this value for so many seconds; a life below zero takes the
// cookie away.
func (a *api) refreshCookie(value string, life int) *http.Cookie {
	c := &http.Cookie{ //nolint:gosec // it is insecure on loopback alone, where there is no TLS
		Name: a.refreshName(), Value: value, Path: refreshPath, MaxAge: life,
		Secure: !a.Loopback, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
	return c
}

func (a *api) refreshName() string {
	if a.Loopback {
		return LoopbackRefreshCookie
	}
	return SecureRefreshCookie
}

// renewal reads the cookie. Nothing in it is believed before its seal has been
// looked at.
func (a *api) renewal(r *http.Request) (identity.Renewal, error) {
	cookie, err := r.Cookie(a.refreshName())
	if err != nil {
		return identity.Renewal{}, identity.ErrUnauthenticated
	}
	return opened(cookie.Value)
}

// departing is who signs out: by a token that is good, or by the cookie. A token
// that has expired stands in the way of nobody who has the cookie of its session
// too, but another one that is bad is never passed over.
func (a *api) departing(r *http.Request) (cmd accounts.SignOutCommand, err error) {
	renewal, noCookie := a.renewal(r)
	proof, err := a.prove(r)
	switch {
	case err == nil:
		return accounts.SignOutCommand{Who: proof.Caller}, nil
	case errors.Is(err, identity.ErrUnauthenticated):
		return accounts.SignOutCommand{Renewal: renewal}, noCookie
	case noCookie == nil && errors.Is(err, identity.ErrExpiredToken) && proof.Caller.Session == renewal.Session:
		return accounts.SignOutCommand{Renewal: renewal}, nil
	default:
		return accounts.SignOutCommand{}, err
	}
}

// unpadded is strict: one renewal has one text.
var unpadded = base64.RawURLEncoding.Strict()

const numbers = 16 // bytes of a renewal before its seal: the session and the turn

// sealed is a renewal as the cookie has it.
func sealed(r identity.Renewal) string {
	raw := make([]byte, 0, numbers+len(r.Seal))
	raw = binary.BigEndian.AppendUint64(raw, uint64(r.Session.Int64()))
	raw = binary.BigEndian.AppendUint64(raw, uint64(r.Turn))
	return unpadded.EncodeToString(append(raw, r.Seal[:]...))
}

// opened reads what sealed writes.
func opened(text string) (r identity.Renewal, err error) {
	raw, err := unpadded.DecodeString(text)
	if err != nil || len(raw) != numbers+len(r.Seal) {
		return identity.Renewal{}, identity.ErrRenewal
	}
	if r.Session, err = identity.SessionIDFrom(int64(binary.BigEndian.Uint64(raw))); err != nil {
		return identity.Renewal{}, identity.ErrRenewal
	}
	r.Turn = int64(binary.BigEndian.Uint64(raw[8:]))
	copy(r.Seal[:], raw[numbers:])
	return r, nil
}
