package clients_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
)

// person is somebody who uses the program by its public API.
type person struct {
	at    *hub
	name  string
	token string
}

// join registers somebody and signs them in.
func join(t *testing.T, at *hub, name string) *person {
	t.Helper()
	p := &person{at: at, name: name}
	account := p.account()
	account["displayName"] = name
	p.must(t, http.StatusCreated, "POST", "/api/auth/register", account)
	p.signIn(t)
	return p
}

func (p *person) account() map[string]any {
	return map[string]any{"email": p.name + "@example.org", "password": "a password of " + p.name}
}

func (p *person) signIn(t *testing.T) {
	t.Helper()
	p.token = ""
	p.token, _ = p.must(t, http.StatusOK, "POST", "/api/auth/login", p.account())["accessToken"].(string)
}

// room opens a room and returns its id.
func (p *person) room(t *testing.T) int {
	t.Helper()
	id, _ := p.must(t, http.StatusCreated, "POST", "/api/rooms", map[string]any{"type": "group", "name": "A room"})["id"].(float64)
	return int(id)
}

// say says something, and says it again until it is known to be said: with its
// key, once.
func (p *person) say(t *testing.T, room int, words string) {
	t.Helper()
	message := map[string]any{"chatRoomId": room, "content": words, "clientMessageId": url.QueryEscape(words)}
	await(t, "what is said is taken", func() bool {
		status, answer, err := p.ask(t, "POST", "/api/messages", message)
		switch {
		case t.Context().Err() != nil:
			t.Fatal(t.Context().Err())
		case err != nil || status >= http.StatusInternalServerError:
			return false
		case status == http.StatusUnauthorized:
			p.signIn(t)
			return false
		case status != http.StatusCreated && status != http.StatusOK:
			t.Fatalf("%q is answered %d %v", words, status, answer)
		}
		return true
	})
}

// place is the cursor of a room's page.
func (p *person) place(t *testing.T, room int) string {
	t.Helper()
	cursor, _ := p.must(t, http.StatusOK, "GET", fmt.Sprintf("/api/messages?chatRoom=%d", room), nil)["cursor"].(string)
	return cursor
}

func (p *person) must(t *testing.T, status int, method, path string, body map[string]any) map[string]any {
	t.Helper()
	got, answer, err := p.ask(t, method, path, body)
	if err != nil || got != status {
		t.Fatalf("%s %s: got %d %v (%v), want %d", method, path, got, answer, err, status)
	}
	return answer
}

func (p *person) ask(t *testing.T, method, path string, body map[string]any) (status int, answer map[string]any, err error) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(within(t), method, p.at.url+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil && !errors.Is(err, io.EOF) {
		return 0, nil, err
	}
	return response.StatusCode, answer, nil
}
