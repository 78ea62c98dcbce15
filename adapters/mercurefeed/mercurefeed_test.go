package mercurefeed_test

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/adapters/mercurefeed/hubtest"
	"parley/adapters/ssefeed/ssetest"
	"parley/application/contract"
	"parley/application/port"
	"parley/domain/message"
	"parley/domain/sequence"
)

// A page cannot tell from what it hears which of the two hubs it listens to.
func TestAHubSaysWhatAStreamSays(t *testing.T) {
	s := newScene(t)
	hub := hubtest.Start(t)
	line := s.listens(hub, "*")
	s.relays(hub.URL)
	feeding := ssetest.Feeding(t, s.store)
	stream, err := feeding.Listen(t.Context(), s.ben, []string{"/chat/room/{id}", "/chat/user/{id}"}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stream.Close() }()
	nextOf(t, stream) // stream.opened
	s.lives(func() {
		got, want := s.hears(line, 1)[0], nextOf(t, stream)
		name := want.Type
		if name == "message.created" {
			name = "message"
		}
		if got.Name != name || got.ID != want.Cursor || got.Data != want.Data {
			t.Errorf("the hub says\n%s %s %s, the stream\n%s %s %s", got.Name, got.ID, got.Data, name, want.Cursor, want.Data)
		}
	})
}

func nextOf(t *testing.T, line contract.Line) contract.Heard {
	t.Helper()
	heard, err := line.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return heard
}

// Cleo is in the room for a while only, and hears of the rest on no topic of hers.
//
// Mercure: D15.
func TestWhomAnEntryConcernsHearsOfItOnTheirOwnTopic(t *testing.T) {
	s := newScene(t)
	hub := hubtest.Start(t)
	ada, ben, cleo := s.listens(hub, "/chat/user/"+s.ada.User.String()), s.listens(hub, "/chat/user/"+s.ben.User.String()), s.listens(hub, "/chat/user/"+s.cleo.User.String())
	s.relays(hub.URL)
	s.lives(func() {})
	same(t, "Ada", names(s.hears(ada, 2)), []string{"room.created", "room.deleted"})
	same(t, "Ben", names(s.hears(ben, 2)), []string{"room.created", "room.deleted"})
	same(t, "Cleo", names(s.hears(cleo, 3)), []string{"participant.joined", "participant.changed", "participant.left"})
}

func TestNobodyHearsWithoutBeingGrantedWhatTheyHear(t *testing.T) {
	s := newScene(t)
	hub := hubtest.Start(t, "ALLOW_ANONYMOUS=1")
	nobody, stranger, room := s.listens(hub), s.listens(hub, "/chat/room/99", "/chat/user/99"), s.listens(hub, "/chat/room/{id}")
	s.relays(hub.URL)
	s.lives(func() {})
	if got := s.hears(room, 9); got[8].Name != "room.deleted" {
		t.Errorf("who may hear all rooms heard last of %s", got[8].Name)
	}
	publish(t, hub, url.Values{"topic": {"https://example.org/fence"}, "data": {"fence"}})
	for who, line := range map[string]*ssetest.Line{"who has no token": nobody, "who is granted something else": stranger} {
		if got := s.hears(line, 1)[0]; got.Data != "fence" {
			t.Errorf("%s heard %s %s", who, got.Name, got.Data)
		}
	}
}

// publish publishes as somebody else does.
func publish(t *testing.T, hub *hubtest.Hub, form url.Values) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, hub.URL, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "Bearer "+hubtest.Token(hubtest.PublisherKey, "publish", time.Now().Add(time.Minute), "*"))
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatal(response.Status)
	}
}

// What is deleted before the hub has it never gets there.
func TestWhatIsDeletedMeanwhileIsNotHandedOn(t *testing.T) {
	s := newScene(t)
	hub := hubtest.Start(t)
	line := s.listens(hub, "*")
	s.opens()
	stop := s.relays(hub.URL)
	stop()
	gone, stays := s.says("a secret"), s.says("a first try")
	s.revises(gone, message.Deleted{})
	to, err := message.ParseContent("the last word")
	if err != nil {
		t.Fatal(err)
	}
	s.revises(stays, message.Edited{To: to})
	s.relays(hub.URL)
	heard := s.hears(line, 4)
	same(t, "heard", names(heard), []string{"message", "message", "message.deleted", "message.edited"})
	for _, e := range heard {
		if strings.Contains(e.Data, "secret") || strings.Contains(e.Data, "first try") {
			t.Errorf("the hub has %s", e.Data)
		}
	}
}

func TestWhatRetentionHasTakenIsPassed(t *testing.T) {
	s := newScene(t)
	hub := hubtest.Start(t)
	line := s.listens(hub, "*")
	s.opens()
	stop := s.relays(hub.URL)
	stop()
	s.says("too old")
	s.change(func(ctx context.Context, sc port.Scope) error {
		_, err := sc.Revising.Prune(ctx, sc.At.Add(time.Hour), 100)
		return err
	})
	s.says("new")
	s.relays(hub.URL)
	if got := s.hears(line, 1)[0]; !strings.Contains(got.Data, `"content":"new"`) {
		t.Errorf("the hub says %s", got.Data)
	}
}

func TestWithheldIsAnEventOfItsOwn(t *testing.T) {
	fake := newFake(t)
	fake.answer = func(form url.Values, w http.ResponseWriter, take func()) {
		if strings.Contains(form.Get("data"), "too long") {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		take()
	}
	s := newScene(t)
	s.opens()
	s.impatient = true
	s.relays(fake.URL)
	s.says("before")
	s.says("too long")
	s.says("after")
	took := fake.awaits(t, 3)
	if took[1].Get("type") != "stream.withheld" || took[1].Get("private") == "" || took[1]["topic"][0] != took[0]["topic"][0] {
		t.Errorf("in place of what was refused went %v", took[1])
	}
	if _, ours := hubtest.Cursors().Open(took[1].Get("id")); !ours {
		t.Errorf("its id is %s", took[1].Get("id"))
	}
	if !strings.Contains(took[2].Get("data"), "after") {
		t.Errorf("then went %v", took[2])
	}
}

func TestARoomOfManyIsToldInParts(t *testing.T) {
	fake := newFake(t)
	hub := trying(t, fake.URL, hubtest.PublisherKey)
	item := crowded(t, 1200)
	if err := hub.Publish(t.Context(), item); err != nil {
		t.Fatal(err)
	}
	topics := make(map[string]bool)
	for _, form := range fake.awaits(t, 3) {
		if len(form["topic"]) > 500 || form.Get("id") != hubtest.Cursors().Seal(sequence.Place{Position: 5, Mark: 6}) {
			t.Errorf("%d topics go with %s", len(form["topic"]), form.Get("id"))
		}
		for _, topic := range form["topic"] {
			topics[topic] = true
		}
	}
	if len(topics) != 1201 || !topics["/chat/room/7"] || !topics["/chat/user/1200"] {
		t.Errorf("%d topics were told", len(topics))
	}
}

func TestTokensAreMadeAnewWellBeforeTheyEnd(t *testing.T) {
	fake, now, made := newFake(t), time.Unix(1_800_000_000, 0), 0
	hub := trying(t, fake.URL, hubtest.PublisherKey)
	hub.Now = func() time.Time { return now }
	hub.Publisher = func(topics ...string) (string, error) {
		made++
		return strings.Join(topics, " "), nil
	}
	for range 3 {
		for range 5 {
			if err := hub.Publish(t.Context(), crowded(t, 1)); err != nil {
				t.Fatal(err)
			}
			now = now.Add(5 * time.Second)
		}
	}
	if made != 3 {
		t.Errorf("in 75 seconds %d tokens were made, want 3", made)
	}
	if got := fake.tokens[0]; got != "Bearer /chat/room/{id} /chat/user/{id}" {
		t.Errorf("the token grants %s", got)
	}
	if bytes.ContainsAny([]byte(fake.bodies[0]), "\r\n\x00") {
		t.Errorf("the body is %q", fake.bodies[0])
	}
}
