package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// canary is sent wherever it can be, and must not come back.
const canary = "s3cret-c4nary"

func TestBodiesThatMeanMoreThanOneThingAreMalformed(t *testing.T) {
	c := serve(t, settings(), noFeed).as(someone)
	for _, one := range []struct{ is, body string }{
		{"nothing", ``},
		{"no JSON", `{"content": ` + canary},
		{"cut off", `{"chatRoomId":1,"content":"a`},
		{"two values", `{"chatRoomId":1,"content":"a"} {}`},
		{"a member twice", `{"chatRoomId":1,"content":"a","content":"b"}`},
		{"a member twice, once escaped", `{"chatRoomId":1,"content":"a","cont\u0065nt":"b"}`},
		{"a member twice within another", `{"chatRoomId":1,"content":"a","replyTo":{"a":"toolong"},"clientMessageId":[{"a":1,"a":2}]}`},
		{"invalid UTF-8", "{\"chatRoomId\":1,\"content\":\"a\xff\"}"},
		{"a lone surrogate", `{"chatRoomId":1,"content":"a\ud83d"}`},
		{"a lone low surrogate", `{"chatRoomId":1,"content":"\ude00a"}`},
		{"surrogates the wrong way round", `{"chatRoomId":1,"content":"\ude00\ud83d"}`},
		{"a surrogate and another escape", `{"chatRoomId":1,"content":"\ud83d\n"}`},
		{"a byte order mark", "\ufeff{}"},
		{"nested without end", strings.Repeat("[", 20000)},
	} {
		got := c.post("/api/messages", one.body).refused(t, http.StatusBadRequest, "malformed-body")
		if strings.Contains(string(got.body), canary) {
			t.Errorf("%s comes back: %s", one.is, got.body)
		}
	}
}

func TestWhatDoesNotHaveTheShapeIsSaidToBeWhereItIs(t *testing.T) {
	c := serve(t, settings(), noFeed).as(someone)
	for _, one := range []struct {
		is, method, path, body string
		at                     []string
	}{
		{"no object", "POST", "/api/messages", `[]`, []string{"body"}},
		{"null", "POST", "/api/messages", `null`, []string{"body"}},
		{"nothing of what is needed", "POST", "/api/messages", `{}`, []string{"body", "body"}},
		{"a member by another case", "POST", "/api/messages", `{"chatRoomId":1,"content":"a","CONTENT":"` + strings.Repeat("x", 5000) + `"}`, []string{"body.CONTENT"}},
		{"a member that there is not", "POST", "/api/messages", `{"chatRoomId":1,"content":"a","x":1}`, []string{"body.x"}},
		{"text for a number", "POST", "/api/messages", `{"chatRoomId":"1","content":"a"}`, []string{"body.chatRoomId"}},
		{"a fraction", "POST", "/api/messages", `{"chatRoomId":1.5,"content":"a"}`, []string{"body.chatRoomId"}},
		{"an exponent", "POST", "/api/messages", `{"chatRoomId":1e2,"content":"a"}`, []string{"body"}},
		{"a number beyond those that are exact", "POST", "/api/messages", `{"chatRoomId":9007199254740993,"content":"a"}`, []string{"body.chatRoomId"}},
		{"nothing said", "POST", "/api/messages", `{"chatRoomId":1,"content":""}`, []string{"body.content"}},
		{"white space said", "POST", "/api/messages", `{"chatRoomId":1,"content":" \n\t\u2003"}`, []string{"body.content"}},
		{"a control character said", "POST", "/api/messages", `{"chatRoomId":1,"content":"a\rb"}`, []string{"body.content"}},
		{"too much said", "POST", "/api/messages", `{"chatRoomId":1,"content":"` + strings.Repeat("ü", 4001) + `"}`, []string{"body.content"}},
		{"an empty key", "POST", "/api/messages", `{"chatRoomId":1,"content":"a","clientMessageId":""}`, []string{"body.clientMessageId", "body.clientMessageId"}},
		{"a key with a space", "POST", "/api/messages", `{"chatRoomId":1,"content":"a","clientMessageId":"a b"}`, []string{"body.clientMessageId"}},
		{"a room of a kind that there is not", "POST", "/api/rooms", `{"type":"secret","name":"a"}`, []string{"body.type"}},
		{"a group without a name", "POST", "/api/rooms", `{"type":"group"}`, []string{"body.name"}},
		{"a direct room with a name", "POST", "/api/rooms", `{"type":"direct","name":"a","participantIds":[2]}`, []string{"body.name"}},
		{"a direct room alone", "POST", "/api/rooms", `{"type":"direct"}`, []string{"body.participantIds"}},
		{"a direct room with oneself", "POST", "/api/rooms", `{"type":"direct","participantIds":[1]}`, []string{"body.participantIds"}},
		{"a person who is no number", "POST", "/api/rooms", `{"type":"group","name":"a","participantIds":[2,"x"]}`, []string{"body.participantIds[1]"}},
		{"a role that there is not", "POST", "/api/rooms/1/participants", `{"userId":2,"role":"owner"}`, []string{"body.role"}},
		{"no address and no name", "POST", "/api/auth/register", `{"email":"a","displayName":"\u0000","password":"x"}`, []string{"body.email", "body.displayName"}},
		{"no room", "GET", "/api/messages", ``, []string{"query.chatRoom"}},
		{"a room that is no integer", "GET", "/api/messages?chatRoom=" + canary, ``, []string{"query.chatRoom"}},
		{"a limit too low and a sequence below all", "GET", "/api/messages?chatRoom=1&limit=0&before=-1", ``, []string{"query.before", "query.limit"}},
		{"a limit too high", "GET", "/api/rooms?limit=101", ``, []string{"query.limit"}},
		{"two windows", "GET", "/api/messages?chatRoom=1&before=5&after=0", ``, nil},
		{"no query", "GET", "/api/users", ``, []string{"query.query"}},
		{"a query with a control character", "GET", "/api/users?query=%01", ``, []string{"query.query"}},
		{"a query too long", "GET", "/api/rooms/directory?query=" + strings.Repeat("x", 101), ``, []string{"query.query"}},
	} {
		var body any
		if one.body != "" {
			body = one.body
		}
		t.Run(one.is, func(t *testing.T) {
			got := c.do(one.method, one.path, body).refused(t, http.StatusUnprocessableEntity, "invalid-request").at(t, one.at...)
			if strings.Contains(string(got.body), canary) {
				t.Errorf("what was sent comes back: %s", got.body)
			}
		})
	}
}

func TestANumberThatIsWrittenInAnotherWayIsNotShownWithTheProgramsInside(t *testing.T) {
	c := serve(t, settings(), noFeed).as(someone)
	got := c.post("/api/messages", `{"chatRoomId":17e2,"content":"a"}`).refused(t, http.StatusUnprocessableEntity, "invalid-request")
	for _, inside := range []string{"17e2", "Go ", "struct", "int64", "MessageRequest"} {
		if strings.Contains(string(got.body), inside) {
			t.Errorf("%q is shown: %s", inside, got.body)
		}
	}
}

func TestNoValueThatWasSentComesBack(t *testing.T) {
	c := serve(t, settings(), noFeed).as(someone)
	bad := []any{canary, []string{canary}, map[string]string{"x": canary}, 1.5, true, nil}
	for _, call := range []struct {
		method, path string
		names        []string
	}{
		{"POST", "/api/auth/register", []string{"email", "password", "displayName"}},
		{"POST", "/api/auth/login", []string{"email", "password"}},
		{"PATCH", "/api/me", []string{"presenceHidden"}},
		{"POST", "/api/rooms", []string{"type", "name", "participantIds"}},
		{"POST", "/api/rooms/1/participants", []string{"userId", "role"}},
		{"PATCH", "/api/rooms/1/participants/1", []string{"role"}},
		{"POST", "/api/messages", []string{"chatRoomId", "content", "clientMessageId", "replyTo"}},
		{"PATCH", "/api/messages/1", []string{"content"}},
		{"PATCH", "/api/rooms/1", []string{"name"}},
		{"PUT", "/api/rooms/1/read", []string{"sequence"}},
		{"POST", "/api/mercure/token", []string{"rooms"}},
	} {
		for _, name := range call.names {
			for _, value := range bad {
				body := map[string]any{name: value, "and this": canary}
				got := c.do(call.method, call.path, body).refused(t, http.StatusUnprocessableEntity, "invalid-request")
				if strings.Contains(string(got.body), canary) {
					t.Errorf("%s %s with a bad %s says it: %s", call.method, call.path, name, got.body)
				}
			}
		}
	}
}

func TestThereIsAnEndToWhatAProblemNames(t *testing.T) {
	c := serve(t, settings(), noFeed).as(someone)
	body := map[string]any{strings.Repeat("ü", 10000): 1}
	for i := range 1000 {
		body[fmt.Sprint("m", i)] = i
	}
	got := c.post("/api/messages", body).refused(t, http.StatusUnprocessableEntity, "invalid-request")
	if len(got.body) > 10000 {
		t.Errorf("the problem has %d bytes", len(got.body))
	}
}

func TestTheKeyOfAMessageIsLookedAtWhereItStands(t *testing.T) {
	c := serve(t, settings(), noFeed).as(someone)
	c.post("/api/messages", `{"chatRoomId":1,"content":"a"}`, "Idempotency-Key", "a b").
		refused(t, http.StatusUnprocessableEntity, "invalid-request").at(t, "header.Idempotency-Key")
	c.post("/api/messages", `{"chatRoomId":1,"content":"a"}`, "Idempotency-Key", strings.Repeat("k", 129)).
		refused(t, http.StatusUnprocessableEntity, "invalid-request").at(t, "header.Idempotency-Key")
	c.post("/api/messages", `{"chatRoomId":1,"content":"a","clientMessageId":"a"}`, "Idempotency-Key", "b").
		refused(t, http.StatusUnprocessableEntity, "invalid-request").at(t, "body.clientMessageId")
}

func TestAPageTokenIsOneOfItsList(t *testing.T) {
	s := settings()
	c := serve(t, s, noFeed).as(someone)
	for _, page := range []string{canary, "parley:AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA", "1", "%00"} {
		for _, path := range []string{"/api/rooms?page=", "/api/rooms/directory?page=", "/api/rooms/1/participants?page=", "/api/users?query=a&page="} {
			got := c.get(path+page).refused(t, http.StatusUnprocessableEntity, "invalid-cursor").at(t, "query.page")
			if strings.Contains(string(got.body), canary) {
				t.Errorf("%s says it: %s", path, got.body)
			}
		}
	}
}

func TestBodiesHaveALimit(t *testing.T) {
	c := serve(t, settings(), noFeed).as(someone)
	padded := func(size int) string { return `{}` + strings.Repeat(" ", size-2) }
	for _, one := range []struct {
		path  string
		limit int
	}{{"/api/messages", 64 << 10}, {"/api/rooms", 64 << 10}, {"/api/auth/login", 4 << 10}, {"/api/auth/register", 4 << 10}} {
		c.post(one.path, padded(one.limit+1)).refused(t, http.StatusRequestEntityTooLarge, "too-large")
		c.post(one.path, padded(one.limit)).refused(t, http.StatusUnprocessableEntity, "invalid-request")
	}
}

func TestBodiesAreJSON(t *testing.T) {
	c := serve(t, settings(), noFeed).as(someone)
	for _, media := range []string{
		"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/cbor",
		"text/json", "json", "application/json; charset", "*/*", "a+;b+json", "image/svg+json",
	} {
		c.post("/api/messages", `{}`, "Content-Type", media).refused(t, http.StatusUnsupportedMediaType, "unsupported-media-type")
	}
	c.post("/api/messages", `{}`, "Content-Encoding", "gzip").refused(t, http.StatusUnsupportedMediaType, "unsupported-media-type")
	for _, media := range []string{"application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json", ""} {
		c.post("/api/messages", `{}`, "Content-Type", media).refused(t, http.StatusUnprocessableEntity, "invalid-request")
	}
}

func TestWhateverIsAcceptedTheAnswerIsJSON(t *testing.T) {
	c := serve(t, settings(), noFeed)
	for _, accept := range []string{"text/html", "application/cbor", "*/*", "", "application/json;q=0"} {
		c.get("/healthz", "Accept", accept).want(t, http.StatusOK)
		c.get("/api/me", "Accept", accept).refused(t, http.StatusUnauthorized, "unauthenticated")
	}
}
