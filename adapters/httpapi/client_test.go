package httpapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// client calls the API over real HTTP. It holds every answer against the
// document that the program serves: an answer that the document does not tell
// of fails the test.
type client struct {
	t     *testing.T
	base  string
	token string
	doc   map[string]any
}

// answer is what the API answered.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func dial(t *testing.T, base string) *client {
	t.Helper()
	c := &client{t: t, base: base}
	c.doc = c.get("/openapi.json").json(t)
	return c
}

// as is c with somebody's token.
func (c *client) as(token string) *client {
	other := *c
	other.token = token
	return &other
}

func (c *client) get(path string, headers ...string) answer {
	c.t.Helper()
	return c.do(http.MethodGet, path, nil, headers...)
}

func (c *client) post(path string, body any, headers ...string) answer {
	c.t.Helper()
	return c.do(http.MethodPost, path, body, headers...)
}

// do sends a request. A body that is text is sent as it is, any other as JSON.
// Headers are names and values in turn.
func (c *client) do(method, path string, body any, headers ...string) answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, reader(c.t, body))
	if err != nil {
		c.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return c.send(r)
}

func (c *client) send(r *http.Request) answer {
	c.t.Helper()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(r)
	if err != nil {
		c.t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		c.t.Fatal(err)
	}
	a := answer{status: response.StatusCode, header: response.Header, body: text}
	if c.doc != nil {
		for _, wrong := range c.against(r.Method, r.URL.Path, a) {
			c.t.Errorf("%s %s answered %d %s: %s", r.Method, r.URL.Path, a.status, a.body, wrong)
		}
	}
	return a
}

func reader(t *testing.T, body any) io.Reader {
	t.Helper()
	switch body := body.(type) {
	case nil:
		return http.NoBody
	case string:
		return strings.NewReader(body)
	default:
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.NewReader(text)
	}
}

// want fails the test unless the answer has this status; it returns the answer.
func (a answer) want(t *testing.T, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("got %d %s, want %d", a.status, a.body, status)
	}
	return a
}

// refused fails the test unless the answer is a problem of this status and code
// that is complete.
func (a answer) refused(t *testing.T, status int, code string) answer {
	t.Helper()
	got := a.want(t, status).json(t)
	if got["code"] != code || got["type"] != "/problems/"+code || got["status"] != float64(status) {
		t.Fatalf("got %s, want a problem of code %s", a.body, code)
	}
	for _, name := range []string{"title", "detail", "instance"} {
		if text, _ := got[name].(string); text == "" {
			t.Errorf("the problem has no %s: %s", name, a.body)
		}
	}
	if got, want := a.header.Get("Content-Type"), "application/problem+json"; got != want {
		t.Errorf("the problem's type is %q, want %q", got, want)
	}
	return a
}

// at fails the test unless the problem names exactly these locations.
func (a answer) at(t *testing.T, locations ...string) answer {
	t.Helper()
	var got []string
	for _, one := range list(a.json(t)["errors"]) {
		got = append(got, fmt.Sprint(object(one)["location"]))
	}
	if !slices.Equal(got, locations) {
		t.Errorf("the problem is at %q, want %q: %s", got, locations, a.body)
	}
	return a
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(a.body, &fields); err != nil {
		t.Fatalf("%q is no JSON object: %v", a.body, err)
	}
	return fields
}

// id is the number of this name in the answer.
func (a answer) id(t *testing.T, name string) int64 {
	t.Helper()
	number, ok := a.json(t)[name].(float64)
	if !ok {
		t.Fatalf("there is no number %s in %s", name, a.body)
	}
	return int64(number)
}

// text is the text of this name in the answer.
func (a answer) text(t *testing.T, name string) string {
	t.Helper()
	text, ok := a.json(t)[name].(string)
	if !ok {
		t.Fatalf("there is no text %s in %s", name, a.body)
	}
	return text
}

// items are the fields of this name of the answer's items.
func (a answer) items(t *testing.T, name string) []any {
	t.Helper()
	found := []any{}
	items := list(a.json(t)["items"])
	if items == nil {
		t.Fatalf("there are no items in %s", a.body)
	}
	for _, item := range items {
		found = append(found, object(item)[name])
	}
	return found
}
