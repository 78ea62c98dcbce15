package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// cast is somebody, with all that an operation can be about.
type cast struct {
	*person
	cookie *http.Cookie
	known  map[string]any // by the name that the document gives it
}

func newCast(tb testing.TB, s *server, name string) *cast {
	tb.Helper()
	c := &cast{person: &person{at: s, client: http.DefaultClient}}
	email, password := name+"@example.org", "a password of "+name
	me := c.must(tb, http.StatusCreated, "POST", "/api/auth/register", map[string]any{"email": email, "password": password, "displayName": name})
	other := c.must(tb, http.StatusCreated, "POST", "/api/auth/register", map[string]any{"email": "friend.of." + email, "password": password, "displayName": name + "'s friend"})
	friend := &cast{person: &person{at: s, client: c.client}}
	friend.signIn(tb, "friend.of."+email, password)
	c.signIn(tb, email, password) // the first one is the other session
	c.signIn(tb, email, password)
	sessions, _ := c.must(tb, http.StatusOK, "GET", "/api/me/sessions", nil)["items"].([]any)
	room := c.must(tb, http.StatusCreated, "POST", "/api/rooms", map[string]any{"type": "public", "name": "A room", "participantIds": []any{other["id"]}})
	said := c.must(tb, http.StatusCreated, "POST", "/api/messages", map[string]any{"chatRoomId": room["id"], "content": "Good morning!"})
	friend.must(tb, http.StatusCreated, "POST", "/api/messages", map[string]any{"chatRoomId": room["id"], "content": "Good evening!"})
	c.known = map[string]any{
		"roomId": room["id"], "chatRoomId": room["id"], "chatRoom": room["id"], "messageId": said["id"], "replyTo": said["id"],
		"userId": other["id"], "participantIds": []any{other["id"]}, "sessionId": object(sessions[0])["id"],
		"password": password, "currentPassword": password, "topic": "/chat/room/{id}", "query": name, "wait": 0, "sequence": 2,
		"email": email, "me": me["id"], "rooms": nil,
	}
	return c
}

func (c *cast) signIn(tb testing.TB, email, password string) {
	tb.Helper()
	login := visit{method: http.MethodPost, url: c.at.url + "/api/auth/login", body: encoded(tb, map[string]any{"email": email, "password": password})}
	a := login.ask(tb)
	var in struct{ AccessToken string }
	if err := json.Unmarshal(a.body, &in); err != nil || a.status != http.StatusOK {
		tb.Fatalf("sign in: %d %s", a.status, a.body)
	}
	c.token, c.cookie = in.AccessToken, (&http.Response{Header: a.header}).Cookies()[0]
}

// call fills in what the document leaves open. What it has no example for and
// this cast does not know is a reason to teach it that.
func (c *cast) call(tb testing.TB, method, path string, operation map[string]any) visit {
	tb.Helper()
	filled, query := path, url.Values{}
	for _, p := range list(operation["parameters"]) {
		name, _ := object(p)["name"].(string)
		value, known := c.known[name]
		switch {
		case object(p)["in"] == "path" && known:
			filled = strings.ReplaceAll(filled, "{"+name+"}", text(value))
		case object(p)["in"] == "query" && known:
			query.Set(name, text(value))
		case object(p)["required"] == true:
			tb.Fatalf("%s %s: nobody knows a %s", method, path, name)
		}
	}
	one := visit{method: method, path: path, url: c.at.url + filled + "?" + query.Encode(), token: c.token, cookie: c.cookie}
	for status := range object(operation["responses"]) {
		one.answers = append(one.answers, status)
	}
	content := object(object(operation["requestBody"])["content"])
	if form := object(object(content[formType])["example"]); form != nil {
		one.token, one.media, one.body = publisher(tb, c.at), formType, []byte(filledForm(form).Encode())
		return one
	}
	body := object(object(content["application/json"])["example"])
	if body == nil {
		return one
	}
	for name := range body {
		if value, known := c.known[name]; known {
			body[name] = value
		}
	}
	if path == "/api/auth/register" {
		body["email"] = "new." + text(c.known["email"])
	}
	one.body = encoded(tb, body)
	return one
}

// formType is the media type of what is sent to the hub.
const formType = "application/x-www-form-urlencoded"

// filledForm is a form of the values of an example.
func filledForm(example map[string]any) url.Values {
	form := url.Values{}
	for name, value := range example {
		for _, one := range append(list(value), value) {
			if said, ok := one.(string); ok {
				form.Add(name, said)
			}
		}
	}
	return form
}

// publisher is a token of a third party of s.
func publisher(tb testing.TB, s *server) string {
	tb.Helper()
	code, out, said := run(tb, s.command.Dir, nil, "token", "-dialect", "0.x", "-publish", "*")
	if code != 0 {
		tb.Fatalf("mint a publisher's token: %d %s", code, said)
	}
	return strings.TrimSpace(out)
}

func encoded(tb testing.TB, value any) []byte {
	tb.Helper()
	body, err := json.Marshal(value)
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

// object is a node as a JSON object; nil if it is none.
func object(node any) map[string]any {
	fields, _ := node.(map[string]any)
	return fields
}

// list is a node as a JSON array; nil if it is none.
func list(node any) []any {
	items, _ := node.([]any)
	return items
}

// text is a value as it stands in a URL.
func text(value any) string {
	if number, ok := value.(float64); ok {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}
