package main_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
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

	"parley/adapters/ssefeed/ssetest"
)

// However much was missed, none of it is left out.
//
// Mercure: M2, M8, M9.
func TestAllThatWasMissedIsHeard(t *testing.T) {
	t.Parallel() // most of it is waiting
	const many = 1150
	folder := t.TempDir()
	s := serve(t, folder, thirdParties...)
	publisher := mint(t, "-dialect", "1.0", "-publish", "*")
	start := s.mustPublish(t, publisher, url.Values{"topic": {book}, "data": {"start"}})
	var publishing sync.WaitGroup
	for first := range 16 {
		publishing.Go(func() {
			for i := first; i < many; i += 16 {
				name := strconv.Itoa(i)
				if status, said := s.publish(t, publisher, url.Values{"topic": {book}, "data": {name}, "id": {"urn:" + name}}); status != http.StatusOK {
					t.Errorf("publish %s: %d %s", name, status, said)
				}
			}
		})
	}
	publishing.Wait()
	s.end(t)
	line := serve(t, folder, thirdParties...).hubLine(t, "", "match="+book, start)
	var got []string
	for range many {
		event, err := line.Next(within(t))
		if err != nil {
			t.Fatalf("after %d: %v", len(got), err)
		}
		got = append(got, event.Data)
	}
	slices.Sort(got)
	if different := len(slices.Compact(got)); different != many {
		t.Errorf("heard %d, of which %d are different ones", many, different)
	}
}

// Mercure: B2, D4, D14, J1, J2, O5.
func TestTheHubRefusesWhatIsNotForThirdParties(t *testing.T) {
	t.Parallel() // most of it is waiting
	s := serve(t, t.TempDir(), append([]string{"MERCURE_ANONYMOUS=false"}, thirdParties[:2]...)...)
	ada := join(t, s, "ada")
	publisher, limited := mint(t, "-dialect", "0.x", "-publish", "*"), mint(t, "-dialect", "1.0", "-publish", book)
	for _, c := range []struct {
		token, topic string
		want         int
	}{
		{publisher, "/chat/room/1", http.StatusBadRequest},
		{publisher, "https://anywhere.example/x/../chat/room/1", http.StatusBadRequest},
		{publisher, "%2Fch%61t/room/1", http.StatusOK}, // what is decoded once is no path of the chat
		{publisher, "/ch%61t/room/1", http.StatusBadRequest},
		{publisher, "/.well-known/mercure/subscriptions", http.StatusBadRequest},
		{publisher, "mercure", http.StatusBadRequest},
		{publisher, "", http.StatusBadRequest},
		{publisher, "#", http.StatusBadRequest},
		{"", "/chat/user/1", http.StatusBadRequest},
		{"nonsense", "/chat/user/1", http.StatusBadRequest},
		{"", book, http.StatusUnauthorized},
		{"nonsense", book, http.StatusUnauthorized},
		{ada.token, book, http.StatusForbidden},
		{limited, book + "0", http.StatusForbidden},
		{limited, book, http.StatusOK},
		{publisher, "*", http.StatusBadRequest},
	} {
		if status, said := s.publish(t, c.token, url.Values{"topic": {c.topic}}); status != c.want {
			t.Errorf("%q is answered %d %s, want %d", c.topic, status, said, c.want)
		}
	}
	a := s.call(t, call{method: http.MethodGet, path: "/.well-known/mercure?topic=" + book})
	if a.status != http.StatusUnauthorized || !strings.Contains(a.header.Get("WWW-Authenticate"), `resource_metadata="http://127.0.0.1:1/.well-known/oauth-protected-resource/.well-known/mercure"`) {
		t.Errorf("nobody is answered %d, %q", a.status, a.header.Get("WWW-Authenticate"))
	}
	for _, refused := range []call{{method: "PUT", path: "/.well-known/mercure"}, {method: "OPTIONS", path: "/.well-known/mercure"}} {
		if a := s.call(t, refused); a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != "GET, HEAD, POST, QUERY" {
			t.Errorf("%s is answered %d, Allow %q", refused.method, a.status, a.header.Get("Allow"))
		}
	}
}

// A stream of a token lives as long as that, and ends without a word.
//
// Mercure: H11, S10.
func TestAStreamEndsWithItsToken(t *testing.T) {
	t.Parallel() // most of it is waiting
	s := serve(t, t.TempDir(), thirdParties...)
	token := mint(t, "-dialect", "0.x", "-subscribe", "*", "-for", "3s")
	exp := expiry(t, token)
	line := s.hubLine(t, "", "match="+book+"&authorization="+token, "")
	event, err := line.Next(within(t))
	if late := time.Since(exp); !errors.Is(err, io.EOF) || late < -time.Second || late > time.Second {
		t.Errorf("%v after its token has ended it says %+v, %v", late, event, err)
	}
	if !strings.HasPrefix(line.LastID, "parley:") {
		t.Errorf("it is to be resumed from %q", line.LastID)
	}
	s.end(t)
	if log := s.err.String(); strings.Contains(log, token[:20]) || strings.Contains(log, "authorization=") || strings.Contains(log, "books") {
		t.Errorf("the log shows what stood in the URL:\n%s", log)
	}
}

// expiry is when a token ends.
func expiry(t testing.TB, token string) time.Time {
	t.Helper()
	var claims struct{ Exp int64 }
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err == nil {
		err = json.Unmarshal(raw, &claims)
	}
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(claims.Exp, 0)
}

// Mercure: F1, F4.
func TestAChatRoomIsHeardByWhoIsGrantedIt(t *testing.T) {
	t.Parallel() // most of it is waiting
	s := serve(t, t.TempDir(), thirdParties...)
	ada := join(t, s, "ada")
	room, other := ada.room(t), ada.room(t)
	topic := fmt.Sprintf("/chat/room/%d", room)
	granted := s.hubLine(t, mint(t, "-dialect", "1.0", "-subscribe", topic), "match=*", "")
	strangers := map[string]*ssetest.Line{
		"nobody":             s.hubLine(t, "", "topic=*&match="+topic, ""),
		"who has other ones": s.hubLine(t, mint(t, "-dialect", "0.x", "-subscribe", fmt.Sprintf("/chat/room/%d", other)), fmt.Sprintf("topic=%s&topic=/chat/room/%d", topic, other), ""),
	}
	ada.say(t, room, "to those who are granted it")
	if data := hear(t, granted, "message"); data["content"] != "to those who are granted it" {
		t.Errorf("who is granted the room hears %v", data)
	}
	fence := s.mustPublish(t, mint(t, "-dialect", "0.x", "-publish", "*"), url.Values{"topic": {book}, "data": {"fence"}})
	hearsNext(t, "nobody", strangers["nobody"], ssetest.Event{Data: "fence", ID: fence})
	ada.say(t, other, "the fence of the other room")
	if data := hear(t, strangers["who has other ones"], "message"); data["content"] != "the fence of the other room" {
		t.Errorf("a stranger hears %v", data)
	}
}

// Where somebody comes from is what a proxy says whose word is taken; a limit for
// each address holds back whoever is no user.
//
// Mercure: A3, A4, B9, J3.
func TestAnAddressHasSoManyStreamsOfNoUsers(t *testing.T) {
	t.Parallel() // most of it is waiting
	s := serve(t, t.TempDir(), append([]string{"PARLEY_STREAMS_PER_ADDRESS=2", "PARLEY_TRUSTED_PROXIES=127.0.0.1"}, thirdParties...)...)
	listen := func(from, token string) *ssetest.Line {
		r, err := http.NewRequestWithContext(t.Context(), "QUERY", s.url+"/.well-known/mercure", strings.NewReader("match="+url.QueryEscape(book)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Forwarded-For", from)
		r.Header.Set("Content-Type", formType)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		line, err := ssetest.Ask(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = line.Close() })
		return line
	}
	ada := join(t, s, "ada")
	open := map[string]*ssetest.Line{
		"one": listen("2001:db8:1:2::1", ""), "two": listen("2001:db8:1:2::ffff", mint(t, "-dialect", "1.0", "-subscribe", "*")),
		"another": listen("2001:db8:1:3::1", ""), "a user": listen("2001:db8:1:2::1", ada.token),
	}
	turned := listen("2001:db8:1:2::2", "")
	if event, err := turned.Next(within(t)); !errors.Is(err, io.EOF) || turned.Retry != 30*time.Second {
		t.Errorf("the third one of a network hears %+v, %v, and is to come again after %v", event, err, turned.Retry)
	}
	id := s.mustPublish(t, mint(t, "-dialect", "0.x", "-publish", "*"), url.Values{"topic": {book}, "data": {"news"}})
	for who, line := range open {
		hearsNext(t, who, line, ssetest.Event{Data: "news", ID: id})
	}
}
