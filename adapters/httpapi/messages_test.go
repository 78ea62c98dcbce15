package httpapi_test

import (
	"bytes"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"parley/domain/message"
)

func TestAMessageComesBackAsItWasSent(t *testing.T) {
	w := open(t, message.Pace{})
	ada, ben := w.person("ada"), w.person("ben")
	room := ada.room("group", ben)
	for i, content := range []string{"hello", " two\n\tlines ", "<b>&amp;</b> \u2028 \u200d 👩‍👩‍👧 \\u0041", strings.Repeat("\U0001F600", 4000), "e\u0301 \u00e9"} {
		sent := ada.say(room, content).want(t, http.StatusCreated)
		got := sent.json(t)
		for name, want := range map[string]any{
			"chatRoomId": float64(room), "sequence": float64(i + 1), "content": content, "clientMessageId": nil, "replyTo": nil,
			"editedAt": nil, "deletedAt": nil, "version": 1.0, "author": map[string]any{"id": float64(ada.id), "displayName": "ada"},
		} {
			if !reflect.DeepEqual(got[name], want) {
				t.Errorf("%s is %q, want %q", name, got[name], want)
			}
		}
		at := path("/api/messages/%d", sent.id(t, "id"))
		if sent.header.Get("Location") != at || sent.header.Get("ETag") != `"1"` {
			t.Errorf("it is at %q with ETag %q, want %q and \"1\"", sent.header.Get("Location"), sent.header.Get("ETag"), at)
		}
		if shown := ben.get(at).want(t, http.StatusOK); !bytes.Equal(shown.body, sent.body) || shown.header.Get("ETag") != `"1"` {
			t.Errorf("sent as %s, shown as %s", sent.body, shown.body)
		}
	}
}

func TestTheSameKeyIsTheSameMessage(t *testing.T) {
	w := open(t, message.Pace{})
	ada, ben := w.person("ada"), w.person("ben")
	room, other := ada.room("group", ben), ada.room("group")
	const key = `"a-key,with=quotes"`
	body := map[string]any{"chatRoomId": room, "content": "once"}
	first := ada.post("/api/messages", body, "Idempotency-Key", key).want(t, http.StatusCreated)
	if first.json(t)["clientMessageId"] != key || first.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("first it is %s %v", first.body, first.header)
	}
	same := func(got answer) {
		t.Helper()
		got.want(t, http.StatusOK)
		if !bytes.Equal(got.body, first.body) || got.header.Get("Idempotency-Replayed") != "true" || got.header.Get("Location") != first.header.Get("Location") {
			t.Errorf("again it is %s %v, want %s", got.body, got.header, first.body)
		}
	}
	same(ada.post("/api/messages", body, "Idempotency-Key", key))
	same(ada.post("/api/messages", map[string]any{"chatRoomId": room, "content": "once", "clientMessageId": key, "replyTo": nil}))
	same(ada.post("/api/messages", map[string]any{"chatRoomId": room, "content": "once", "clientMessageId": key}, "Idempotency-Key", key))
	for _, another := range []map[string]any{
		{"chatRoomId": room, "content": "twice"}, {"chatRoomId": other, "content": "once"}, {"chatRoomId": room, "content": "once", "replyTo": first.id(t, "id")},
	} {
		ada.post("/api/messages", another, "Idempotency-Key", key).refused(t, http.StatusUnprocessableEntity, "idempotency-key-reused")
	}
	ben.post("/api/messages", body, "Idempotency-Key", key).want(t, http.StatusCreated)
	ada.do(http.MethodDelete, path("/api/rooms/%d/participants/%d", room, ada.id), nil).want(t, http.StatusNoContent)
	ada.post("/api/messages", body, "Idempotency-Key", key).refused(t, http.StatusNotFound, "room-not-found")
}

func TestARepliedToMessageIsOneOfTheRoom(t *testing.T) {
	w := open(t, message.Pace{})
	ada := w.person("ada")
	room, other := ada.room("group"), ada.room("group")
	asked := ada.say(room, "why?").id(t, "id")
	elsewhere := ada.say(other, "because").id(t, "id")
	reply := func(to int64) answer {
		return ada.post("/api/messages", map[string]any{"chatRoomId": room, "content": "so", "replyTo": to})
	}
	if got := reply(asked).want(t, http.StatusCreated).json(t)["replyTo"]; got != float64(asked) {
		t.Errorf("it replies to %v, want %d", got, asked)
	}
	foreign := reply(elsewhere).refused(t, http.StatusUnprocessableEntity, "invalid-request").at(t, "body.replyTo")
	missing := reply(99999).refused(t, http.StatusUnprocessableEntity, "invalid-request")
	if !bytes.Equal(foreign.body, missing.body) {
		t.Errorf("a foreign one answers %s, a missing one %s", foreign.body, missing.body)
	}
}

func TestARoomIsReadInPages(t *testing.T) {
	w := open(t, message.Pace{})
	ada := w.person("ada")
	room := ada.room("group")
	base := path("/api/messages?chatRoom=%d", room)
	empty := ada.get(base).want(t, http.StatusOK).json(t)
	if empty["firstSequence"] != 0.0 || empty["lastSequence"] != 0.0 || empty["firstAvailable"] != 1.0 || empty["hasBefore"] != false || empty["hasAfter"] != false {
		t.Errorf("an empty room is %v", empty)
	}
	for i := range 10 {
		ada.say(room, fmt.Sprint("message ", i+1)).want(t, http.StatusCreated)
	}
	for _, one := range []struct {
		query       string
		first, last int
		links       []string
	}{
		{"", 1, 10, nil},
		{"&limit=3", 8, 10, []string{"limit=3&before=8 prev"}},
		{"&limit=3&before=8", 5, 7, []string{"limit=3&before=5 prev", "limit=3&after=7 next"}},
		{"&limit=3&before=3", 1, 2, []string{"limit=3&after=2 next"}},
		{"&limit=3&after=0", 1, 3, []string{"limit=3&after=3 next"}},
		{"&limit=3&after=8", 9, 10, []string{"limit=3&before=9 prev"}},
		{"&limit=5&around=5", 3, 7, []string{"limit=5&before=3 prev", "limit=5&after=7 next"}},
		{"&limit=4&around=10", 8, 10, []string{"limit=4&before=8 prev"}},
		{"&limit=4&around=9007199254740991", 8, 10, []string{"limit=4&before=8 prev"}},
		{"&limit=4&around=0", 1, 2, []string{"limit=4&after=2 next"}},
		{"&limit=3&after=10", 0, 0, []string{"limit=3&before=11 prev"}},
		{"&limit=3&before=1", 0, 0, []string{"limit=3&after=0 next"}},
		{"&limit=3&before=0", 0, 0, []string{"limit=3&after=0 next"}},
		{"&limit=3&after=&before=&unknown=x", 8, 10, []string{"limit=3&before=8 prev"}},
	} {
		got := ada.get(base+one.query).want(t, http.StatusOK)
		page := got.json(t)
		if page["firstSequence"] != float64(one.first) || page["lastSequence"] != float64(one.last) {
			t.Errorf("%q has %v to %v, want %d to %d", one.query, page["firstSequence"], page["lastSequence"], one.first, one.last)
		}
		sequences := got.items(t, "sequence")
		for i := range sequences {
			if sequences[i] != float64(one.first+i) {
				t.Errorf("%q has the sequences %v", one.query, sequences)
			}
		}
		mercure := "<" + hub + "?topic=%2Fchat%2Froom%2F" + fmt.Sprint(room) + ">; rel=\"mercure\"; last-event-id=\"" + got.text(t, "cursor") + `"`
		self := fmt.Sprintf(`</chat/room/%d>; rel="self"`, room)
		want := []string{}
		for _, link := range one.links {
			query, rel, _ := strings.Cut(link, " ")
			want = append(want, fmt.Sprintf(`</api/messages?chatRoom=%d&%s>; rel="%s"`, room, query, rel))
		}
		if links := got.header.Values("Link"); !slices.Equal(links, append(want, mercure, self)) {
			t.Errorf("%q links to\n%q, want\n%q", one.query, links, append(want, mercure, self))
		}
	}
}

func TestAPageThatIsKnownAlreadyIsNotSentAgain(t *testing.T) {
	w := open(t, message.Pace{})
	ada := w.person("ada")
	room, other := ada.room("group"), ada.room("group")
	at := path("/api/messages?chatRoom=%d", room)
	ada.say(room, "hello").want(t, http.StatusCreated)
	page := ada.get(at).want(t, http.StatusOK)
	tag := page.header.Get("ETag")
	ada.say(other, "elsewhere").want(t, http.StatusCreated)
	for _, header := range []string{tag, `"x", ` + tag, `W/"x",W/` + tag, "*"} {
		got := ada.get(at, "If-None-Match", header).want(t, http.StatusNotModified)
		if len(got.body) > 0 || got.header.Get("ETag") != tag {
			t.Errorf("for %s: %q, ETag %q", header, got.body, got.header.Get("ETag"))
		}
		if link := got.header.Get("Link"); !strings.Contains(link, `rel="mercure"`) || link == page.header.Get("Link") {
			t.Errorf("the Link is not fresh: %s", link)
		}
	}
	for _, header := range []string{`"x"`, strings.Trim(tag, `"`), ""} {
		ada.get(at, "If-None-Match", header).want(t, http.StatusOK)
	}
	ada.say(room, "again").want(t, http.StatusCreated)
	if got := ada.get(at, "If-None-Match", tag).want(t, http.StatusOK); got.header.Get("ETag") == tag {
		t.Error("another page has the same ETag")
	}
}

func TestWhoeverIsTooFastIsToldWhenToTryAgain(t *testing.T) {
	w := open(t, message.Pace{PerMinute: 2, Burst: 3})
	ada, ben := w.person("ada"), w.person("ben")
	room := ada.room("group", ben)
	key := map[string]any{"chatRoomId": room, "content": "keyed", "clientMessageId": "k"}
	ada.post("/api/messages", key).want(t, http.StatusCreated)
	for range 2 {
		ada.say(room, "quick").want(t, http.StatusCreated)
	}
	got := ada.say(room, "too quick").refused(t, http.StatusTooManyRequests, "rate-limited")
	for name, want := range map[string]string{
		"Retry-After": "30", "RateLimit": `"burst";r=0;t=30`, "RateLimit-Policy": `"minute";q=2;w=60, "burst";q=3;w=90`,
	} {
		if value := got.header.Get(name); value != want {
			t.Errorf("%s is %s, want %s", name, value, want)
		}
	}
	ada.post("/api/messages", key).want(t, http.StatusOK)
	ben.say(room, "calm").want(t, http.StatusCreated)
}
