package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"unicode/utf8"

	"parley/adapters/wire"
	"parley/application/accounts"
	"parley/domain/identity"
)

// RegisterRequest is what an account is made of.
type RegisterRequest struct {
	Email       string `json:"email" maxLength:"254" example:"ada@example.org"`
	Password    string `json:"password" example:"correct horse battery staple" doc:"8 characters or more, 1024 bytes at most; not a common one."`
	DisplayName string `json:"displayName" minLength:"1" maxLength:"100" example:"Ada"`
}

// LoginRequest is what somebody presents to sign in.
type LoginRequest struct {
	Email    string `json:"email" example:"ada@example.org"`
	Password string `json:"password" example:"correct horse battery staple"`
}

// Login is a user with the access token of their new session.
type Login struct {
	AccessToken string    `json:"accessToken" example:"eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln" doc:"Send it as a bearer token."`
	TokenType   string    `json:"tokenType" enum:"Bearer" example:"Bearer"`
	ExpiresIn   int64     `json:"expiresIn" minimum:"0" maximum:"86400" example:"300" doc:"Seconds from now."`
	User        wire.User `json:"user"`
}

// ProfilePatch is what changes of an account; what is not there stays.
type ProfilePatch struct {
	DisplayName    *string `json:"displayName,omitempty" minLength:"1" maxLength:"100" example:"Ada L."`
	PresenceHidden *bool   `json:"presenceHidden,omitempty" example:"true"`
}

// UserList is a page of people.
type UserList struct {
	Items    []wire.Person `json:"items"`
	NextPage *string       `json:"nextPage" nullable:"true" doc:"The page after this one; null at the end."`
}

type (
	registerInput struct{ Body RegisterRequest }
	loginInput    struct {
		Presented
		UserAgent string `header:"User-Agent" hidden:"true"`
		Body      LoginRequest
	}
	profileInput struct{ Body ProfilePatch }
	usersInput   struct {
		Query string `query:"query" required:"true" minLength:"1" maxLength:"100" example:"ada" doc:"The beginning of any word of the name, or the whole e-mail address."`
		PageQuery
	}
	nothing     struct{}
	loginOutput struct {
		Cookie string `header:"Set-Cookie" doc:"What the session is renewed with, for the paths under /api/auth alone."`
		Body   Login
	}
	userOutput  struct{ Body wire.User }
	usersOutput struct{ Body UserList }
)

func (a *api) accounts() {
	register(a, operation{
		method: http.MethodPost, path: "/api/auth/register", id: "register", tag: accountsTag, public: true,
		summary:  "Make an account",
		answers:  map[int]string{http.StatusCreated: "The new account."},
		refusals: []string{"email-taken", "weak-password", "not-allowed", "too-many-attempts", "cross-origin"},
	}, a.register)
	register(a, operation{
		method: http.MethodPost, path: "/api/auth/login", id: "login", tag: accountsTag, public: true,
		summary: "Sign in",
		description: "Begins a session. The answer does not say whether the address or the password is wrong. After too many wrong ones further attempts have to wait; " +
			"but not those of a device that sends the refresh cookie of a session of this account.",
		answers:  map[int]string{http.StatusOK: "The session's first access token."},
		refusals: []string{"invalid-credentials", "too-many-attempts", "cross-origin"},
	}, a.login)
	register(a, operation{
		method: http.MethodGet, path: "/api/me", id: "getMe", tag: accountsTag,
		summary: "One's own account",
		answers: map[int]string{http.StatusOK: "The account."},
	}, a.me)
	register(a, operation{
		method: http.MethodPatch, path: "/api/me", id: "changeMe", tag: accountsTag,
		summary: "Change one's own account",
		answers: map[int]string{http.StatusOK: "The account as it is now."},
	}, a.changeMe)
	register(a, operation{
		method: http.MethodGet, path: "/api/users", id: "findUsers", tag: accountsTag,
		summary:     "Find people to talk to",
		description: "Nobody's e-mail address is shown.",
		answers:     map[int]string{http.StatusOK: "People, by ascending id."},
		refusals:    []string{"invalid-cursor"},
	}, a.findUsers)
}

func (a *api) register(ctx context.Context, in *registerInput) (*userOutput, error) {
	email, badEmail := identity.ParseEmail(in.Body.Email)
	name, badName := identity.ParseDisplayName(in.Body.DisplayName)
	if err := errors.Join(badEmail, badName); err != nil {
		return nil, err
	}
	user, err := a.App.Register.Handle(ctx, accounts.RegisterCommand{Email: email, Password: in.Body.Password, Name: name})
	if err != nil {
		return nil, err
	}
	return &userOutput{Body: wire.UserOf(user)}, nil
}

func (a *api) login(ctx context.Context, in *loginInput) (*loginOutput, error) {
	known, _ := a.renewal(in.request) // a device without one is just not known
	signedIn, err := a.App.SignIn.Handle(ctx, accounts.SignInCommand{
		Email: in.Body.Email, Password: in.Body.Password, UserAgent: device(in.UserAgent),
		Network: network(VisitOf(ctx).From), Device: known,
	})
	a.noteSignIn(ctx, signedIn, err)
	if err != nil {
		return nil, err
	}
	return a.signedIn(signedIn)
}

// noteSignIn notes how an attempt turned out; one that was not looked at is noted
// as what it was refused for.
func (a *api) noteSignIn(ctx context.Context, in accounts.SignedIn, err error) {
	who := identity.Caller{User: in.User.ID, Session: in.Session.ID}
	switch {
	case err == nil:
		a.security().note(ctx, slog.LevelInfo, signedIn, who, "")
	case errors.Is(err, identity.ErrCredentials):
		a.security().note(ctx, slog.LevelWarn, signInFailed, who, "")
	}
}

// device is what a user agent calls itself, as far as it is worth keeping.
func device(userAgent string) string {
	const longest = 255
	text := strings.ToValidUTF8(userAgent, "")
	if len(text) <= longest {
		return text
	}
	end := longest
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// lifeOf is for how many seconds a token will be good, the last one begun: its
// end stands in it without a fraction.
func (a *api) lifeOf(proof identity.Proof) int64 {
	return max(0, int64(math.Ceil(proof.Until.Sub(a.Now()).Seconds())))
}

func (a *api) me(ctx context.Context, _ *nothing) (*userOutput, error) {
	user, err := a.App.Profile.Handle(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	return &userOutput{Body: wire.UserOf(user)}, nil
}

func (a *api) changeMe(ctx context.Context, in *profileInput) (*userOutput, error) {
	change := accounts.ChangeProfileCommand{Who: caller(ctx), PresenceHidden: in.Body.PresenceHidden}
	if in.Body.DisplayName != nil {
		name, err := identity.ParseDisplayName(*in.Body.DisplayName)
		if err != nil {
			return nil, err
		}
		change.Name = &name
	}
	user, err := a.App.ChangeProfile.Handle(ctx, change)
	if err != nil {
		return nil, err
	}
	return &userOutput{Body: wire.UserOf(user)}, nil
}

func (a *api) findUsers(ctx context.Context, in *usersInput) (*usersOutput, error) {
	query, err := identity.ParseQuery(in.Query)
	if err != nil {
		return nil, err
	}
	page, err := a.after(wire.Users, in.PageQuery)
	if err != nil {
		return nil, err
	}
	find := accounts.FindPeopleQuery{Query: query, Limit: in.Limit + 1}
	if page.ID != 0 {
		find.After = numbered(page.ID, identity.UserIDFrom)
	}
	people, err := a.App.FindPeople.Handle(ctx, find)
	if err != nil {
		return nil, err
	}
	items, next := paged(a, people, in.Limit, wire.PersonOf, func(p identity.Person) wire.Page {
		return wire.Page{Of: wire.Users, ID: p.ID.Int64()}
	})
	return &usersOutput{Body: UserList{Items: items, NextPage: next}}, nil
}
