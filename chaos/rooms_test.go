package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

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
		if err := b.pages(t.Context(), in, func(m message) { final[in] = append(final[in], m.kept()) }); err != nil {
			t.Fatal(err)
		}
	}
	return final
}

// pages reads all the messages of a room, page by page.
func (b *bot) pages(ctx context.Context, in int64, take func(message)) error {
	for after, more := int64(0), true; more; {
		_, body, err := b.again(ctx, http.MethodGet, fmt.Sprintf("/api/messages?chatRoom=%d&limit=100&after=%d", in, after), nil)
		var page struct {
			Items    []message
			HasAfter bool
		}
		if err != nil || json.Unmarshal(body, &page) != nil {
			return fmt.Errorf("read room %d: %s %w", in, body, err)
		}
		for _, m := range page.Items {
			take(m)
			after = m.Sequence
		}
		more = page.HasAfter && len(page.Items) > 0
	}
	return nil
}

func topicOf(room int64) string { return fmt.Sprintf("topic=/chat/room/%d", room) }
