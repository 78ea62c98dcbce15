package main_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// visit is one request of each operation that the OpenAPI document has, of people
// and things that are there, so that nothing but trouble stands in its way.
type visit struct {
	method, path string // as the document has them
	url          string
	token        string
	cookie       *http.Cookie
	body         []byte
	media        string   // of the body
	answers      []string // the statuses that the document tells of
}

func (c visit) String() string { return c.method + " " + c.path }

// stored reports whether the operation needs the database.
func (c visit) stored() bool { return slices.Contains(c.answers, "503") && c.path != "/readyz" }

// onlyReads reports whether it needs no lock.
func (c visit) onlyReads() bool {
	return c.method == http.MethodGet || c.path == "/api/mercure/token"
}

// outcome is what became of a visit.
type outcome struct {
	visit

	status int
	header http.Header
	body   []byte
	took   time.Duration
	err    error
}

// ask makes the call. A stream is read for as long as the time allows.
func (c visit) ask(tb testing.TB) (a outcome) {
	tb.Helper()
	a.visit = c
	request, err := http.NewRequestWithContext(within(tb), c.method, c.url, bytes.NewReader(c.body))
	if err != nil {
		tb.Fatal(err)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.cookie != nil {
		request.AddCookie(c.cookie)
	}
	if c.body != nil {
		request.Header.Set("Content-Type", cmp.Or(c.media, "application/json"))
	}
	began := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		a.err = err
		return a
	}
	defer func() { _ = response.Body.Close() }()
	a.status, a.header = response.StatusCode, response.Header
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		a.body, a.err = readStart(response.Body)
	} else {
		a.body, a.err = io.ReadAll(response.Body)
	}
	a.took = time.Since(began)
	return a
}

// readStart reads a stream until its first event, or its end.
func readStart(stream io.Reader) ([]byte, error) {
	var said []byte
	for part := make([]byte, 4<<10); !bytes.Contains(said, []byte("\ndata:")); {
		n, err := stream.Read(part)
		said = append(said, part[:n]...)
		if err == io.EOF {
			return said, nil
		}
		if err != nil {
			return said, err
		}
	}
	return said, nil
}

// askAll makes the calls at once.
func askAll(tb testing.TB, calls []visit) []outcome {
	tb.Helper()
	answers := make([]outcome, len(calls))
	var asking sync.WaitGroup
	for i, c := range calls {
		asking.Go(func() { answers[i] = c.ask(tb) })
	}
	asking.Wait()
	return answers
}

// walk is a call of each operation of the program at s. What changes anything is
// called by somebody of its own, so that no call stands in another's way.
func walk(tb testing.TB, s *server) (calls []visit) {
	tb.Helper()
	doc := (&person{at: s, client: http.DefaultClient}).must(tb, http.StatusOK, "GET", "/openapi.json", nil)
	reader := newCast(tb, s, "reader")
	for path, item := range object(doc["paths"]) {
		if strings.HasPrefix(path, feedPath+"/") {
			continue // it takes a Mercure token, and no database: see package ssefeed
		}
		for method, operation := range object(item) {
			who := reader
			if method != "get" {
				who = newCast(tb, s, fmt.Sprintf("somebody%d", len(calls)))
			}
			calls = append(calls, who.call(tb, strings.ToUpper(method), path, object(operation)))
		}
	}
	if len(calls) < 30 {
		tb.Fatalf("the document has %d operations: this walk has lost its way", len(calls))
	}
	return calls
}

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

// The walk shows nothing unless each of its calls gets through where there is no
// trouble.
func TestEachCallOfTheWalkIsTaken(t *testing.T) {
	for _, a := range askAll(t, walk(t, serve(t, t.TempDir()))) {
		if a.err != nil || a.status >= 300 || !slices.Contains(a.answers, strconv.Itoa(a.status)) {
			t.Errorf("%s is answered %d %s (%v)", a.visit, a.status, a.body, a.err)
		}
	}
}
