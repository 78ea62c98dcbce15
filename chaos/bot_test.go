package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/chaos"
)

// bot is a participant as a client program has them: it repeats a call until it is
// answered, and signs in again when its session has ended. It hears with its ear.
type bot struct {
	*ear
	identity // the session that it uses

	name    string
	system  *system
	history *chaos.History
	client  *http.Client
	random  func(n int) int
	id      int64
	mine    []said       // what it has said lately, and may change
	keys    atomic.Int64 // counts those that it has made up
	padding string       // of what it says

	signing sync.Mutex // is held while it signs in
	mu      sync.Mutex
	last    int      // session
	secrets []string // that the program may tell nobody
	words   []string // passwords: the one that holds, and those that may
}

// identity is a session of a bot.
type identity struct {
	token   string
	session int    // counts
	sid     string // the program's own
}

// newBot registers a participant.
func newBot(t *testing.T, s *system, h *chaos.History, name string) *bot {
	t.Helper()
	b := &bot{
		name: name, system: s, history: h, random: rand.IntN, words: []string{secretly("the password of " + name)},
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}},
	}
	b.ear = newEar(b, name, everything, steady(sse{}))
	t.Cleanup(b.client.CloseIdleConnections)
	status, _, err := b.call(t.Context(), http.MethodPost, "/api/auth/register",
		map[string]any{"email": name + "@example.org", "password": b.words[0], "displayName": name})
	if err != nil || status != http.StatusCreated {
		t.Fatalf("register %s: %d, %v", name, status, err)
	}
	if err := b.signIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

// patience is how long a client waits for an answer before it tries again.
const patience = 4 * time.Second

// reply is what a call was answered with.
type reply struct {
	identity // whose token was shown

	status int
	body   []byte
	node   int // counts from 1
	tries  int
}

// call makes one request of one of the nodes.
func (b *bot) call(ctx context.Context, method, path string, in any) (int, []byte, error) {
	got, err := b.ask(ctx, b.signedIn(), method, path, in)
	return got.status, got.body, err
}

// ask makes one request of one of the nodes, in a session. The headers are pairs
// of a name and a value.
func (b *bot) ask(ctx context.Context, as identity, method, path string, in any, headers ...string) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	got := reply{identity: as, node: 1 + b.random(len(b.system.nodes))}
	body, err := json.Marshal(in)
	if err != nil {
		return got, err
	}
	request, err := http.NewRequestWithContext(ctx, method, b.system.nodes[got.node-1].gate.url()+path, bytes.NewReader(body))
	if err != nil {
		return got, err
	}
	request.Header.Set("Content-Type", "application/json")
	if as.token != "" {
		request.Header.Set("Authorization", "Bearer "+as.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := b.client.Do(request)
	if err != nil {
		return got, err
	}
	defer func() { _ = response.Body.Close() }()
	got.status = response.StatusCode
	got.body, err = io.ReadAll(response.Body)
	b.note(response, got)
	return got, err
}

// note writes down what nobody may be answered, and keeps the cookies in mind.
func (b *bot) note(response *http.Response, got reply) {
	if got.status >= http.StatusInternalServerError && got.status != http.StatusServiceUnavailable {
		b.history.Add(chaos.Record{Client: b.name, Op: chaos.Blame, Phase: chaos.Noted, Node: got.node,
			Note: fmt.Sprintf("%s %s: %d %s", response.Request.Method, response.Request.URL.Path, got.status, got.body)})
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, cookie := range response.Cookies() {
		b.secrets = append(b.secrets, cookie.Value)
	}
}

// again calls until there is an answer that is final.
func (b *bot) again(ctx context.Context, method, path string, in any) (int, []byte, error) {
	got, err := b.insist(ctx, method, path, in)
	return got.status, got.body, err
}

// insist calls until there is an answer that is final, in whatever session the bot
// has by then.
func (b *bot) insist(ctx context.Context, method, path string, in any, headers ...string) (reply, error) {
	for tries := 1; ; tries++ {
		got, err := b.ask(ctx, b.signedIn(), method, path, in, headers...)
		got.tries = tries
		switch {
		case err == nil && got.status == http.StatusUnauthorized:
			_ = b.renew(ctx, got.token) // it is tried again anyway
		case err == nil && got.final():
			return got, nil
		}
		if wait := b.wait(ctx); wait != nil {
			return got, errors.Join(wait, err)
		}
	}
}

// final reports whether an answer would be the same another time.
func (r reply) final() bool {
	return r.status < http.StatusInternalServerError && r.status != http.StatusTooManyRequests
}

// wait waits before the next try.
func (b *bot) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(50 * time.Millisecond):
		return nil
	}
}
