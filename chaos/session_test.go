package chaos_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"parley/chaos"
)

// signedIn is the session that the bot uses.
func (b *bot) signedIn() identity {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.identity
}

// renew signs in again, unless that has been done since a token was taken.
func (b *bot) renew(ctx context.Context, stale string) error {
	b.signing.Lock()
	defer b.signing.Unlock()
	if b.signedIn().token != stale {
		return nil
	}
	return b.signInOnce(ctx)
}

// signIn begins a session, which the bot uses from then on.
func (b *bot) signIn(ctx context.Context) error {
	b.signing.Lock()
	defer b.signing.Unlock()
	return b.signInOnce(ctx)
}

func (b *bot) signInOnce(ctx context.Context) error {
	b.mu.Lock()
	words := append([]string(nil), b.words...)
	b.mu.Unlock()
	var failed error
	for _, word := range words { // it may be in the middle of a change
		got, err := b.ask(ctx, identity{}, http.MethodPost, "/api/auth/login", map[string]any{"email": b.name + "@example.org", "password": word})
		if err == nil && got.status == http.StatusOK {
			return b.begin(got)
		}
		failed = errors.Join(failed, fmt.Errorf("sign in %s: %d, %w", b.name, got.status, err))
	}
	return failed
}

func (b *bot) begin(got reply) error {
	var answer struct {
		AccessToken string
		User        struct{ ID int64 }
	}
	if err := json.Unmarshal(got.body, &answer); err != nil {
		return err
	}
	sid, err := sidOf(answer.AccessToken)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	b.identity = identity{answer.AccessToken, b.last, sid}
	if b.id == 0 {
		b.id = answer.User.ID // its ear reads it from now on
	}
	b.secrets = append(b.secrets, answer.AccessToken)
	b.history.Add(chaos.Record{Client: b.name, Op: chaos.SignIn, Phase: chaos.OK, Node: got.node, User: b.id, Session: b.last})
	return nil
}

// sidOf is the session that a token names, which is no secret.
func sidOf(token string) (string, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", fmt.Errorf("a token of %d parts", len(parts))
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", err
	}
	var has struct{ SID string }
	return has.SID, json.Unmarshal(claims, &has)
}

// The ways in which a session ends.
const (
	bySigningOut = "signing out"
	fromAnother  = "another session"
	byPassword   = "another password"
)

// endSessions ends the session that the bot uses, in one way after another, until
// quit is closed. Its ear and its mouth go on in the next one.
func (b *bot) endSessions(ctx context.Context, quit <-chan struct{}, every time.Duration) {
	ways := []func(context.Context, identity) error{b.signOut, b.endFromAnother, b.changePassword}
	for n := 0; ; n++ {
		if !rest(quit, every/2+time.Duration(b.random(int(every)))) {
			return
		}
		old := b.signedIn()
		if err := ways[n%len(ways)](ctx, old); err != nil {
			continue // ctx has ended, or it could not sign in; the next turn may
		}
		b.tryEnded(ctx, old)
		if !rest(quit, 2*time.Second) {
			return
		}
		b.tryEnded(ctx, old)
	}
}

// rest waits, and reports whether quit is still open then.
func rest(quit <-chan struct{}, lasts time.Duration) bool {
	select {
	case <-quit:
		return false
	case <-time.After(lasts):
		return true
	}
}

// ending writes down that sessions are ended, and what became of it.
func (b *bot) ending(phase chaos.Phase, way string, ended ...int) {
	for _, session := range ended {
		b.history.Add(chaos.Record{Client: b.name, Op: chaos.End, Phase: phase, Session: session, Note: way})
	}
}

// until calls in a session until the answer is one that done takes.
func (b *bot) until(ctx context.Context, as func() identity, method, path string, in any, done func(reply) bool) error {
	for tries := 1; ; tries++ {
		used := as()
		got, err := b.ask(ctx, used, method, path, in)
		got.tries = tries
		if err == nil && done(got) {
			return nil
		}
		if err == nil && got.status == http.StatusUnauthorized {
			_ = b.renew(ctx, used.token) // it is tried again anyway
		}
		if err := b.wait(ctx); err != nil {
			return err
		}
	}
}

// signOut: that the token is good for nothing any more says that it was done.
func (b *bot) signOut(ctx context.Context, old identity) error {
	b.ending(chaos.Invoked, bySigningOut, old.session)
	err := b.until(ctx, func() identity { return old }, http.MethodPost, "/api/auth/logout", nil, func(got reply) bool {
		return got.status == http.StatusNoContent || got.status == http.StatusUnauthorized
	})
	if err != nil {
		return err
	}
	b.ending(chaos.OK, bySigningOut, old.session)
	return b.renew(ctx, old.token)
}

func (b *bot) endFromAnother(ctx context.Context, old identity) error {
	if err := b.signIn(ctx); err != nil {
		return err
	}
	b.ending(chaos.Invoked, fromAnother, old.session)
	err := b.until(ctx, b.signedIn, http.MethodDelete, "/api/me/sessions/"+old.sid, nil, func(got reply) bool {
		return got.status == http.StatusNoContent || got.status == http.StatusNotFound && got.tries > 1
	})
	if err != nil {
		return err
	}
	b.ending(chaos.OK, fromAnother, old.session)
	return nil
}

// changePassword ends every session but the one that it is done in. When the
// password turns out to be another one already, an answer was lost.
func (b *bot) changePassword(ctx context.Context, old identity) error {
	if err := b.signIn(ctx); err != nil {
		return err
	}
	b.mu.Lock()
	current, next := b.words[0], secretly(fmt.Sprintf("password %d of %s", b.last, b.name))
	b.words = []string{current, next}
	b.mu.Unlock()
	b.ending(chaos.Invoked, byPassword, old.session)
	err := b.until(ctx, b.signedIn, http.MethodPut, "/api/me/password", map[string]any{"currentPassword": current, "newPassword": next}, func(got reply) bool {
		var no struct{ Code string }
		_ = json.Unmarshal(got.body, &no) // a 204 has none
		return got.status == http.StatusNoContent || no.Code == "invalid-credentials" && got.tries > 1
	})
	if err != nil {
		return err
	}
	b.mu.Lock()
	b.words = []string{next}
	b.mu.Unlock()
	b.ending(chaos.OK, byPassword, old.session)
	return nil
}

// tryEnded tries what the token of an ended session is good for, on each node.
func (b *bot) tryEnded(ctx context.Context, old identity) {
	for range b.system.nodes {
		r := chaos.Record{Client: b.name, Op: chaos.Use, Phase: chaos.Invoked, Session: old.session}
		b.history.Add(r)
		got, err := b.ask(ctx, old, http.MethodGet, "/api/me", nil)
		r.Node = got.node
		switch {
		case err == nil && got.status == http.StatusOK:
			r.Phase = chaos.OK
		case err == nil && got.status == http.StatusUnauthorized:
			r.Phase = chaos.Failed
		default:
			r.Phase = chaos.Unknown
		}
		b.history.Add(r)
	}
}
