package main_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// elsewhere is where the callers of these tests come from, as a proxy says.
const elsewhere = "198.51.100.7"

// call is a request as it is sent.
type call struct {
	method, path string
	body         any // text as it is, all else as JSON
	token        string
	cookie       string // of the session
	header       http.Header
}

// answered is what comes back; the body of a stream is not read.
type answered struct {
	status int
	header http.Header
	body   map[string]any
}

func (s *server) call(t *testing.T, c call) answered {
	t.Helper()
	var body io.Reader = http.NoBody
	switch sent := c.body.(type) {
	case nil:
	case string:
		body = strings.NewReader(sent)
	default:
		text, err := json.Marshal(sent)
		if err != nil {
			t.Fatal(err)
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(within(t), c.method, s.url+c.path, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range c.header {
		r.Header[name] = values
	}
	r.Header.Set("X-Forwarded-For", elsewhere)
	if c.body != nil && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "parley_refresh", Value: c.cookie})
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	a := answered{status: response.StatusCode, header: response.Header}
	if strings.Contains(response.Header.Get("Content-Type"), "json") {
		if err := json.NewDecoder(response.Body).Decode(&a.body); err != nil {
			t.Fatalf("%s %s: %v", c.method, c.path, err)
		}
	}
	return a
}

// renewal is the value of the cookie that the session goes on with.
func (a answered) renewal(t *testing.T) string {
	t.Helper()
	for _, line := range a.header.Values("Set-Cookie") {
		if cookie, err := http.ParseSetCookie(line); err == nil && cookie.Name == "parley_refresh" {
			return cookie.Value
		}
	}
	t.Fatalf("no cookie comes with %d %v", a.status, a.body)
	return ""
}

// session is a device that is signed in.
type session struct{ token, cookie string }

func (s *server) signIn(t *testing.T, name string) session {
	t.Helper()
	a := s.call(t, call{method: "POST", path: "/api/auth/login", body: map[string]any{"email": name + "@example.org", "password": "a password of " + name}})
	if a.status != http.StatusOK {
		t.Fatalf("%s does not get in: %d %v", name, a.status, a.body)
	}
	token, _ := a.body["accessToken"].(string)
	return session{token, a.renewal(t)}
}

// lines are those of the program's log, which it writes as JSON.
func (s *server) lines(t *testing.T) []map[string]any {
	t.Helper()
	var all []map[string]any
	written := s.err.String()
	for line := range strings.Lines(written[:strings.LastIndex(written, "\n")+1]) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("a line of the log is no JSON: %q", line)
		}
		all = append(all, fields)
	}
	return all
}
