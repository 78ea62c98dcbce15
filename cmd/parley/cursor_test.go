package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley/adapters/pollfeed/polltest"
)

const masterKey = "PARLEY_MASTER_KEY=a key that two deployments have in common"

// A place that is not in the log, or is another one by now, is said at the
// beginning, on streams and polls alike, with a fresh place to go on from.
func TestACursorThatIsNoPlaceOfThisLogIsSaidSo(t *testing.T) {
	folder, public := t.TempDir(), "PARLEY_PUBLIC_URL=http://127.0.0.1:1"
	begin := func() *server { return serve(t, folder, masterKey, public) }
	ada := join(t, begin(), "ada")
	room := ada.room(t)
	ada.say(t, room, "one")
	kept := ada.cursor(t, room)
	ada.at.end(t)
	database := filepath.Join(folder, "data/parley.db")
	backup, err := os.ReadFile(database)
	if err != nil {
		t.Fatal(err)
	}
	ada.at = begin()
	ada.say(t, room, "lost")
	lost := ada.cursor(t, room)
	ada.says(t, room, lost, "replay", "a place of this log")
	ada.at.end(t)

	// A backup is restored, so that the place is ahead of the log; and then the log
	// grows, so that there is something else at it.
	if err := os.WriteFile(database, backup, 0o600); err != nil {
		t.Fatal(err)
	}
	ada.at = begin()
	ada.logIn(t, "ada")
	ada.says(t, room, lost, "reset", "ahead of the log")
	for range 3 {
		ada.say(t, room, "something else")
	}
	ada.says(t, room, lost, "reset", "something else is there")

	elsewhere := join(t, serve(t, t.TempDir(), masterKey, public), "ada")
	there := elsewhere.room(t)
	elsewhere.say(t, there, "elsewhere")
	ada.says(t, room, elsewhere.cursor(t, there), "reset", "another deployment's")
	for what, cursor := range map[string]string{
		"garbled": kept[:len(kept)-3] + "AAA", "cut short": kept[:len(kept)-1], "longer": kept + "A",
		"forged": "parley:" + strings.Repeat("A", 22), "somebody else's": "urn:uuid:5e94c686-2c0b-4f9b-958c-92ccc3bbb4eb", "nonsense": "%00",
	} {
		ada.says(t, room, cursor, "reset", what)
	}
}

// cursor is the place that comes with the room's page.
func (p *person) cursor(t *testing.T, room int) string {
	t.Helper()
	cursor, _ := p.must(t, http.StatusOK, "GET", fmt.Sprintf("/api/messages?chatRoom=%d", room), nil)["cursor"].(string)
	return cursor
}

// says comes back with a cursor, by stream and by poll, and demands to be told how
// that goes on: with what came after it, or afresh, and then with what is said
// next.
func (p *person) says(t *testing.T, room int, cursor, mode, what string) {
	t.Helper()
	line := p.listen(t, room, cursor)
	opened := hear(t, line, "stream.opened")
	if opened["mode"] != mode || opened["resumedFrom"] != cursor || mode == "reset" && line.LastID == cursor {
		t.Errorf("%s: the stream begins with %v", what, opened)
	}
	poll := polltest.Request{URL: fmt.Sprintf("%s/api/events?topic=/chat/room/%d", p.at.url, room), Token: p.token, After: cursor, Client: p.client}
	first, err := polltest.Poll(within(t), poll)
	if err != nil {
		t.Fatal(err)
	}
	reset := len(first.Events) == 1 && strings.Contains(string(first.Events[0].Data), `"mode":"reset"`)
	if reset != (mode == "reset") || reset && first.Cursor == cursor {
		t.Errorf("%s: the poll has %+v", what, first)
	}
	p.say(t, room, "next, "+what)
	poll.After, poll.Wait = first.Cursor, 5
	second, err := polltest.Poll(within(t), poll)
	if err != nil {
		t.Fatal(err)
	}
	var polled []string
	for _, event := range second.Events {
		var data struct{ Content string }
		if err := json.Unmarshal(event.Data, &data); err != nil {
			t.Fatal(err)
		}
		polled = append(polled, data.Content)
	}
	if want := []string{"next, " + what}; !slices.Equal(polled, want) {
		t.Errorf("%s: the poll goes on with %q, want %q", what, polled, want)
	}
	if got := hear(t, line, "message")["content"]; got != "next, "+what {
		t.Errorf("%s: the stream goes on with %v", what, got)
	}
}
