package httpapi_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"parley/adapters/httpapi"
	"parley/domain/fault"
	"parley/domain/identity"
)

func TestTheStreamsOwnRefusalsAreProblems(t *testing.T) {
	s := settings()
	c := serve(t, s, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Refuse(w, r, fault.New(fault.Malformed, "invalid-request", "A stream asks for at least one topic."))
	}))
	c.get(httpapi.FeedPath).refused(t, http.StatusBadRequest, "invalid-request")
}

// Mercure: K1, K2, K5.
func TestAStreamTokenComesWithItsCookie(t *testing.T) {
	for _, one := range []struct {
		is       string
		loopback bool
		want     string
	}{
		{"anywhere", false, "__Secure-mercure_access_token=\"user 1 1\"; Path=/.well-known/mercure; Max-Age=420; HttpOnly; Secure; SameSite=Strict"},
		{"on loopback", true, "mercureAuthorization=\"user 1 1\"; Path=/.well-known/mercure; Max-Age=420; HttpOnly; SameSite=Strict"},
	} {
		s := settings()
		s.Loopback = one.loopback
		now := time.Now()
		s.Now = func() time.Time { return now.Add(500 * time.Millisecond) }
		s.Mint = func(who identity.Caller, _ time.Time) (string, identity.Proof, error) {
			return someone, identity.Proof{Caller: who, Until: now.Add(5 * time.Minute)}, nil
		}
		for _, body := range []any{nil, `{}`, `{"rooms":[1,2]}`} {
			got := serve(t, s, noFeed).as(someone).post("/api/mercure/token", body).want(t, http.StatusOK)
			if cookie := got.header.Get("Set-Cookie"); cookie != one.want {
				t.Errorf("%s, the cookie is\n%s\nwant\n%s", one.is, cookie, one.want)
			}
			if want := `{"token":"user 1 1","expiresIn":300,"hubUrl":"` + hub + `"}` + "\n"; string(got.body) != want {
				t.Errorf("got %s, want %s", got.body, want)
			}
		}
	}
}

func TestNoTokenIsRenewedInASessionThatHasEnded(t *testing.T) {
	s := settings()
	s.Admit = func(context.Context, identity.Caller) error { return identity.ErrSessionEnded }
	serve(t, s, noFeed).as(someone).post("/api/mercure/token", nil).refused(t, http.StatusUnauthorized, "session-revoked")
}
