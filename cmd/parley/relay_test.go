package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/adapters/mercurefeed/hubtest"
	"parley/adapters/ssefeed/ssetest"
)

// everything listens at a hub to whatever is published there, as no user may.
func everything(t *testing.T, hub *hubtest.Hub) *ssetest.Line {
	t.Helper()
	line, err := ssetest.Dial(t.Context(), ssetest.Request{
		URL:   hub.URL + "?" + url.Values{"topic": {"/chat/room/{id}"}}.Encode(),
		Token: hubtest.Token(hubtest.SubscriberKey, "subscribe", time.Now().Add(10*time.Minute), "*"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = line.Close() })
	return line
}

// inOrder hears messages until all of them have come, each for the first time in
// order, and each always under one id. It returns how many came again.
func inOrder(t *testing.T, line *ssetest.Line, texts []string) (again int) {
	t.Helper()
	ids, next := make(map[string]string), 0
	for next < len(texts) {
		event, err := line.Next(within(t))
		if err != nil {
			t.Fatalf("after %d of %d: %v", next, len(texts), err)
		}
		var said struct{ Content string }
		if err := json.Unmarshal([]byte(event.Data), &said); err != nil {
			t.Fatal(err)
		}
		at := slices.Index(texts, said.Content)
		switch {
		case event.Name != "message" || at < 0:
		case at < next && ids[said.Content] == event.ID:
			again++
		case at != next:
			t.Fatalf("heard %q as %s, want %q", said.Content, event.ID, texts[next])
		default:
			ids[said.Content] = event.ID
			next++
		}
	}
	return again
}

func TestAnExternalHubIsToFitBeforeAnythingIsServed(t *testing.T) {
	hub := hubtest.Start(t)
	fits := hub.Environ()
	other := "=a key which is nobody's and 32 bytes long"
	page := serve(t, t.TempDir()).url + "/"
	for name, c := range map[string]struct {
		environ      []string
		serve, check string // the setting that is refused; empty: none is
		says         string // what check says of the hub
	}{
		"it fits":                   {fits, "", "", "hub: fine"},
		"one secret is not of both": {[]string{fits[0], "MERCURE_JWT_SECRET" + other}, "MERCURE_JWT_SECRET", "MERCURE_JWT_SECRET", ""},
		"another publisher's key":   {[]string{fits[0], "MERCURE_PUBLISHER_JWT_KEY" + other, fits[2]}, "MERCURE_PUBLISHER_JWT_KEY", "MERCURE_PUBLISHER_JWT_KEY", ""},
		"another subscriber's key":  {[]string{fits[0], fits[1], "MERCURE_SUBSCRIBER_JWT_KEY" + other}, "", "MERCURE_SUBSCRIBER_JWT_KEY", ""},
		"it is not there":           {[]string{"MERCURE_URL=http://127.0.0.1:1/x", fits[1], fits[2]}, "", "MERCURE_URL", ""},
		"it is no hub":              {[]string{"MERCURE_URL=" + page, fits[1], fits[2]}, "", "MERCURE_URL", ""},
		"it is our own": {[]string{"PARLEY_PUBLIC_URL=http://127.0.0.1:1", "MERCURE_URL=http://127.0.0.1:1/.well-known/mercure", fits[1], fits[2]},
			"", "", "hub: embedded"},
		"it keeps a history": {hubtest.Start(t, "TRANSPORT_URL=bolt://"+t.TempDir()+"/history.db").Environ(), "", "", "keeps a history"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out, said := run(t, t.TempDir(), c.environ, "check")
			if c.check == "" && (code != 0 || !strings.Contains(out, c.says)) || c.check != "" && (code != refused || !strings.Contains(said, "parley: "+c.check+": ")) {
				t.Errorf("check: got exit code %d, %q and %q", code, out, said)
			}
			if c.serve == "" {
				serve(t, t.TempDir(), c.environ...).end(t)
				return
			}
			code, out, said = run(t, t.TempDir(), append(c.environ, "PARLEY_LISTEN=127.0.0.1:0"), "serve")
			if code != refused || !strings.Contains(said, "parley: "+c.serve+": ") || strings.Contains(out, "Parley serves") {
				t.Errorf("serve: got exit code %d, %q and %q", code, out, said)
			}
		})
	}
}

// What is said while the hub is down, and after it has forgotten everything,
// reaches who listens.
func TestAHubThatDiesAndForgetsLosesNobodyAnything(t *testing.T) {
	hub := hubtest.Start(t)
	s := serve(t, t.TempDir(), append(hub.Environ(), "PARLEY_RATE_MESSAGES=0")...)
	ada := join(t, s, "ada")
	room := ada.room(t)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	line, err := hubtest.Dial(t.Context(), hubtest.Program(client, s.url, ada.token, []string{fmt.Sprintf("/chat/room/%d", room)}, time.Minute), "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = line.Close() }()
	var texts []string
	for n := range 30 {
		if n%10 == 3 {
			hub.Kill()
		}
		if n%10 == 6 {
			hub.Run()
		}
		texts = append(texts, fmt.Sprintf("message %d", n))
		ada.say(t, room, texts[n]) // is taken whatever the hub does
	}
	hub.Kill()
	hub.Run()
	began := time.Now()
	ada.say(t, room, "at last")
	for _, want := range append(texts, "at last") {
		for {
			event, err := line.Next(within(t))
			if err != nil {
				t.Fatalf("waiting for %q: %v", want, err)
			}
			if kind, _ := event.Type(); kind == "message.created" {
				if !strings.Contains(string(event.Data), `"content":"`+want+`"`) {
					t.Fatalf("heard %s, want %q", event.Data, want)
				}
				break
			}
		}
	}
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %v to catch up", took)
	}
}

// A node that is killed between the hub's answer and the keeping of its place says
// some of it again, under the same ids.
func TestAKilledNodeGoesOnWhereItStopped(t *testing.T) {
	hub := hubtest.Start(t)
	folder, environ := t.TempDir(), append(hub.Environ(), "PARLEY_RATE_MESSAGES=0", "PARLEY_PUBLIC_URL=http://127.0.0.1:1")
	line := everything(t, hub)
	s := serve(t, folder, environ...)
	ada := join(t, s, "ada")
	room := ada.room(t)
	var texts []string
	for n := range 30 {
		texts = append(texts, fmt.Sprintf("message %d", n))
		ada.say(t, room, texts[n])
		if n%10 == 9 {
			if err := s.command.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			s.code(t)
			s = serve(t, folder, environ...)
			ada.at = s
		}
	}
	t.Logf("%d came again", inOrder(t, line, texts))
}
