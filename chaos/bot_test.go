package chaos_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"parley/adapters/ssefeed/ssetest"
	"parley/chaos"
)

// bot is a participant as a client program has them: it repeats a send with the
// same key until it is answered, and comes back with the last id that it has
// processed.
type bot struct {
	name    string
	system  *system
	history *chaos.History
	client  *http.Client
	random  func(n int) int
	id      int64
	padding string // of what it says
	said    int    // how much that was

	mu     sync.Mutex
	token  string
	cursor string
	conns  int
	heard  map[int64]int64 // the last number of each room
}

// newBot registers a participant.
func newBot(t *testing.T, s *system, h *chaos.History, name string) *bot {
	t.Helper()
	b := &bot{
		name: name, system: s, history: h, random: rand.IntN, heard: make(map[int64]int64),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}},
	}
	t.Cleanup(b.client.CloseIdleConnections)
	status, _, err := b.call(t.Context(), http.MethodPost, "/api/auth/register",
		map[string]any{"email": name + "@example.org", "password": "a password of " + name + "s", "displayName": name})
	if err != nil || status != http.StatusCreated {
		t.Fatalf("register %s: %d, %v", name, status, err)
	}
	if err := b.signIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bot) signIn(ctx context.Context) error {
	status, body, err := b.call(ctx, http.MethodPost, "/api/auth/login",
		map[string]any{"email": b.name + "@example.org", "password": "a password of " + b.name + "s"})
	if err != nil || status != http.StatusOK {
		return fmt.Errorf("sign in %s: %d, %w", b.name, status, err)
	}
	var answer struct {
		AccessToken string
		User        struct{ ID int64 }
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.token, b.id = answer.AccessToken, answer.User.ID
	return nil
}

// patience is how long a client waits for an answer before it tries again.
const patience = 4 * time.Second

// call makes one request of one of the nodes.
func (b *bot) call(ctx context.Context, method, path string, in any) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	body, err := json.Marshal(in)
	if err != nil {
		return 0, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, b.base()+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	b.mu.Lock()
	if b.token != "" {
		request.Header.Set("Authorization", "Bearer "+b.token)
	}
	b.mu.Unlock()
	response, err := b.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}

func (b *bot) base() string { return b.system.nodes[b.random(len(b.system.nodes))].gate.url() }

// again calls until there is an answer that is final.
func (b *bot) again(ctx context.Context, method, path string, in any) (int, []byte, error) {
	for {
		status, body, err := b.call(ctx, method, path, in)
		switch {
		case err == nil && status >= http.StatusInternalServerError && status != http.StatusServiceUnavailable:
			b.history.Add(chaos.Record{Client: b.name, Op: chaos.Blame, Phase: chaos.Noted, Note: fmt.Sprintf("%s %s: %d %s", method, path, status, body)})
		case err == nil && status == http.StatusUnauthorized:
			_ = b.signIn(ctx) // it is tried again anyway
		case err == nil && status < http.StatusInternalServerError && status != http.StatusTooManyRequests:
			return status, body, nil
		}
		select {
		case <-ctx.Done():
			return 0, nil, errors.Join(ctx.Err(), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// message is a message as the API has it.
type message struct {
	Type            string
	ID, ChatRoomID  int64
	Sequence        int64
	Content         string
	ClientMessageID string
	UserID          int64
	Mode            string
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// say sends one message, however often it takes. Only ctx ends it without an
// answer.
func (b *bot) say(ctx context.Context, in int64, key string) {
	content := "said as " + key + b.padding
	r := chaos.Record{Client: b.name, Op: chaos.Send, Phase: chaos.Invoked, Room: in, Key: key, Hash: hash(content)}
	b.history.Add(r)
	status, body, err := b.again(ctx, http.MethodPost, "/api/messages",
		map[string]any{"chatRoomId": in, "content": content, "clientMessageId": key})
	var said message
	switch {
	case err == nil && (status == http.StatusCreated || status == http.StatusOK) && json.Unmarshal(body, &said) == nil:
		r.Phase, r.ID, r.Seq, r.Hash = chaos.OK, said.ID, said.Sequence, hash(said.Content)
		if status == http.StatusOK {
			r.Note = chaos.Again
		}
	case err == nil:
		r.Phase, r.Note = chaos.Failed, fmt.Sprintf("%d %s", status, body)
	default:
		r.Phase = chaos.Unknown
	}
	b.history.Add(r)
}

// talk says something every now and then until quit is closed; what it has begun
// it finishes, while ctx lasts.
func (b *bot) talk(ctx context.Context, quit <-chan struct{}, rooms []int64, every time.Duration) {
	for {
		select {
		case <-quit:
			return
		case <-time.After(every/2 + time.Duration(b.random(int(every)))):
		}
		b.said++
		b.say(ctx, rooms[b.random(len(rooms))], fmt.Sprintf("%s-%d", b.name, b.said))
	}
}

// listen hears everything until ctx ends, over as many streams as it takes.
func (b *bot) listen(ctx context.Context) {
	for ctx.Err() == nil {
		if err := b.hear(ctx); err != nil && ctx.Err() == nil {
			var refused *ssetest.Refused
			if errors.As(err, &refused) && refused.Status == http.StatusUnauthorized {
				_ = b.signIn(ctx) // it is tried again anyway
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// hear hears one stream to its end.
func (b *bot) hear(ctx context.Context) error {
	b.mu.Lock()
	ask := ssetest.Request{
		URL:   b.base() + "/.well-known/mercure?topic=/chat/room/{id}&topic=/chat/user/{id}",
		Token: b.token, Cursor: b.cursor, Client: b.client,
	}
	b.conns++
	conn := b.conns
	b.mu.Unlock()
	b.history.Add(chaos.Record{Client: b.name, Op: chaos.Open, Phase: chaos.Noted, Conn: conn, Cursor: ask.Cursor})
	line, err := ssetest.Dial(ctx, ask)
	if err != nil {
		return err
	}
	defer func() { _ = line.Close() }()
	for {
		event, err := line.Next(ctx)
		if err != nil {
			return err
		}
		if err := b.take(conn, event); err != nil {
			return err
		}
	}
}

// take processes one event, and remembers its id then.
func (b *bot) take(conn int, event ssetest.Event) error {
	var m message
	if err := json.Unmarshal([]byte(event.Data), &m); err != nil {
		return err
	}
	r := chaos.Record{Client: b.name, Phase: chaos.Noted, Conn: conn, Room: m.ChatRoomID, Cursor: event.ID}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case m.Type == "message.created":
		r.Op, r.Key, r.ID, r.Seq, r.Hash = chaos.Hear, m.ClientMessageID, m.ID, m.Sequence, hash(m.Content)
		b.heard[m.ChatRoomID] = m.Sequence
	case m.Type == "participant.joined" && m.UserID == b.id:
		r.Op = chaos.In
	case m.Type == "participant.left" && m.UserID == b.id:
		r.Op = chaos.Out
	case m.Type == "stream.opened" && m.Mode == "reset":
		r.Op, r.Cursor = chaos.Reset, b.cursor
	case m.Type == "stream.opened":
		r.Op, r.Phase = chaos.Open, chaos.OK
	}
	if r.Op != "" {
		b.history.Add(r)
	}
	b.cursor = event.ID
	return nil
}

// reached is the last number of a room that was heard.
func (b *bot) reached(in int64) int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.heard[in]
}
