package stage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"parley/domain/identity"
)

// HTTP uses the public API, as a frontend does: it knows what the API's document
// says, and nothing of the program.
type HTTP struct {
	// URLs are those of the program's nodes, without a slash at the end. Ada is on
	// one, Ben on the next, and so on; what somebody's next device asks goes to the
	// next one again. Each device opens its first line on the node of who has it,
	// and each further one on another than the one before.
	URLs   []string
	Client *http.Client
	Visits *Visits // nil: nobody asks where people were

	// Dial opens an event stream.
	Dial func(ctx context.Context, address, token, lastID string) (Stream, error)

	// Grant makes the token of a third party.
	Grant func(Grant) (token string, err error)
}

// Stream is an open event stream.
type Stream interface {
	Next(ctx context.Context) (Event, error)
	Close() error
}

// Event is an event as a page gets it.
type Event struct{ Name, Data, ID string }

// browser is a client of an [HTTP] stage.
type browser struct {
	stage HTTP
	name  string
	me    identity.UserID
	token string

	devices *atomic.Int64 // on which they have signed in
	device  int           // which of them this is
	lines   *atomic.Int64 // that this one has opened

	cookie string // to go on with the session
}

// node is where a device's requests go.
func (c browser) node() string { return c.nodeAt(c.device) }

// nextNode is where a device opens its next line.
func (c browser) nextNode() string { return c.nodeAt(int(c.lines.Add(1)) - 1) }

// nodeAt counts the nodes from that of who this is.
func (c browser) nodeAt(n int) string { return c.stage.URLs[(int(c.name[0])+n)%len(c.stage.URLs)] }

// Enter makes an account and signs in.
func (s HTTP) Enter(ctx context.Context, name string) (Client, error) {
	c := browser{stage: s, name: name, devices: new(atomic.Int64)}
	account := map[string]any{"email": address(name), "password": password, "displayName": name}
	if err := c.do(ctx, http.MethodPost, "/api/auth/register", account, nil); err != nil {
		return nil, err
	}
	return c.Again(ctx)
}

// Again signs the same person in on another device.
func (c browser) Again(ctx context.Context) (Client, error) {
	c.token, c.cookie, c.lines = "", "", new(atomic.Int64)
	c.device = int(c.devices.Add(1)) - 1
	return c.signIn(ctx, "/api/auth/login", map[string]any{"email": address(c.name), "password": password})
}

// Me is who this is.
func (c browser) Me() identity.UserID { return c.me }

// do asks for something. What comes back is read into out, if it is not nil; a
// problem comes back as a *Refusal. Headers are names and values in turn.
func (c browser) do(ctx context.Context, method, path string, in, out any, headers ...string) error {
	_, answer, err := c.send(ctx, method, path, in, headers...)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(answer, out)
}

func (c browser) send(ctx context.Context, method, path string, in any, headers ...string) (http.Header, []byte, error) {
	var body io.Reader
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return nil, nil, err
		}
		body = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.node()+path, body)
	if err != nil {
		return nil, nil, err
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.cookie != "" && strings.HasPrefix(path, "/api/auth/") { // as browsers keep to its path
		request.Header.Set("Cookie", cookieName+"="+c.cookie)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := c.stage.Client.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, nil, err
	}
	if response.StatusCode >= http.StatusBadRequest {
		return nil, nil, Problem(method+" "+path, response.StatusCode, response.Header, answer)
	}
	return response.Header, answer, nil
}

// Problem makes a *Refusal of a problem document. What is no problem document,
// and what the program says of its own failures, is an error like any other.
func Problem(where string, status int, header http.Header, answer []byte) error {
	var document struct {
		Code   string
		Status int
		Errors []struct{ Location string }
	}
	err := json.Unmarshal(answer, &document)
	if err != nil || document.Code == "" || document.Status != status || status == http.StatusInternalServerError {
		return fmt.Errorf("%s answered %d: %s", where, status, answer)
	}
	no := &Refusal{Code: document.Code}
	if len(document.Errors) > 0 {
		no.Field = strings.TrimPrefix(document.Errors[0].Location, "body.")
	}
	if seconds, err := strconv.Atoi(header.Get("Retry-After")); err == nil {
		no.Wait = time.Duration(seconds) * time.Second
	}
	return no
}

// all reads a list page by page.
func all[Item any](ctx context.Context, c browser, path string, query url.Values) ([]Item, error) {
	var items []Item
	query.Set("limit", "100")
	for {
		var page struct {
			Items    []Item
			NextPage *string
		}
		if err := c.do(ctx, http.MethodGet, path+"?"+query.Encode(), nil, &page); err != nil {
			return nil, err
		}
		items = append(items, page.Items...)
		if page.NextPage == nil {
			return items, nil
		}
		query.Set("page", *page.NextPage)
	}
}
