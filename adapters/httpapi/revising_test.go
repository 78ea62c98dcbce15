package httpapi_test

import (
	"bytes"
	"net/http"
	"testing"

	"parley/domain/message"
)

func (p person) patch(at string, body any, headers ...string) answer {
	p.t.Helper()
	return p.do(http.MethodPatch, at, body, headers...)
}

func (p person) delete(at string, headers ...string) answer {
	p.t.Helper()
	return p.do(http.MethodDelete, at, nil, headers...)
}

func TestAMessageIsEditedByItsAuthor(t *testing.T) {
	w := open(t, message.Pace{})
	ada, ben, cleo := w.person("ada"), w.person("ben"), w.person("cleo")
	sent := ben.say(ada.room("group", ben), "wrong").want(t, http.StatusCreated)
	at := path("/api/messages/%d", sent.id(t, "id"))
	edited := ben.patch(at, `{"content":"right"}`, "If-Match", `"7", "1"`).want(t, http.StatusOK)
	got := edited.json(t)
	if got["content"] != "right" || got["version"] != 2.0 || got["sequence"] != 1.0 || got["editedAt"] == nil || edited.header.Get("ETag") != `"2"` {
		t.Errorf("edited, it is %s with ETag %s", edited.body, edited.header.Get("ETag"))
	}
	if shown := ada.get(at).want(t, http.StatusOK); !bytes.Equal(shown.body, edited.body) {
		t.Errorf("edited as %s, shown as %s", edited.body, shown.body)
	}
	for _, stale := range []string{`"1"`, `W/"2"`, `2`, `"2`, `"02"`, `"x"`, ","} {
		ben.patch(at, `{"content":"late"}`, "If-Match", stale).refused(t, http.StatusPreconditionFailed, "changed-meanwhile")
	}
	ben.patch(at, `{"content":"better"}`, "If-Match", "*").want(t, http.StatusOK)
	ada.patch(at, `{"content":"mine"}`).refused(t, http.StatusForbidden, "not-allowed")
	foreign := cleo.patch(at, `{"content":"mine"}`).refused(t, http.StatusNotFound, "message-not-found")
	missing := cleo.patch("/api/messages/99999", `{"content":"mine"}`).refused(t, http.StatusNotFound, "message-not-found")
	if !bytes.Equal(foreign.body, missing.body) {
		t.Errorf("a foreign one answers %s, a missing one %s", foreign.body, missing.body)
	}
	ben.patch("/api/messages/x", `{"content":"mine"}`).refused(t, http.StatusNotFound, "message-not-found")
	ben.patch(at, `{"content":" "}`).refused(t, http.StatusUnprocessableEntity, "invalid-request").at(t, "body.content")
}

func TestAnEditCostsAsMuchAsAMessage(t *testing.T) {
	w := open(t, message.Pace{PerMinute: 1, Burst: 2})
	ada := w.person("ada")
	at := path("/api/messages/%d", ada.say(ada.room("group"), "one").id(t, "id"))
	ada.patch(at, `{"content":"two"}`).want(t, http.StatusOK)
	got := ada.patch(at, `{"content":"three"}`).refused(t, http.StatusTooManyRequests, "rate-limited")
	if got.header.Get("Retry-After") == "" {
		t.Error("nobody says when to try again")
	}
	ada.delete(at).want(t, http.StatusNoContent)
}

func TestADeletedMessageIsATombstone(t *testing.T) {
	w := open(t, message.Pace{})
	ada, ben, cleo := w.person("ada"), w.person("ben"), w.person("cleo")
	room := ada.room("group", ben, cleo)
	body := map[string]any{"chatRoomId": room, "content": "regretted", "clientMessageId": "k"}
	at := path("/api/messages/%d", ben.post("/api/messages", body).want(t, http.StatusCreated).id(t, "id"))
	cleo.delete(at).refused(t, http.StatusForbidden, "not-allowed")
	ada.delete(at, "If-Match", `"2"`).refused(t, http.StatusPreconditionFailed, "changed-meanwhile")
	ada.delete(at, "If-Match", `"1"`).want(t, http.StatusNoContent)
	tombstone := ben.get(at).want(t, http.StatusOK)
	got := tombstone.json(t)
	if got["content"] != nil || got["deletedAt"] == nil || got["sequence"] != 1.0 || got["version"] != 2.0 || got["clientMessageId"] != "k" {
		t.Errorf("deleted, it is %s", tombstone.body)
	}
	body["content"] = "something else"
	again := ben.post("/api/messages", body).want(t, http.StatusOK)
	if !bytes.Equal(again.body, tombstone.body) || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("sent again, it is %s", again.body)
	}
	ben.delete(at, "If-Match", `"1"`).want(t, http.StatusNoContent)
	ben.patch(at, `{"content":"back"}`, "If-Match", `"1"`).refused(t, http.StatusUnprocessableEntity, "invalid-request")
	if last := object(ben.get(path("/api/rooms/%d", room)).json(t)["lastMessage"]); last["content"] != nil {
		t.Errorf("the room's last message is %v", last)
	}
}

func TestARoomIsRenamedAndDeletedByItsAdmins(t *testing.T) {
	w := open(t, message.Pace{})
	ada, ben := w.person("ada"), w.person("ben")
	id := ada.room("public", ben)
	at := path("/api/rooms/%d", id)
	ben.patch(at, `{"name":"Mine"}`).refused(t, http.StatusForbidden, "not-allowed")
	renamed := ada.patch(at, `{"name":"Boiler room"}`, "If-Match", `"1"`).want(t, http.StatusOK)
	got := renamed.json(t)
	if got["name"] != "Boiler room" || got["version"] != 2.0 || got["updatedAt"] == got["createdAt"] || got["role"] != "admin" || renamed.header.Get("ETag") != `"2"` {
		t.Errorf("renamed, it is %s", renamed.body)
	}
	if same := ada.patch(at, `{"name":"Boiler room"}`).want(t, http.StatusOK); !bytes.Equal(same.body, renamed.body) {
		t.Errorf("by the same name, it is %s", same.body)
	}
	for query, want := range map[string]int{"boil": 1, "engine": 0} {
		if found := ada.get("/api/rooms/directory?query="+query).want(t, http.StatusOK).items(t, "id"); len(found) != want {
			t.Errorf("by %q one finds %v", query, found)
		}
	}
	ada.patch(at, `{"name":"Late"}`, "If-Match", `"1"`).refused(t, http.StatusPreconditionFailed, "changed-meanwhile")
	ada.delete(at, "If-Match", `"1"`).refused(t, http.StatusPreconditionFailed, "changed-meanwhile")
	ben.delete(at).refused(t, http.StatusForbidden, "not-allowed")
	said := path("/api/messages/%d", ada.say(id, "hello").id(t, "id"))
	ada.delete(at, "If-Match", `"2"`).want(t, http.StatusNoContent)
	ada.delete(at).refused(t, http.StatusNotFound, "room-not-found")
	ada.patch(at, `{"name":"Gone"}`).refused(t, http.StatusNotFound, "room-not-found")
	ada.get(said).refused(t, http.StatusNotFound, "message-not-found")
	ada.delete(said).refused(t, http.StatusNotFound, "message-not-found")
	direct := path("/api/rooms/%d", ada.post("/api/rooms", map[string]any{"type": "direct", "participantIds": []int64{ben.id}}).id(t, "id"))
	ada.patch(direct, `{"name":"Us"}`).refused(t, http.StatusConflict, "direct-room-is-fixed")
	ada.delete(direct).refused(t, http.StatusConflict, "direct-room-is-fixed")
}

func TestAReadMarkMovesForwardAlone(t *testing.T) {
	w := open(t, message.Pace{})
	ada, ben, cleo := w.person("ada"), w.person("ben"), w.person("cleo")
	room := ada.room("group", ben)
	for range 5 {
		ada.say(room, "hello").want(t, http.StatusCreated)
	}
	at := path("/api/rooms/%d", room)
	for _, one := range []struct {
		body         string
		read, unread float64
	}{{`{"sequence":2}`, 2, 3}, {`{"sequence":1}`, 2, 3}, {`{"sequence":0}`, 2, 3}, {`{"sequence":900}`, 5, 0}, {`{"sequence":3}`, 5, 0}} {
		ben.do(http.MethodPut, at+"/read", one.body).want(t, http.StatusNoContent)
		got := ben.get(at).want(t, http.StatusOK).json(t)
		if got["readSequence"] != one.read || got["unreadCount"] != one.unread {
			t.Errorf("after %s: read %v, unread %v", one.body, got["readSequence"], got["unreadCount"])
		}
	}
	cleo.do(http.MethodPut, at+"/read", `{"sequence":1}`).refused(t, http.StatusNotFound, "room-not-found")
	ben.do(http.MethodPut, at+"/read", `{"sequence":-1}`).refused(t, http.StatusUnprocessableEntity, "invalid-request")
}
