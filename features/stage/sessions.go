package stage

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"parley/application/accounts"
	"parley/application/delivery"
	"parley/domain/identity"
)

// Devices is what somebody does about where they are signed in.
type Devices interface {
	// SignOut signs this device out.
	SignOut(ctx context.Context) error
	// SignedIn has the sessions of all devices, and that of this one.
	SignedIn(ctx context.Context) (all []Session, here Session, err error)
	// EndSession signs one of them out.
	EndSession(ctx context.Context, which Session) error
	// ChangePassword takes the current password, if it is known, and another.
	ChangePassword(ctx context.Context, known bool) error

	// Guess tries to sign in as somebody with a password that is not theirs.
	Guess(ctx context.Context, name string) error
	// SignInAgain signs in again on this device, which is signed in already.
	SignInAgain(ctx context.Context) (Client, error)

	// Key is what this device goes on with its session with. Nobody but the
	// program can read it.
	Key() string
	// GoOn goes on with the session of a key, and is the device that does.
	GoOn(ctx context.Context, key string) (Client, error)
}

// Session is a session, as one sees it in a list.
type Session string

// Closed says that the program has ended a line, and why.
type Closed struct{ Reason, Advice string }

func (c *Closed) Error() string { return "the line was closed: " + c.Reason + ", " + c.Advice }

// another is the password that people take next.
const another = "a battery of horses"

// SignOut signs this device out.
func (c direct) SignOut(ctx context.Context) error {
	return refused(c.app.SignOut.Handle(ctx, accounts.SignOutCommand{Who: c.who}))
}

// SignedIn has the sessions of all devices.
func (c direct) SignedIn(ctx context.Context) (all []Session, here Session, err error) {
	listed, err := c.app.MySessions.Handle(ctx, c.who)
	for _, one := range listed {
		all = append(all, Session(one.ID.String()))
	}
	return all, Session(c.who.Session.String()), refused(err)
}

// EndSession signs one of them out.
func (c direct) EndSession(ctx context.Context, which Session) error {
	id, err := identity.ParseSessionID(string(which))
	if err != nil {
		return err
	}
	return refused(c.app.EndSession.Handle(ctx, accounts.EndSessionCommand{Who: c.who, Session: id}))
}

// ChangePassword takes another password.
func (c direct) ChangePassword(ctx context.Context, known bool) error {
	cmd := accounts.ChangePasswordCommand{Who: c.who, Current: password, New: another}
	if !known {
		cmd.Current = another
	}
	return refused(c.app.ChangePassword.Handle(ctx, cmd))
}

// Guess tries a password.
func (c direct) Guess(ctx context.Context, name string) error {
	_, err := c.app.SignIn.Handle(ctx, accounts.SignInCommand{Email: address(name), Password: another})
	return refused(err)
}

// SignInAgain shows what the device has.
func (c direct) SignInAgain(ctx context.Context) (Client, error) {
	in, err := c.app.SignIn.Handle(ctx, accounts.SignInCommand{Email: address(c.name), Password: password, Device: c.renewal})
	return c.in(in), refused(err)
}

// Key writes a renewal down. A direct client could read it; the steps do not.
func (c direct) Key() string {
	return fmt.Sprintf("%d:%d:%x", c.renewal.Session.Int64(), c.renewal.Turn, c.renewal.Seal)
}

// GoOn goes on with the session of a key.
func (c direct) GoOn(ctx context.Context, key string) (Client, error) {
	var number int64
	var r identity.Renewal
	var seal string
	if _, err := fmt.Sscanf(strings.ReplaceAll(key, ":", " "), "%d %d %s", &number, &r.Turn, &seal); err != nil {
		return nil, err
	}
	raw, wrong := hex.DecodeString(seal)
	id, err := identity.SessionIDFrom(number)
	if err = errors.Join(wrong, err); err != nil {
		return nil, err
	}
	r.Session = id
	copy(r.Seal[:], raw)
	in, err := c.app.Refresh.Handle(ctx, r)
	return c.in(in), refused(err)
}

// in is the device that has signed in.
func (c direct) in(in accounts.SignedIn) direct {
	c.who = identity.Caller{User: in.User.ID, Session: in.Session.ID}
	c.renewal, c.until = in.Renewal, in.Until
	return c
}

// admit is what every transport asks before it lets anybody do anything.
func (c direct) admit(ctx context.Context) error { return refused(c.app.Admit.Handle(ctx, c.who)) }

func closed(c delivery.Closing) error {
	words := &Closed{Reason: fmt.Sprint(c.Reason), Advice: fmt.Sprint(c.Advice)}
	switch c.Reason {
	case delivery.Revoked:
		words.Reason = "revoked"
	case delivery.Expired:
		words.Reason = "expired"
	case delivery.Drain, delivery.Slow, delivery.TooMany:
	}
	if c.Advice == delivery.Reauthenticate {
		words.Advice = "reauthenticate"
	}
	return words
}

// SignOut signs this device out.
func (c browser) SignOut(ctx context.Context) error {
	return c.do(ctx, http.MethodPost, "/api/auth/logout", nil, nil)
}

// SignedIn has the sessions of all devices.
func (c browser) SignedIn(ctx context.Context) (sessions []Session, here Session, err error) {
	type session struct {
		ID      json.Number
		Current bool
	}
	listed, err := all[session](ctx, c, "/api/me/sessions", url.Values{})
	for _, one := range listed {
		sessions = append(sessions, Session(one.ID))
		if one.Current {
			here = Session(one.ID)
		}
	}
	return sessions, here, err
}

// EndSession signs one of them out.
func (c browser) EndSession(ctx context.Context, which Session) error {
	return c.do(ctx, http.MethodDelete, "/api/me/sessions/"+string(which), nil, nil)
}

// ChangePassword takes another password.
func (c browser) ChangePassword(ctx context.Context, known bool) error {
	change := map[string]any{"currentPassword": password, "newPassword": another}
	if !known {
		change["currentPassword"] = another
	}
	return c.do(ctx, http.MethodPut, "/api/me/password", change, nil)
}

// Guess tries a password.
func (c browser) Guess(ctx context.Context, name string) error {
	c.token, c.cookie = "", ""
	_, err := c.signIn(ctx, "/api/auth/login", map[string]any{"email": address(name), "password": another})
	return err
}

// SignInAgain shows the cookie that the device has.
func (c browser) SignInAgain(ctx context.Context) (Client, error) {
	return c.signIn(ctx, "/api/auth/login", map[string]any{"email": address(c.name), "password": password})
}

// Key is the cookie.
func (c browser) Key() string { return c.cookie }

// GoOn sends the cookie.
func (c browser) GoOn(ctx context.Context, key string) (Client, error) {
	c.token, c.cookie = "", key
	return c.signIn(ctx, "/api/auth/refresh", nil)
}

// signIn takes a new token, and the cookie that comes with it.
func (c browser) signIn(ctx context.Context, path string, body any) (Client, error) {
	header, answer, err := c.send(ctx, http.MethodPost, path, body)
	if err != nil {
		return nil, err
	}
	var in struct {
		AccessToken string
		User        struct{ ID int64 }
	}
	set, wrong := http.ParseSetCookie(header.Get("Set-Cookie"))
	if err := errors.Join(wrong, json.Unmarshal(answer, &in)); err != nil {
		return nil, err
	}
	c.token, c.cookie = in.AccessToken, set.Value
	c.me, err = identity.UserIDFrom(in.User.ID)
	return c, err
}

// cookieName is what the cookie is called on one machine.
const cookieName = "parley_refresh"
