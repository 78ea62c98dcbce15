package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/adapters/httpapi"
	"parley/domain/fault"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/room"
)

func TestTheStreamsOwnRefusalsAreProblems(t *testing.T) {
	s := settings()
	c := serve(t, s, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Refuse(w, r, fault.New(fault.Malformed, "invalid-request", "A stream asks for at least one topic."))
	}))
	c.get(httpapi.FeedPath).refused(t, http.StatusBadRequest, "invalid-request")
}

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

// With a hub of somebody else the token is for rooms: the most recently active
// ones, or those that are named. What one is not in is left out, like what is not
// there.
func TestATokenForAnotherHubIsForOnesOwnRooms(t *testing.T) {
	w := open(t, message.Pace{})
	s := w.settings
	var minted []string
	s.MintForHub = func(who identity.Caller, rooms []room.ID, _ time.Time) (string, identity.Proof, error) {
		minted = nil
		for _, id := range rooms {
			minted = append(minted, id.String())
		}
		return "for the other hub", identity.Proof{Caller: who, Until: time.Now().Add(time.Minute)}, nil
	}
	s.HubURL = "https://hub.example.org/somewhere/mercure"
	c := serve(t, s, noFeed)
	ada, ben := w.person("ada"), w.person("ben")
	first, second := ada.room("group"), ada.room("group", ben)
	bens := ben.room("public")
	deleted := ada.room("group")
	ada.do(http.MethodDelete, path("/api/rooms/%d", deleted), nil).want(t, http.StatusNoContent)
	ada.say(first, "Hello").want(t, http.StatusCreated)
	for _, asked := range []struct {
		body any
		want []int64
	}{
		{nil, []int64{first, second}},
		{`{}`, []int64{first, second}},
		{`{"rooms":null}`, []int64{first, second}},
		{`{"rooms":[]}`, nil},
		{map[string]any{"rooms": []int64{second, bens, 999, deleted, first}}, []int64{second, first}},
	} {
		got := c.as(ada.token).post("/api/mercure/token", asked.body).want(t, http.StatusOK)
		if want := `{"token":"for the other hub","expiresIn":60,"hubUrl":"https://hub.example.org/somewhere/mercure"}` + "\n"; string(got.body) != want {
			t.Errorf("got %s, want %s", got.body, want)
		}
		if cookie := got.header.Get("Set-Cookie"); !strings.Contains(cookie, `="for the other hub"; Path=/somewhere/mercure; Max-Age=180; HttpOnly; Secure; SameSite=Strict`) {
			t.Errorf("the cookie is %s", cookie)
		}
		if want := strings.Fields(strings.Trim(fmt.Sprint(asked.want), "[]")); !slices.Equal(minted, want) {
			t.Errorf("asked for %v, the token is for %v, want %v", asked.body, minted, want)
		}
	}
	c.as(ada.token).post("/api/mercure/token", map[string]any{"rooms": slices.Repeat([]int64{1}, 51)}).refused(t, http.StatusUnprocessableEntity, "invalid-request")
}

func TestATokenForAnotherHubIsForTheFiftyRoomsThatWereActiveLast(t *testing.T) {
	w := open(t, message.Pace{})
	s, most := w.settings, 0
	s.MintForHub = func(who identity.Caller, rooms []room.ID, _ time.Time) (string, identity.Proof, error) {
		most = len(rooms)
		return someone, identity.Proof{Caller: who, Until: time.Now().Add(time.Minute)}, nil
	}
	ada := w.person("ada")
	for range 51 {
		ada.room("group")
	}
	serve(t, s, noFeed).as(ada.token).post("/api/mercure/token", nil).want(t, http.StatusOK)
	if most != 50 {
		t.Errorf("the token is for %d rooms, want 50", most)
	}
}
