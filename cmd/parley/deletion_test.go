package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const regretted = "CanaryWords that somebody regrets"

// From the answer to a deletion, or an edit, on one node on, nothing that is asked
// of either node has the words, nor has any table; also without rings, when the
// other node cannot know of it yet.
func TestWordsThatAreTakenBackAreNowhereOnTwoNodes(t *testing.T) {
	c := together(t, "none")
	ben := c.ben.must(t, http.StatusOK, "GET", "/api/me", nil)
	place := c.ben.must(t, http.StatusOK, "GET", fmt.Sprintf("/api/messages?chatRoom=%d", c.room), nil)["cursor"]
	before, _ := place.(string)
	open := []<-chan heardAt{listenTo(t, c.ada), listenTo(t, c.ben)} // so that each node has the words in memory
	for n, take := range []func(message string){
		func(message string) { c.ada.must(t, http.StatusNoContent, "DELETE", message, nil) },
		func(message string) {
			c.ada.must(t, http.StatusOK, "PATCH", message, map[string]any{"content": "better"})
		},
	} {
		key := fmt.Sprintf("key-%d", n)
		said := c.ada.must(t, http.StatusCreated, "POST", "/api/messages",
			map[string]any{"chatRoomId": c.room, "content": regretted, "clientMessageId": key})
		for _, line := range open {
			for event := range line {
				if strings.Contains(event.data, regretted) {
					break
				}
			}
		}
		message := fmt.Sprintf("/api/messages/%v", said["id"])
		if rows := c.rowsWith(t, regretted); rows != "1" {
			t.Fatalf("%s rows have the words before they are taken back: this test sees nothing", rows)
		}
		take(message)
		for _, node := range []*server{c.one, c.two} {
			who := &person{at: node, client: c.ben.client, token: c.ben.token}
			for _, path := range []string{
				message, "/api/rooms", fmt.Sprintf("/api/rooms/%d", c.room), fmt.Sprintf("/api/messages?chatRoom=%d", c.room),
				fmt.Sprintf("/api/events?topic=/chat/room/%d&wait=0&after=%s", c.room, before),
			} {
				who.hasNoWords(t, path)
			}
			if events := who.replay(t, c.room, before, said["id"]); slices.ContainsFunc(events, hasWords) {
				t.Errorf("a stream of %v is replayed as %q", ben["displayName"], events)
			}
		}
		if rows := c.rowsWith(t, "Canary"); rows != "0" {
			t.Errorf("%s rows have the words", rows)
		}
	}
}

func hasWords(text string) bool { return strings.Contains(text, "Canary") }

func (p *person) hasNoWords(t *testing.T, path string) {
	t.Helper()
	answer := p.must(t, http.StatusOK, "GET", path, nil)
	if text, err := json.Marshal(answer); err != nil || hasWords(string(text)) {
		t.Errorf("%s is answered %s (%v)", path, text, err)
	}
}

// replay is what a stream has from a place on, up to what became of a message.
func (p *person) replay(t *testing.T, room int, after string, message any) (events []string) {
	t.Helper()
	line := p.listen(t, room, after)
	defer func() { _ = line.Close() }()
	for {
		event, err := line.Next(within(t))
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, event.Data)
		if slices.Contains([]string{"message.deleted", "message.edited"}, event.Name) && strings.Contains(event.Data, fmt.Sprintf(`"id":%v,`, message)) {
			return events
		}
	}
}

// rowsWith counts the rows of all tables in which some words stand.
func (c *cluster) rowsWith(t *testing.T, words string) string {
	t.Helper()
	found, err := c.do(t.Context(), `SELECT COALESCE(sum((xpath('/row/c/text()', query_to_xml(format(
		'SELECT count(*) AS c FROM %I.%I AS t WHERE t::text LIKE %L', table_schema, table_name, '%`+words+`%'),
		FALSE, TRUE, '')))[1]::text::int), 0)::text
		FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'`)
	if err != nil {
		t.Fatal(err)
	}
	return found
}
