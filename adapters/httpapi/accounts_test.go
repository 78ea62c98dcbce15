package httpapi_test

import (
	"bytes"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"parley/domain/message"
)

func TestAnAccountIsMadeOnceAndSignedInTo(t *testing.T) {
	w := open(t, message.Pace{})
	ada := map[string]any{"email": "Ada@Example.org", "password": password, "displayName": "Ada"}
	made := w.post("/api/auth/register", ada).want(t, http.StatusCreated)
	ada["email"] = "ada@example.ORG"
	w.post("/api/auth/register", ada).refused(t, http.StatusConflict, "email-taken")
	login := w.post("/api/auth/login", map[string]any{"email": "ADA@example.org", "password": password}).want(t, http.StatusOK)
	session := login.json(t)
	if got := made.json(t); !reflect.DeepEqual(session["user"], any(got)) || got["email"] != "Ada@Example.org" || got["presenceHidden"] != false {
		t.Errorf("registered as %v, signed in as %v", got, session["user"])
	}
	if life := login.id(t, "expiresIn"); life < 290 || life > 300 || session["tokenType"] != "Bearer" {
		t.Errorf("signed in with %v", session)
	}
	me := w.as(login.text(t, "accessToken")).get("/api/me").want(t, http.StatusOK)
	if !bytes.Equal(me.body, made.body) {
		t.Errorf("registered as %s, now %s", made.body, me.body)
	}
}

func TestNewPasswordsAreNotThoseThatAreGuessed(t *testing.T) {
	w := open(t, message.Pace{})
	for _, weak := range []string{"", "short", "password", "Ada@example.org", strings.Repeat("x", 1025)} {
		got := w.post("/api/auth/register", map[string]any{"email": "ada@example.org", "password": weak, "displayName": "Ada"}).
			refused(t, http.StatusUnprocessableEntity, "weak-password").at(t, "body.password")
		if weak != "" && weak != "password" && strings.Contains(string(got.body), weak) {
			t.Errorf("the password comes back: %s", got.body)
		}
	}
}

func TestAWrongAddressAndAWrongPasswordAnswerAlike(t *testing.T) {
	w := open(t, message.Pace{})
	w.person("ada")
	var first answer
	for i, try := range []map[string]any{
		{"email": "ada@example.org", "password": "wrong horse"},
		{"email": "nobody@example.org", "password": password},
		{"email": "no address", "password": password},
		{"email": "ada@example.org", "password": ""},
		{"email": "ada@example.org", "password": strings.Repeat("x", 2000)},
	} {
		got := w.post("/api/auth/login", try).refused(t, http.StatusUnauthorized, "invalid-credentials")
		if i == 0 {
			first = got
		}
		if !bytes.Equal(got.body, first.body) || got.header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%v answers %s, the first %s", try, got.body, first.body)
		}
	}
}

func TestRegistrationCanBeClosed(t *testing.T) {
	w := open(t, message.Pace{})
	w.settings.App.Register.Closed = true
	serve(t, w.settings, noFeed).post("/api/auth/register", map[string]any{"email": "a@b.c", "password": password, "displayName": "Ada"}).
		refused(t, http.StatusForbidden, "not-allowed")
}

func TestOnesOwnAccountChangesInWhatIsSent(t *testing.T) {
	w := open(t, message.Pace{})
	ada := w.person("ada")
	before := ada.get("/api/me").body
	if got := ada.do(http.MethodPatch, "/api/me", `{}`).want(t, http.StatusOK); !bytes.Equal(got.body, before) {
		t.Errorf("nothing was sent, and %s became %s", before, got.body)
	}
	ada.do(http.MethodPatch, "/api/me", `{"displayName":"Ada L.","presenceHidden":null}`).want(t, http.StatusOK)
	got := ada.do(http.MethodPatch, "/api/me", `{"presenceHidden":true}`).want(t, http.StatusOK).json(t)
	if got["displayName"] != "Ada L." || got["presenceHidden"] != true {
		t.Errorf("the account is %v", got)
	}
	ada.do(http.MethodPatch, "/api/me", `{"displayName":"a\nb"}`).refused(t, http.StatusUnprocessableEntity, "invalid-request").at(t, "body.displayName")
}

func TestWhoseSessionHasEndedChangesNothing(t *testing.T) {
	w := open(t, message.Pace{})
	ada := w.person("ada")
	room := ada.room("group")
	stranger := w.as("user 1 999")
	stranger.do(http.MethodPatch, "/api/me", `{"displayName":"Eve"}`).refused(t, http.StatusUnauthorized, "session-revoked")
	stranger.post("/api/rooms", `{"type":"group","name":"a"}`).refused(t, http.StatusUnauthorized, "session-revoked")
	stranger.post("/api/messages", map[string]any{"chatRoomId": room, "content": "a"}).refused(t, http.StatusUnauthorized, "session-revoked")
	stranger.post(path("/api/rooms/%d/participants", room), map[string]any{"userId": ada.id}).refused(t, http.StatusUnauthorized, "session-revoked")
}

func TestPeopleAreFoundPageByPageAndWithoutTheirAddresses(t *testing.T) {
	w := open(t, message.Pace{})
	ada := w.person("Ada One")
	w.person("Ada Two")
	w.person("ADA Three")
	w.person("Ben")
	names := []any{}
	next := "/api/users?query=ada&limit=2"
	for pages := 0; next != ""; pages++ {
		if pages == 2 {
			t.Fatal("there is a third page")
		}
		got := ada.get(next).want(t, http.StatusOK)
		if strings.Contains(string(got.body), "@") {
			t.Errorf("an address is shown: %s", got.body)
		}
		names = append(names, got.items(t, "displayName")...)
		next = ""
		if got.json(t)["nextPage"] != nil {
			next = "/api/users?query=ada&limit=2&page=" + got.text(t, "nextPage")
		}
	}
	if want := []any{"Ada One", "Ada Two", "ADA Three"}; !reflect.DeepEqual(names, want) {
		t.Errorf("found %v, want %v", names, want)
	}
	if got := ada.get("/api/users?query=ben%40EXAMPLE.org").want(t, http.StatusOK); !reflect.DeepEqual(got.items(t, "displayName"), []any{"Ben"}) {
		t.Errorf("by the whole address, found %s", got.body)
	}
	if got := ada.get("/api/users?query=zoe").want(t, http.StatusOK); string(got.body) != `{"items":[],"nextPage":null}`+"\n" {
		t.Errorf("found %s", got.body)
	}
}
