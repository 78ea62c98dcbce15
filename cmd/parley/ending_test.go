package main_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const mostForEnding = 10 * time.Second

func TestOpenStreamsAreToldToComeAgainAndTheProgramEnds(t *testing.T) {
	s := serve(t, t.TempDir())
	ada := join(t, s, "ada")
	room := ada.room(t)
	line := ada.listen(t, room, "")
	hear(t, line, "stream.opened")

	code, took := s.end(t)
	if code != 0 || took > mostForEnding {
		t.Errorf("got exit code %d after %v, want 0 within %v", code, took, mostForEnding)
	}
	closing := hear(t, line, "stream.closing")
	if closing["reason"] != "drain" || closing["action"] != "resume" {
		t.Errorf("got %v, want to be told to resume", closing)
	}
	if _, err := line.Next(within(t)); !errors.Is(err, io.EOF) {
		t.Errorf("after the closing: got %v, want the end", err)
	}
}

// A listener that has stopped reading must not keep the program from ending.
func TestAListenerThatDoesNotReadHoldsUpNoEnding(t *testing.T) {
	s := serve(t, t.TempDir())
	ada := join(t, s, "ada")
	const topic = "https://example.org/deaf"
	deaf(t, strings.TrimPrefix(s.url, "http://"),
		fmt.Sprintf("GET /.well-known/mercure?topic=%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", topic, ada.token))
	// More than what sockets hold for somebody who does not read, and said so fast
	// that the kernel does not give up on them before.
	token := publisher(t, s)
	for range 12 {
		s.mustPublish(t, token, url.Values{"topic": {topic}, "data": {strings.Repeat("x", 900<<10)}})
	}
	if code, took := s.end(t); code != 0 || took > mostForEnding {
		t.Errorf("got exit code %d after %v, want 0 within %v", code, took, mostForEnding)
	}
	if !strings.Contains(s.err.String(), "cut off") {
		t.Error("nobody had to be cut off, so this has shown nothing")
	}
}

// deaf asks for something, and never reads the answer.
func deaf(t *testing.T, address, request string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if tcp, ok := conn.(*net.TCPConn); ok {
		err = tcp.SetReadBuffer(4 << 10)
	}
	if _, sent := io.WriteString(conn, request); errors.Join(err, sent) != nil {
		t.Fatal(err, sent)
	}
}

// What is under way is finished: whatever was answered 201 is there afterwards,
// and nobody is left without an answer.
func TestSendsUnderWayAreFinished(t *testing.T) {
	folder := t.TempDir()
	s := serve(t, folder, "PARLEY_RATE_MESSAGES=0")
	ada := join(t, s, "ada")
	room := ada.room(t)

	var mu sync.Mutex
	var answered []string
	var senders sync.WaitGroup
	for sender := range 8 {
		senders.Go(func() {
			for i := 0; ; i++ {
				words := fmt.Sprintf("%d of %d", i, sender)
				status, _, err := ada.ask(t, "POST", "/api/messages", map[string]any{"chatRoomId": room, "content": words})
				if err != nil || status != http.StatusCreated {
					return // the program takes no more
				}
				mu.Lock()
				answered = append(answered, words)
				mu.Unlock()
			}
		})
	}
	await(t, "some messages are sent", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(answered) > 20
	})
	if code, _ := s.end(t); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	senders.Wait()

	ada.at = serve(t, folder)
	ada.logIn(t, "ada")
	kept := map[string]bool{}
	for before := len(answered) + 1000; before > 1; before -= 100 {
		path := fmt.Sprintf("/api/messages?limit=100&chatRoom=%d&before=%d", room, before)
		for _, words := range ada.page(t, path) {
			kept[words] = true
		}
	}
	if lost := slices.DeleteFunc(answered, func(words string) bool { return kept[words] }); len(lost) > 0 {
		t.Errorf("%d messages were answered 201 and are gone: %q", len(lost), lost)
	}
}

func TestAListenerGoesOnAfterARestart(t *testing.T) {
	folder := t.TempDir()
	s := serve(t, folder)
	ada := join(t, s, "ada")
	room := ada.room(t)
	line := ada.listen(t, room, "")
	hear(t, line, "stream.opened")
	ada.say(t, room, "one")
	hear(t, line, "message")
	cursor := line.LastID
	ada.say(t, room, "two")
	s.end(t)

	ada.at = serve(t, folder)
	ada.logIn(t, "ada")
	ada.say(t, room, "three")
	line = ada.listen(t, room, cursor)
	if opened := hear(t, line, "stream.opened"); opened["mode"] != "replay" {
		t.Errorf("the stream is opened as %v, want a replay", opened)
	}
	got := []any{hear(t, line, "message")["content"], hear(t, line, "message")["content"]}
	if want := []any{"two", "three"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if want := []string{"one", "two", "three"}; !reflect.DeepEqual(ada.said(t, room), want) {
		t.Errorf("the room has %q, want %q", ada.said(t, room), want)
	}
}
