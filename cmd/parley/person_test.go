package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"parley/adapters/ssefeed/ssetest"
)

// person is somebody who uses the program through its public API.
type person struct {
	at     *server
	client *http.Client
	token  string
}

// join registers somebody and logs them in.
func join(t testing.TB, at *server, name string) *person {
	t.Helper()
	p := &person{at: at, client: http.DefaultClient}
	account := map[string]any{"email": name + "@example.org", "password": "a password of " + name, "displayName": name}
	p.must(t, http.StatusCreated, "POST", "/api/auth/register", account)
	p.logIn(t, name)
	return p
}

func (p *person) logIn(t testing.TB, name string) {
	t.Helper()
	in := p.must(t, http.StatusOK, "POST", "/api/auth/login",
		map[string]any{"email": name + "@example.org", "password": "a password of " + name})
	p.token, _ = in["accessToken"].(string)
}

// room opens a room and returns its id.
func (p *person) room(t testing.TB) int {
	t.Helper()
	opened := p.must(t, http.StatusCreated, "POST", "/api/rooms", map[string]any{"type": "group", "name": "A room"})
	id, _ := opened["id"].(float64)
	return int(id)
}

func (p *person) say(t testing.TB, room int, words string) {
	t.Helper()
	p.must(t, http.StatusCreated, "POST", "/api/messages", map[string]any{"chatRoomId": room, "content": words})
}

// said is what has been said in the room.
func (p *person) said(t testing.TB, room int) []string {
	t.Helper()
	return p.page(t, fmt.Sprintf("/api/messages?limit=100&chatRoom=%d", room))
}

// page is what the messages of a page say.
func (p *person) page(t testing.TB, path string) []string {
	t.Helper()
	var words []string
	items, _ := p.must(t, http.StatusOK, "GET", path, nil)["items"].([]any)
	for _, item := range items {
		message, _ := item.(map[string]any)
		content, _ := message["content"].(string)
		words = append(words, content)
	}
	return words
}

// listen opens a stream of a room, from a cursor if there is one.
func (p *person) listen(t testing.TB, room int, cursor string) *ssetest.Line {
	t.Helper()
	line, err := ssetest.Dial(t.Context(), ssetest.Request{
		URL:    fmt.Sprintf("%s/.well-known/mercure?topic=/chat/room/%d", p.at.url, room),
		Token:  p.token,
		Cursor: cursor,
		Client: p.client,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = line.Close() })
	return line
}

// hear waits for the next event of a kind and returns its data.
func hear(t testing.TB, line *ssetest.Line, name string) map[string]any {
	t.Helper()
	for {
		event, err := line.Next(within(t))
		if err != nil {
			t.Fatalf("waiting for %s: %v", name, err)
		}
		if event.Name == name {
			var data map[string]any
			if err := json.Unmarshal([]byte(event.Data), &data); err != nil {
				t.Fatal(err)
			}
			return data
		}
	}
}

func (p *person) must(t testing.TB, status int, method, path string, body map[string]any) map[string]any {
	t.Helper()
	got, answer, err := p.ask(t, method, path, body)
	if err != nil {
		t.Fatal(err)
	}
	if got != status {
		t.Fatalf("%s %s: got status %d, want %d: %v", method, path, got, status, answer)
	}
	return answer
}

func (p *person) ask(t testing.TB, method, path string, body map[string]any) (status int, answer map[string]any, err error) {
	t.Helper()
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		sent = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(within(t), method, p.at.url+path, sent)
	if err != nil {
		return 0, nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if p.token != "" {
		request.Header.Set("Authorization", "Bearer "+p.token)
	}
	response, err := p.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err == nil && len(text) > 0 {
		err = json.Unmarshal(text, &answer)
	}
	return response.StatusCode, answer, err
}
