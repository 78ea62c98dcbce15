package chaos_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"parley/chaos"
)

// openRooms puts everybody into every room. They listen from before anything was
// said.
func openRooms(t *testing.T, people []*bot, h *chaos.History) []int64 {
	t.Helper()
	var where []int64
	for n := range rooms {
		where = append(where, openRoom(t, people, fmt.Sprintf("Room %d", n+1)))
	}
	for _, b := range people {
		_, body, err := b.again(t.Context(), http.MethodGet, "/api/rooms", nil)
		var page struct{ Cursor string }
		if err != nil || json.Unmarshal(body, &page) != nil || page.Cursor == "" {
			t.Fatalf("list the rooms: %s %v", body, err)
		}
		b.cursor = page.Cursor
		for _, in := range where {
			enters(b, in, h)
		}
	}
	return where
}

// openRoom opens a room for people, of whom the first one is its admin.
func openRoom(t *testing.T, people []*bot, name string) int64 {
	t.Helper()
	var others []int64
	for _, b := range people[1:] {
		others = append(others, b.id)
	}
	status, body, err := people[0].again(t.Context(), http.MethodPost, "/api/rooms", map[string]any{"type": "group", "name": name, "participantIds": others})
	var made struct{ ID int64 }
	if err != nil || status != http.StatusCreated || json.Unmarshal(body, &made) != nil {
		t.Fatalf("open a room: %d %s %v", status, body, err)
	}
	look(t, people[0], []int64{made.ID})
	return made.ID
}

// enters notes that somebody is in a room, and waits to hear all of it.
func enters(b *bot, room int64, h *chaos.History) {
	b.heard[room] = 0
	h.Add(chaos.Record{Client: b.name, Op: chaos.In, Phase: chaos.Noted, Room: room})
}

// look writes down what each room is: its name and its people.
func look(t *testing.T, b *bot, where []int64) {
	t.Helper()
	for _, in := range where {
		_, body, err := b.again(t.Context(), http.MethodGet, fmt.Sprintf("/api/rooms/%d", in), nil)
		var is struct {
			Name    string
			Version int64
		}
		if err != nil || json.Unmarshal(body, &is) != nil {
			t.Fatalf("look at room %d: %s %v", in, body, err)
		}
		r := chaos.Record{Client: b.name, Op: chaos.Is, Phase: chaos.Noted, Room: in, Note: is.Name, Rev: is.Version}
		_, body, err = b.again(t.Context(), http.MethodGet, fmt.Sprintf("/api/rooms/%d/participants?limit=100", in), nil)
		var people struct{ Items []struct{ UserID int64 } }
		if err != nil || json.Unmarshal(body, &people) != nil || len(people.Items) == 0 {
			t.Fatalf("look at who is in room %d: %s %v", in, body, err)
		}
		for _, who := range people.Items {
			r.People = append(r.People, who.UserID)
		}
		b.history.Add(r)
	}
}

// readAll reads what the program has in the end.
func readAll(t *testing.T, b *bot, where []int64) chaos.Final {
	t.Helper()
	final := make(chaos.Final)
	for _, in := range where {
		for after := int64(0); ; {
			_, body, err := b.again(t.Context(), http.MethodGet, fmt.Sprintf("/api/messages?chatRoom=%d&limit=100&after=%d", in, after), nil)
			var page struct {
				Items    []message
				HasAfter bool
			}
			if err != nil || json.Unmarshal(body, &page) != nil {
				t.Fatalf("read room %d: %s %v", in, body, err)
			}
			for _, m := range page.Items {
				final[in] = append(final[in], m.kept())
				after = m.Sequence
			}
			if !page.HasAfter {
				break
			}
		}
	}
	return final
}

// awaitAll waits until everybody has heard the end of every room. Who does not
// in time is left to the judge.
func awaitAll(t *testing.T, people []*bot, final chaos.Final) {
	t.Helper()
	ears := make([]*ear, 0, len(people))
	for _, b := range people {
		ears = append(ears, b.ear)
	}
	awaitEars(ears, final)
}

// awaitEars: who listens to some rooms alone is waited for there.
func awaitEars(ears []*ear, final chaos.Final) {
	deadline := time.Now().Add(recovery)
	for _, e := range ears {
		for in, room := range final {
			for len(room) > 0 && e.wants(in) && e.reached(in) < room[len(room)-1].Seq && time.Now().Before(deadline) {
				time.Sleep(10 * time.Millisecond)
			}
		}
	}
}

// wants reports whether an ear waits to hear a room.
func (e *ear) wants(in int64) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, wants := e.heard[in]
	return wants
}

func topicOf(room int64) string { return fmt.Sprintf("topic=/chat/room/%d", room) }
