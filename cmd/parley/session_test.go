package main_test

import (
	"net/http"
	"testing"
	"time"
)

// However often it is used, a session ends when it is as old as the setting says:
// its stream, its token and what it is renewed with.
func TestASessionEndsAtItsGreatestAge(t *testing.T) {
	const age = 3 * time.Second
	s := serve(t, t.TempDir(), "PARLEY_SESSION_MAX="+age.String(), "PARLEY_SESSION_IDLE=1h")
	ada := &cast{person: join(t, s, "ada")}
	asked := time.Now()
	ada.signIn(t, "ada@example.org", "a password of ada")
	began := time.Now()
	heard := listenTo(t, ada.person)
	expect(t, heard, "stream.opened")
	renew := visit{method: http.MethodPost, path: "/api/auth/refresh", url: s.url + "/api/auth/refresh", cookie: ada.cookie}
	renewals := 0
	var last outcome
	await(t, "the session is not renewed any more", func() bool {
		if last = renew.ask(t); last.status == http.StatusOK {
			renewals++
			renew.cookie = (&http.Response{Header: last.header}).Cookies()[0]
			time.Sleep(age / 10) // it is used now and then
		}
		return last.status != http.StatusOK
	})
	if last.status != http.StatusUnauthorized || renewals < 3 || time.Since(asked) < age || time.Since(began) > age+2*time.Second {
		t.Errorf("after %v and %d renewals it is answered %d %s", time.Since(began), renewals, last.status, last.body)
	}
	if closing := expect(t, heard, "stream.closing"); closing.at.Sub(began) > age+2*time.Second {
		t.Errorf("its stream ends after %v", closing.at.Sub(began))
	}
	if status, problem, err := ada.ask(t, "GET", "/api/me", nil); status != http.StatusUnauthorized {
		t.Errorf("its token is answered %d %v (%v)", status, problem, err)
	}
}
