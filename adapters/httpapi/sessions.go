package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"parley/adapters/wire"
	"parley/application/accounts"
	"parley/domain/identity"
)

// PasswordChange is the password that somebody has, and the one they want.
type PasswordChange struct {
	CurrentPassword string `json:"currentPassword" example:"correct horse battery staple"`
	NewPassword     string `json:"newPassword" example:"a longer horse with two batteries" doc:"8 characters or more, 1024 bytes at most; not a common one."`
}

// SessionList is where one is signed in.
type SessionList struct {
	Items    []wire.Session `json:"items"`
	NextPage *string        `json:"nextPage" nullable:"true" doc:"The page after this one; null at the end."`
}

type (
	refreshInput struct{ Presented }
	logoutOutput struct {
		Cookies []string `header:"Set-Cookie" doc:"Takes the cookies of the session away."`
	}
	sessionsInput  struct{ PageQuery }
	sessionsOutput struct{ Body SessionList }
	sessionInput   struct {
		Session string `path:"sessionId"`
	}
	passwordInput struct{ Body PasswordChange }
)

func (a *api) sessions() {
	register(a, operation{
		method: http.MethodPost, path: refreshPath + "/refresh", id: "refresh", tag: accountsTag, public: true, shows: []string{"refresh"},
		summary: "Go on with a session",
		description: "Takes the cookie and gives the next one. A cookie that is sent once more within 10 seconds gets the same answer, for the first may have been lost; " +
			"one that is used again later ends its session.",
		answers:  map[int]string{http.StatusOK: "The session's next access token."},
		refusals: []string{"unauthenticated", "invalid-token", "session-revoked", "cross-origin"},
	}, a.refresh)
	register(a, operation{
		method: http.MethodPost, path: refreshPath + "/logout", id: "logout", tag: accountsTag, public: true, shows: []string{"bearer", "refresh"},
		summary:     "Sign out",
		description: "Ends the session of the access token or, without one, of the cookie: its tokens, its cookie and its open streams.",
		answers:     map[int]string{http.StatusNoContent: "The session has ended."},
		refusals:    []string{"unauthenticated", "invalid-token", "session-revoked", "cross-origin"},
	}, a.logout)
	register(a, operation{
		method: http.MethodGet, path: "/api/me/sessions", id: "listSessions", tag: accountsTag,
		summary:  "Where one is signed in",
		answers:  map[int]string{http.StatusOK: "The sessions that last, by ascending id. There are 100 at most: where more are begun, those that were not used for longest end."},
		refusals: []string{"invalid-cursor"},
	}, a.listSessions)
	register(a, operation{
		method: http.MethodDelete, path: "/api/me/sessions/{sessionId}", id: "endSession", tag: accountsTag,
		summary:  "Sign out another device",
		answers:  map[int]string{http.StatusNoContent: "The session has ended: its tokens, its cookie and its open streams."},
		refusals: []string{"not-found"},
	}, a.endSession)
	register(a, operation{
		method: http.MethodPut, path: "/api/me/password", id: "changePassword", tag: accountsTag,
		summary:     "Change one's password",
		description: "Every other session ends.",
		answers:     map[int]string{http.StatusNoContent: "The password is the new one."},
		refusals:    []string{"invalid-credentials", "weak-password", "too-many-attempts"},
	}, a.changePassword)
}

func (a *api) refresh(ctx context.Context, in *refreshInput) (*loginOutput, error) {
	renewal, err := a.renewal(in.request)
	if err != nil {
		return nil, err
	}
	signedIn, err := a.App.Refresh.Handle(ctx, renewal)
	if errors.Is(err, identity.ErrUsedTwice) {
		a.security().note(ctx, slog.LevelWarn, refreshReused, identity.Caller{Session: renewal.Session}, "")
	}
	if err != nil {
		return nil, err
	}
	return a.signedIn(signedIn)
}

// logout takes the cookies away; that of the refresh stays if it is of another
// session.
func (a *api) logout(ctx context.Context, in *refreshInput) (*logoutOutput, error) {
	cmd, err := a.departing(in.request)
	if err != nil {
		return nil, err
	}
	if err := a.App.SignOut.Handle(ctx, cmd); err != nil {
		return nil, err
	}
	out := &logoutOutput{Cookies: []string{a.cookie("", -overlap-1).String()}}
	renewal, err := a.renewal(in.request)
	if cmd.Who == (identity.Caller{}) || err != nil || renewal.Session == cmd.Who.Session {
		out.Cookies = append(out.Cookies, a.refreshCookie("", -1).String())
	}
	return out, nil
}

func (a *api) listSessions(ctx context.Context, in *sessionsInput) (*sessionsOutput, error) {
	page, err := a.after(wire.Sessions, in.PageQuery)
	if err != nil {
		return nil, err
	}
	sessions, err := a.App.MySessions.Handle(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	for len(sessions) > 0 && sessions[0].ID.Int64() <= page.ID {
		sessions = sessions[1:]
	}
	current := caller(ctx).Session
	items, next := paged(a, sessions, in.Limit, func(s identity.Session) wire.Session {
		return wire.SessionOf(s, current)
	}, func(s identity.Session) wire.Page { return wire.Page{Of: wire.Sessions, ID: s.ID.Int64()} })
	return &sessionsOutput{Body: SessionList{Items: items, NextPage: next}}, nil
}

func (a *api) endSession(ctx context.Context, in *sessionInput) (*nothing, error) {
	id, err := identity.ParseSessionID(in.Session)
	if err != nil {
		return nil, identity.ErrNoSession
	}
	return nil, a.App.EndSession.Handle(ctx, accounts.EndSessionCommand{Who: caller(ctx), Session: id})
}

func (a *api) changePassword(ctx context.Context, in *passwordInput) (*nothing, error) {
	err := a.App.ChangePassword.Handle(ctx, accounts.ChangePasswordCommand{
		Who: caller(ctx), Current: in.Body.CurrentPassword, New: in.Body.NewPassword,
	})
	switch {
	case err == nil:
		a.security().note(ctx, slog.LevelInfo, passwordChanged, caller(ctx), "")
	case errors.Is(err, identity.ErrCredentials):
		a.security().note(ctx, slog.LevelWarn, passwordWrong, caller(ctx), "")
	case errors.Is(err, identity.ErrWeakPassword):
		return nil, &located{identity.ErrWeakPassword, "body.newPassword"}
	}
	return nil, err
}
