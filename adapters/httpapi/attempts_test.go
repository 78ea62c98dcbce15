package httpapi_test

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"parley/adapters/httpapi"
	"parley/domain/identity"
	"parley/domain/message"
)

// login presents a password, on a device with this cookie if it has one.
func (w *world) login(email, with, cookie string) answer {
	w.t.Helper()
	var headers []string
	if cookie != "" {
		headers = []string{"Cookie", httpapi.SecureRefreshCookie + "=" + cookie}
	}
	return w.post("/api/auth/login", map[string]any{"email": email, "password": with}, headers...)
}

// guess guesses wrong as often as that is looked at, which is five times.
func (w *world) guess(email, cookie string) {
	w.t.Helper()
	for range 5 {
		w.login(email, "wrong horse", cookie).refused(w.t, http.StatusUnauthorized, "invalid-credentials")
	}
}

// waits fails the test unless the answer is that one has to wait, half a minute at
// most.
func (w *world) waits(a answer) answer {
	w.t.Helper()
	a.refused(w.t, http.StatusTooManyRequests, "too-many-attempts")
	if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 || wait > 30 {
		w.t.Errorf("one is to wait %q", a.header.Get("Retry-After"))
	}
	return a
}

func TestWhoGuessesWaitsWhetherThereIsAnAccountOrNot(t *testing.T) {
	w := open(t, message.Pace{})
	w.person("ada")
	w.guess("ada@example.org", "")
	w.guess("nobody@example.org", "")
	hers := w.waits(w.login("ADA@example.org", "wrong horse", ""))
	nobodys := w.waits(w.login("nobody@example.org", "wrong horse", ""))
	if !bytes.Equal(hers.body, nobodys.body) {
		t.Errorf("the two answers differ: %s, %s", hers.body, nobodys.body)
	}
	w.waits(w.login("ada@example.org", password, "")) // or guesses would go on unseen
}

func TestADeviceThatIsSignedInToTheAccountDoesNotWaitForOthersGuesses(t *testing.T) {
	w := open(t, message.Pace{})
	w.person("ada")
	w.person("eve")
	phone, tablet, eves := w.signIn("ada"), w.signIn("ada"), w.signIn("eve")
	w.post("/api/auth/logout", nil, "Cookie", httpapi.SecureRefreshCookie+"="+tablet.cookie).want(t, http.StatusNoContent)
	later := w.refresh(w.renew(w.refresh(w.renew(phone.cookie).want(t, http.StatusOK))).want(t, http.StatusOK))
	w.guess("ada@example.org", "")
	for says, cookie := range map[string]string{
		"of no session": "nonsense", "of another user": eves.cookie, "of a session that has ended": tablet.cookie,
		"that was used up": phone.cookie, "that is forged": later[:60] + "AAAA",
	} {
		if a := w.login("ada@example.org", password, cookie); a.status != http.StatusTooManyRequests {
			t.Errorf("a cookie %s lets in: %d", says, a.status)
		}
	}
	w.login("ada@example.org", password, later).want(t, http.StatusOK)
	w.guess("ada@example.org", later)
	w.waits(w.login("ada@example.org", password, later)) // who has taken the device may guess no more than others
	eves.get("/api/me").want(t, http.StatusOK)
}

func TestAHashThatHasGrownWeakIsMadeAnewWhenItsOwnerSignsIn(t *testing.T) {
	w := open(t, message.Pace{})
	w.person("ada")
	signIn, made := w.settings.App.SignIn, 0
	signIn.Weak = func(hash string) bool { return !strings.HasPrefix(hash, "new") }
	signIn.Hash = func(_ context.Context, p identity.Password) (string, error) {
		made++
		return "new hash of " + p.Secret(), nil
	}
	signIn.Verify = func(_ context.Context, p identity.Password, hash string) (bool, error) {
		return strings.TrimPrefix(hash, "new ") == "hash of "+p.Secret(), nil
	}
	w.settings.App.SignIn = signIn
	w.client = serve(t, w.settings, noFeed)
	w.login("ada@example.org", "wrong horse", "").refused(t, http.StatusUnauthorized, "invalid-credentials")
	for range 2 {
		w.login("ada@example.org", password, "").want(t, http.StatusOK)
	}
	w.login("ada@example.org", "wrong horse", "").refused(t, http.StatusUnauthorized, "invalid-credentials")
	if made != 1 {
		t.Errorf("%d hashes were made", made)
	}
}

func TestWhoHasADeviceButNotThePasswordGuessesNoFaster(t *testing.T) {
	w := open(t, message.Pace{})
	w.person("ada")
	here, there := w.signIn("ada"), w.signIn("ada")
	change := func(d device, current, wanted string) answer {
		return d.do(http.MethodPut, "/api/me/password", map[string]any{"currentPassword": current, "newPassword": wanted})
	}
	for range 5 {
		change(here, "wrong horse", "a longer horse").refused(t, http.StatusUnauthorized, "invalid-credentials")
	}
	w.waits(change(here, password, "a longer horse"))
	change(there, password, "a longer horse").want(t, http.StatusNoContent)
}
