package httpapi_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"parley/adapters/httpapi"
	"parley/application/accounts"
	"parley/domain/identity"
	"parley/domain/message"
)

// device is where somebody is signed in: with a token, and what to renew it with.
type device struct {
	*client
	cookie string
	id     int64 // of the session
}

// signIn signs somebody in who has an account.
func (w *world) signIn(name string) device {
	w.t.Helper()
	login := w.post("/api/auth/login", map[string]any{"email": name + "@example.org", "password": password},
		"User-Agent", "Browser/1.0").want(w.t, http.StatusOK)
	return w.device(login)
}

func (w *world) device(login answer) device {
	w.t.Helper()
	d := device{client: w.as(login.text(w.t, "accessToken")), cookie: w.refresh(login)}
	for _, item := range list(d.get("/api/me/sessions").want(w.t, http.StatusOK).json(w.t)["items"]) {
		if current, _ := object(item)["current"].(bool); current {
			number, _ := object(item)["id"].(float64)
			d.id = int64(number)
		}
	}
	return d
}

// refresh is the value of the cookie that an answer sets.
func (w *world) refresh(a answer) string {
	w.t.Helper()
	set, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
	if err != nil || set.Name != httpapi.SecureRefreshCookie || !set.HttpOnly || !set.Secure ||
		set.SameSite != http.SameSiteStrictMode || set.Path != "/api/auth" || set.MaxAge < 3590 || set.MaxAge > 3600 {
		w.t.Fatalf("the cookie is %q (%v)", a.header.Get("Set-Cookie"), err)
	}
	return set.Value
}

// renew sends a cookie.
func (w *world) renew(cookie string) answer {
	w.t.Helper()
	return w.post("/api/auth/refresh", nil, "Cookie", "other=1; "+httpapi.SecureRefreshCookie+"="+cookie)
}

func TestASessionIsRenewedWithItsCookie(t *testing.T) {
	w := open(t, message.Pace{})
	w.person("ada")
	first := w.signIn("ada")
	answered := w.renew(first.cookie).want(t, http.StatusOK)
	second := w.device(answered)
	if second.cookie == first.cookie || second.id != first.id {
		t.Errorf("session %d with %s was renewed as %d with %s", first.id, first.cookie, second.id, second.cookie)
	}
	again := w.renew(first.cookie).want(t, http.StatusOK)
	if got := w.refresh(again); got != second.cookie {
		t.Errorf("repeated, it gives %s, want the same %s", got, second.cookie)
	}
	w.renew(second.cookie).want(t, http.StatusOK)
	w.renew(first.cookie).refused(t, http.StatusUnauthorized, "session-revoked")
	for says, a := range map[string]answer{
		"the first token": first.get("/api/me"), "the second": second.get("/api/me"), "the cookie": w.renew(second.cookie),
	} {
		if a.status != http.StatusUnauthorized || !bytes.Contains(a.body, []byte("session-revoked")) {
			t.Errorf("%s is good after a cookie was used twice: %d %s", says, a.status, a.body)
		}
	}
}

func TestAForgedCookieEndsNobodysSession(t *testing.T) {
	w := open(t, message.Pace{})
	w.person("ada")
	d := w.signIn("ada")
	for _, forged := range []string{
		"", "nonsense", strings.Repeat("A", 64), d.cookie[:60] + "AAAA", d.cookie + "A", "A" + d.cookie[1:], d.cookie[:20] + "A" + d.cookie[21:],
	} {
		if forged != d.cookie {
			w.renew(forged).refused(t, http.StatusUnauthorized, "invalid-token")
		}
	}
	w.post("/api/auth/refresh", nil).refused(t, http.StatusUnauthorized, "unauthenticated")
	w.post("/api/auth/refresh", nil, "Cookie", httpapi.LoopbackRefreshCookie+"="+d.cookie).refused(t, http.StatusUnauthorized, "unauthenticated")
	w.renew(d.cookie).want(t, http.StatusOK)
}

func TestAForeignPageRenewsAndEndsNothing(t *testing.T) {
	w := open(t, message.Pace{})
	w.person("ada")
	d := w.signIn("ada")
	for _, path := range []string{"/api/auth/refresh", "/api/auth/logout"} {
		w.post(path, nil, "Cookie", httpapi.SecureRefreshCookie+"="+d.cookie, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site").
			refused(t, http.StatusForbidden, "cross-origin")
	}
	d.get("/api/me").want(t, http.StatusOK)
}

func TestWhoSignsOut(t *testing.T) {
	w := open(t, message.Pace{})
	w.person("ada")
	cookie := func(d device) string { return httpapi.SecureRefreshCookie + "=" + d.cookie }
	a, b := w.signIn("ada"), w.signIn("ada")
	a.post("/api/auth/logout", nil, "Cookie", cookie(b)).want(t, http.StatusNoContent)
	a.get("/api/me").refused(t, http.StatusUnauthorized, "session-revoked")
	a.post("/api/auth/logout", nil).refused(t, http.StatusUnauthorized, "session-revoked")
	b.get("/api/me").want(t, http.StatusOK)
	out := w.post("/api/auth/logout", nil, "Cookie", cookie(b)).want(t, http.StatusNoContent)
	if cookies := out.header.Values("Set-Cookie"); len(cookies) != 2 || !strings.Contains(strings.Join(cookies, ""), httpapi.SecureRefreshCookie+"=; Path=/api/auth; Max-Age=0") {
		t.Errorf("the cookies that go are %q", cookies)
	}
	b.get("/api/me").refused(t, http.StatusUnauthorized, "session-revoked")
	w.renew(b.cookie).refused(t, http.StatusUnauthorized, "session-revoked")
	w.post("/api/auth/logout", nil, "Cookie", cookie(b)).refused(t, http.StatusUnauthorized, "session-revoked")
	w.post("/api/auth/logout", nil).refused(t, http.StatusUnauthorized, "unauthenticated")
	c := w.signIn("ada")
	w.as("nonsense").post("/api/auth/logout", nil, "Cookie", cookie(c)).refused(t, http.StatusUnauthorized, "invalid-token")
	w.as(fmt.Sprintf("late 1 %d", c.id)).post("/api/auth/logout", nil, "Cookie", cookie(c)).want(t, http.StatusNoContent)
	c.get("/api/me").refused(t, http.StatusUnauthorized, "session-revoked")
}

func TestOnesSessionsAreListedAndEnded(t *testing.T) {
	w := open(t, message.Pace{})
	ada, ben := w.person("ada"), w.person("ben")
	one, two := w.signIn("ada"), w.signIn("ada")
	page := two.get("/api/me/sessions?limit=2").want(t, http.StatusOK)
	next := two.get("/api/me/sessions?limit=2&page="+page.text(t, "nextPage")).want(t, http.StatusOK)
	if got, want := fmt.Sprint(page.items(t, "current"), next.items(t, "current"), next.items(t, "id")), fmt.Sprint("[false false] [true] [", two.id, "]"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := next.items(t, "userAgent"); fmt.Sprint(got) != "[Browser/1.0]" {
		t.Errorf("the device calls itself %v", got)
	}
	two.get("/api/me/sessions?page=nonsense").refused(t, http.StatusUnprocessableEntity, "invalid-cursor")
	ben.do(http.MethodDelete, path("/api/me/sessions/%d", one.id), nil).refused(t, http.StatusNotFound, "not-found")
	two.do(http.MethodDelete, "/api/me/sessions/x", nil).refused(t, http.StatusNotFound, "not-found")
	two.do(http.MethodDelete, path("/api/me/sessions/%d", one.id), nil).want(t, http.StatusNoContent)
	two.do(http.MethodDelete, path("/api/me/sessions/%d", one.id), nil).refused(t, http.StatusNotFound, "not-found")
	one.get("/api/me").refused(t, http.StatusUnauthorized, "session-revoked")
	ada.get("/api/me").want(t, http.StatusOK)
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	w := open(t, message.Pace{})
	ada := w.person("ada")
	here := w.signIn("ada")
	const better = "a longer horse"
	change := func(current, wanted string) answer {
		return here.do(http.MethodPut, "/api/me/password", map[string]any{"currentPassword": current, "newPassword": wanted})
	}
	change("wrong horse", better).refused(t, http.StatusUnauthorized, "invalid-credentials")
	change("", better).refused(t, http.StatusUnauthorized, "invalid-credentials")
	change(password, "password").refused(t, http.StatusUnprocessableEntity, "weak-password").at(t, "body.newPassword")
	ada.get("/api/me").want(t, http.StatusOK)
	change(password, better).want(t, http.StatusNoContent)
	ada.get("/api/me").refused(t, http.StatusUnauthorized, "session-revoked")
	here.get("/api/me").want(t, http.StatusOK)
	login := func(with string) answer {
		return w.post("/api/auth/login", map[string]any{"email": "ada@example.org", "password": with})
	}
	login(password).refused(t, http.StatusUnauthorized, "invalid-credentials")
	login(better).want(t, http.StatusOK)
}

func TestAUserHasOnlySoManySessions(t *testing.T) {
	w := open(t, message.Pace{})
	first := w.person("ada")
	for range identity.MaxSessions - 1 {
		_, err := w.settings.App.SignIn.Handle(t.Context(), accounts.SignInCommand{Email: "ada@example.org", Password: password})
		if err != nil {
			t.Fatal(err)
		}
	}
	first.get("/api/me").want(t, http.StatusOK)
	last := w.signIn("ada")
	first.get("/api/me").refused(t, http.StatusUnauthorized, "session-revoked")
	if got := len(last.get("/api/me/sessions?limit=100").want(t, http.StatusOK).items(t, "id")); got != identity.MaxSessions {
		t.Errorf("%d sessions last, want %d", got, identity.MaxSessions)
	}
}
