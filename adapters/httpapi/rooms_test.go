package httpapi_test

import (
	"bytes"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/domain/message"
)

func TestARoomIsOpenedAndShownToThoseInIt(t *testing.T) {
	w := open(t, message.Pace{})
	ada, ben := w.person("ada"), w.person("ben")
	made := ada.post("/api/rooms", map[string]any{"type": "group", "name": "Engine room", "participantIds": []int64{ben.id, ben.id, ada.id}}).want(t, http.StatusCreated)
	id := made.id(t, "id")
	if got, want := made.header.Get("Location"), path("/api/rooms/%d", id); got != want {
		t.Errorf("the room is at %q, want %q", got, want)
	}
	shown := ada.get(path("/api/rooms/%d", id)).want(t, http.StatusOK)
	if !bytes.Equal(shown.body, made.body) || shown.header.Get("ETag") != `"1"` || made.header.Get("ETag") != `"1"` {
		t.Errorf("opened as %s, shown as %s", made.body, shown.body)
	}
	got := ben.get(path("/api/rooms/%d", id)).want(t, http.StatusOK).json(t)
	for name, want := range map[string]any{
		"type": "group", "name": "Engine room", "peer": nil, "version": 1.0, "participantCount": 2.0, "lastSequence": 0.0,
		"lastMessage": nil, "role": "member", "readSequence": 0.0, "unreadCount": 0.0,
	} {
		if !reflect.DeepEqual(got[name], want) {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	if role := shown.json(t)["role"]; role != "admin" {
		t.Errorf("who opened it is %v", role)
	}
}

func TestTwoPeopleHaveOneDirectRoom(t *testing.T) {
	w := open(t, message.Pace{})
	ada, ben := w.person("ada"), w.person("ben")
	first := ada.post("/api/rooms", map[string]any{"type": "direct", "participantIds": []int64{ben.id}}).want(t, http.StatusCreated)
	again := ben.post("/api/rooms", map[string]any{"type": "direct", "name": nil, "participantIds": []int64{ada.id}}).want(t, http.StatusOK)
	if first.id(t, "id") != again.id(t, "id") {
		t.Errorf("opened %s, and again %s", first.body, again.body)
	}
	if got := again.json(t); got["name"] != nil || object(got["peer"])["displayName"] != "ada" || got["role"] != "member" {
		t.Errorf("ben sees %v", got)
	}
	at := path("/api/rooms/%d", first.id(t, "id"))
	ada.post(at+"/participants", map[string]any{"userId": ben.id}).refused(t, http.StatusConflict, "direct-room-is-fixed")
	ada.do(http.MethodDelete, path("%s/participants/%d", at, ada.id), nil).refused(t, http.StatusConflict, "direct-room-is-fixed")
	ada.do(http.MethodPatch, path("%s/participants/%d", at, ben.id), `{"role":"admin"}`).refused(t, http.StatusConflict, "direct-room-is-fixed")
	ada.post(at+"/join", nil).refused(t, http.StatusConflict, "direct-room-is-fixed")
}

func TestARoomIsOpenedWithPeopleThereAre(t *testing.T) {
	ada := open(t, message.Pace{}).person("ada")
	ada.post("/api/rooms", `{"type":"group","name":"a","participantIds":[999]}`).
		refused(t, http.StatusUnprocessableEntity, "user-not-found").at(t, "body.participantIds")
	ada.post("/api/rooms", `{"type":"direct","participantIds":[9007199254740991]}`).
		refused(t, http.StatusUnprocessableEntity, "user-not-found").at(t, "body.participantIds")
}

func TestOnesOwnRoomsComeByActivityWithThePlaceToStreamFrom(t *testing.T) {
	w := open(t, message.Pace{})
	ada := w.person("ada")
	first, second, third := ada.room("group"), ada.room("public"), ada.room("group")
	ada.say(first, "hello").want(t, http.StatusCreated)
	page := ada.get("/api/rooms?limit=2").want(t, http.StatusOK)
	if got, want := page.items(t, "id"), []any{float64(first), float64(third)}; !reflect.DeepEqual(got, want) {
		t.Errorf("the first page has %v, want %v", got, want)
	}
	last := object(page.items(t, "lastMessage")[0])
	if last["content"] != "hello" {
		t.Errorf("the last message is %v", last)
	}
	cursor := page.text(t, "cursor")
	if _, ok := w.settings.Cursors.Open(cursor); !ok {
		t.Errorf("%q is no cursor", cursor)
	}
	want := "<" + hub + "?topic=%2Fchat%2Froom%2F%7Bid%7D&topic=%2Fchat%2Fuser%2F%7Bid%7D>; rel=\"mercure\"; last-event-id=\"" + cursor + `"`
	if got := page.header.Get("Link"); got != want {
		t.Errorf("the stream is at\n%s, want\n%s", got, want)
	}
	page = ada.get("/api/rooms?limit=2&page="+page.text(t, "nextPage")).want(t, http.StatusOK)
	if got, want := page.items(t, "id"), []any{float64(second)}; !reflect.DeepEqual(got, want) || page.json(t)["nextPage"] != nil {
		t.Errorf("the second page has %v, want %v", got, want)
	}
}

func TestPublicRoomsAreListedAndJoined(t *testing.T) {
	w := open(t, message.Pace{})
	ada, ben := w.person("ada"), w.person("ben")
	room, other := ada.room("public"), ada.room("public")
	ada.room("group")
	page := ben.get("/api/rooms/directory?limit=1").want(t, http.StatusOK)
	page = ben.get("/api/rooms/directory?limit=1&page="+page.text(t, "nextPage")).want(t, http.StatusOK)
	if got := page.items(t, "id"); !reflect.DeepEqual(got, []any{float64(other)}) || page.json(t)["nextPage"] != nil {
		t.Errorf("the second page is %s", page.body)
	}
	if got := ben.get("/api/rooms/directory?query=ROOM").want(t, http.StatusOK).items(t, "joined"); !reflect.DeepEqual(got, []any{false, false}) {
		t.Errorf("before joining, joined is %v", got)
	}
	ben.get(path("/api/rooms/%d", room)).refused(t, http.StatusNotFound, "room-not-found")
	joined := ben.post(path("/api/rooms/%d/join", room), nil).want(t, http.StatusOK)
	again := ben.post(path("/api/rooms/%d/join", room), nil).want(t, http.StatusOK)
	if got := joined.json(t); !bytes.Equal(joined.body, again.body) || got["role"] != "member" || got["displayName"] != "ben" {
		t.Errorf("joined as %s, and again as %s", joined.body, again.body)
	}
	if got := ben.get("/api/rooms/directory").want(t, http.StatusOK).items(t, "participantCount"); !reflect.DeepEqual(got, []any{2.0, 1.0}) {
		t.Errorf("the rooms have %v people", got)
	}
	ada.do(http.MethodDelete, path("/api/rooms/%d/participants/%d", room, ben.id), nil).want(t, http.StatusNoContent)
	ben.post(path("/api/rooms/%d/join", room), nil).refused(t, http.StatusForbidden, "not-allowed")
}

func TestAdminsLetPeopleInAndOut(t *testing.T) {
	w := open(t, message.Pace{})
	ada, ben, cleo := w.person("ada"), w.person("ben"), w.person("cleo")
	people := path("/api/rooms/%d/participants", ada.room("group"))
	ada.post(people, map[string]any{"userId": ben.id}).want(t, http.StatusCreated)
	again := ada.post(people, map[string]any{"userId": ben.id, "role": "admin"}).want(t, http.StatusOK).json(t)
	if again["role"] != "member" {
		t.Errorf("somebody who is in already becomes %v", again["role"])
	}
	ada.post(people, map[string]any{"userId": 999}).refused(t, http.StatusUnprocessableEntity, "user-not-found").at(t, "body.userId")
	ben.post(people, map[string]any{"userId": cleo.id}).refused(t, http.StatusForbidden, "not-allowed")
	ada.do(http.MethodPatch, path("%s/%d", people, ada.id), `{"role":"member"}`).refused(t, http.StatusUnprocessableEntity, "invalid-request").at(t, "body.role")
	ada.do(http.MethodPatch, path("%s/%d", people, cleo.id), `{"role":"member"}`).refused(t, http.StatusNotFound, "participant-not-found")
	promoted := ada.do(http.MethodPatch, path("%s/%d", people, ben.id), `{"role":"admin"}`).want(t, http.StatusOK).json(t)
	if promoted["role"] != "admin" {
		t.Errorf("ben is %v", promoted)
	}
	ben.post(people, map[string]any{"userId": cleo.id, "role": "admin"}).want(t, http.StatusCreated)
	page := ben.get(people+"?limit=2").want(t, http.StatusOK)
	page = ben.get(people+"?limit=2&page="+page.text(t, "nextPage")).want(t, http.StatusOK)
	if got := page.items(t, "displayName"); !reflect.DeepEqual(got, []any{"cleo"}) {
		t.Errorf("the second page has %v", got)
	}
	ada.do(http.MethodDelete, path("%s/%d", people, cleo.id), nil).want(t, http.StatusNoContent)
	ada.do(http.MethodDelete, path("%s/%d", people, cleo.id), nil).refused(t, http.StatusNotFound, "participant-not-found")
	ada.do(http.MethodDelete, path("%s/%d", people, ada.id), nil).want(t, http.StatusNoContent)
	ada.get(people).refused(t, http.StatusNotFound, "room-not-found")
}

// Whoever is out learns nothing, not even from a byte.
func TestWhatIsNotOnesOwnAnswersLikeWhatIsNotThere(t *testing.T) {
	w := open(t, message.Pace{})
	ada, eve := w.person("ada"), w.person("eve")
	room := ada.room("group")
	public := ada.room("public")
	said := ada.say(room, "hello").want(t, http.StatusCreated).id(t, "id")
	nowhere := []any{room, public, 999, "abc", "007", "+1", "-1", "0", "1.0", "9007199254740991", "9007199254740992", "99999999999999999999", "%20", "1%00", "%C3%BC"}
	for _, call := range []struct {
		method, path string
		body         any
		code         string
	}{
		{"GET", "/api/rooms/%v", nil, "room-not-found"},
		{"GET", "/api/rooms/%v/participants", nil, "room-not-found"},
		{"POST", "/api/rooms/%v/participants", map[string]any{"userId": eve.id}, "room-not-found"},
		{"PATCH", "/api/rooms/%v/participants/1", `{"role":"admin"}`, "room-not-found"},
		{"DELETE", "/api/rooms/%v/participants/1", nil, "room-not-found"},
		{"DELETE", "/api/rooms/%v/participants/x", nil, "room-not-found"},
		{"POST", "/api/rooms/%v/join", nil, "room-not-found"},
		{"GET", "/api/messages/%v", nil, "message-not-found"},
	} {
		var first answer
		for _, id := range nowhere {
			switch {
			case id == public && strings.HasSuffix(call.path, "/join"):
				continue // the one call that a public room is there for
			case call.code == "message-not-found" && id == room:
				id = said
			}
			got := eve.do(call.method, fmt.Sprintf(call.path, id), call.body).refused(t, http.StatusNotFound, call.code)
			if first.body == nil {
				first = got
			}
			first.header.Del("Date")
			got.header.Del("Date")
			if !bytes.Equal(got.body, first.body) || !reflect.DeepEqual(got.header, first.header) {
				t.Errorf("%s %s of %v answers\n%s %v, of another\n%s %v", call.method, call.path, id, got.body, got.header, first.body, first.header)
			}
		}
	}
	for _, id := range []int64{room, public, 999} {
		eve.get(path("/api/messages?chatRoom=%d", id)).refused(t, http.StatusNotFound, "room-not-found")
		eve.say(id, "hello").refused(t, http.StatusNotFound, "room-not-found")
	}
	for _, whom := range []string{"999", "abc", "9007199254740992"} {
		got := ada.do(http.MethodDelete, path("/api/rooms/%d/participants/%s", room, whom), nil).refused(t, http.StatusNotFound, "participant-not-found")
		if strings.Contains(string(got.body), whom) {
			t.Errorf("what was sent comes back: %s", got.body)
		}
	}
}

func TestAnIDThatIsNoneIsNobodysNotEvenOnesOwn(t *testing.T) {
	w := open(t, message.Pace{})
	ada := w.person("ada")
	room := ada.room("group")
	said := ada.say(room, "hello").want(t, http.StatusCreated).id(t, "id")
	for _, id := range []string{"abc", path("0%d", room), path("+%d", room), path("%d.0", room), path("%d%%20", room), "9007199254740992"} {
		got := ada.get("/api/rooms/"+id).refused(t, http.StatusNotFound, "room-not-found")
		if instance := got.text(t, "instance"); instance != "/api/rooms/:roomId" {
			t.Errorf("the problem is of %q", instance)
		}
		ada.do(http.MethodDelete, path("/api/rooms/%d/participants/%s", room, id), nil).refused(t, http.StatusNotFound, "participant-not-found")
	}
	for _, id := range []string{"abc", path("0%d", said), path("%dx", said)} {
		ada.get("/api/messages/"+id).refused(t, http.StatusNotFound, "message-not-found")
	}
}

func TestAStoreThatIsAwayIsSaidToBeAway(t *testing.T) {
	store, err := bunstore.Open(t.Context(), bunstoretest.Options(bunstoretest.SQLiteURL(t)))
	if err != nil {
		t.Fatal(err)
	}
	ada := on(t, store, message.Pace{}).person("ada")
	room := ada.room("group")
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, got := range []answer{ada.get("/api/rooms"), ada.say(room, "hello"), ada.post("/api/rooms", `{"type":"group","name":"a"}`)} {
		got.refused(t, http.StatusServiceUnavailable, "storage-unavailable")
		if wait := got.header.Get("Retry-After"); wait != "1" {
			t.Errorf("asking again makes sense after %q seconds", wait)
		}
	}
}
