package ssefeed

import (
	"errors"
	"net/http"
	"strings"

	"parley/adapters/form"
	"parley/application/delivery"
	"parley/domain/fault"
	"parley/domain/hub"
	"parley/domain/identity"
)

// ErrTokenInURL refuses a token in the URL, which is logged and remembered.
var ErrTokenInURL = fault.New(fault.Unproven, "token-in-url-refused", "A token does not belong in a URL.")

// place is where a token stands.
type place int

const (
	nowhere place = iota
	inHeader
	inURL
	inCookie
)

// presented is a token as it was presented.
type presented struct {
	token string
	in    place
}

// present finds the token. The first that is found is used, and nothing stands in
// for a bad one.
func (f *Feed) present(r *http.Request, query []form.Pair) (presented, error) {
	if headers, ok := r.Header["Authorization"]; ok {
		scheme, token, _ := strings.Cut(headers[0], " ")
		token = strings.Trim(token, " ")
		if len(headers) != 1 || !strings.EqualFold(scheme, "Bearer") || token == "" || strings.ContainsAny(token, " \t,") {
			return presented{}, hub.ErrPresented
		}
		return presented{token, inHeader}, nil
	}
	if token, found := first(query, "authorization"); found {
		if !f.QueryToken {
			return presented{}, ErrTokenInURL
		}
		const scheme = "Bearer "
		if len(token) >= len(scheme) && strings.EqualFold(token[:len(scheme)], scheme) {
			token = token[len(scheme):]
		}
		return presented{token, inURL}, nil
	}
	for _, name := range f.Cookies {
		if cookie, err := r.Cookie(name); err == nil {
			return presented{cookie.Value, inCookie}, nil
		}
	}
	return presented{}, nil
}

// verify returns whose the token is; what a token of Mercure 1.0 stands for is
// never taken from a URL.
func (p presented) verify(by func(string) (hub.Bearer, error)) (hub.Bearer, error) {
	bearer, err := by(p.token)
	if p.in == inURL && bearer.Grant.Dialect == hub.Modern {
		return hub.Bearer{}, ErrTokenInURL
	}
	return bearer, err
}

// listener returns who listens. closing says that they are to renew their token
// first.
func (f *Feed) listener(r *http.Request, shown presented) (bearer hub.Bearer, closing *delivery.Closing, err error) {
	if shown.in == nowhere {
		if !f.Anonymous {
			return hub.Bearer{}, nil, identity.ErrUnauthenticated
		}
		return hub.Bearer{}, nil, nil
	}
	bearer, err = shown.verify(f.Subscriber)
	late := shown.in == inCookie && bearer.IsUser() && errors.Is(err, identity.ErrExpiredToken) && f.Now().Sub(bearer.Until) <= grace
	if !late && (err != nil || r.Method != http.MethodHead || !bearer.IsUser()) {
		return bearer, nil, err // whose stream opens is admitted then
	}
	if err := f.Admit(r.Context(), bearer.Caller); err != nil {
		return hub.Bearer{}, nil, err
	}
	if !late {
		return bearer, nil, nil
	}
	return bearer, &delivery.Closing{Reason: delivery.Expired, Advice: delivery.Reauthenticate}, nil
}

// granted returns what the token that was shown grants, as Publisher or Subscriber
// reads it. Of a user of the chat it is nothing, once it is sure that they are one.
func (f *Feed) granted(r *http.Request, shown presented, by func(string) (hub.Bearer, error)) (hub.Grant, error) {
	if shown.in == nowhere {
		return hub.Grant{}, identity.ErrUnauthenticated
	}
	bearer, err := shown.verify(by)
	if err != nil {
		return hub.Grant{}, err
	}
	if bearer.IsUser() {
		return hub.Grant{}, f.Admit(r.Context(), bearer.Caller)
	}
	return bearer.Grant, nil
}
