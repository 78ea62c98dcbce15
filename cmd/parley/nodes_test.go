package main_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/adapters/bunstore/bunstoretest"
	"parley/adapters/pollfeed/polltest"
)

// cluster is two nodes on one PostgreSQL, with one key ring. Ada is on the first,
// Ben on the second, and both are in a room.
type cluster struct {
	url      string // of the database
	one, two *server
	ada, ben *person
	room     int
}

func together(t testing.TB, bus string, more ...string) *cluster {
	t.Helper()
	return togetherOn(t, bunstoretest.PostgresURL(t), bus, more...)
}

func togetherOn(t testing.TB, database, bus string, more ...string) *cluster {
	t.Helper()
	environ := append(more, "DATABASE_URL="+database, "PARLEY_ALLOW_UNSAFE_DATABASE=true", "PARLEY_BUS="+bus,
		"PARLEY_PUBLIC_URL=http://127.0.0.1:1", "PARLEY_RATE_MESSAGES=0")
	folder := t.TempDir()
	return meet(t, &cluster{url: database, one: serve(t, folder, environ...), two: serve(t, folder, environ...)})
}

// meet puts Ada on the first node and Ben on the second into a room.
func meet(t testing.TB, c *cluster) *cluster {
	t.Helper()
	c.ada, c.ben = join(t, c.one, "ada"), join(t, c.two, "ben")
	me := c.ben.must(t, http.StatusOK, "GET", "/api/me", nil)
	opened := c.ada.must(t, http.StatusCreated, "POST", "/api/rooms",
		map[string]any{"type": "group", "name": "A room", "participantIds": []any{me["id"]}})
	id, _ := opened["id"].(float64)
	c.room = int(id)
	return c
}

// do runs a statement in the database.
func (c *cluster) do(ctx context.Context, statement string) (answer string, err error) {
	conn, err := pgx.Connect(ctx, c.url)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	err = conn.QueryRow(ctx, statement).Scan(&answer)
	return answer, err
}

// delays are how long each of some messages took from its author's answer on the
// one node to who listens on the other. Each is sent when the one before is heard.
func (c *cluster) delays(t testing.TB, messages int) []time.Duration {
	t.Helper()
	line := c.ben.listen(t, c.room, "")
	hear(t, line, "stream.opened")
	var took []time.Duration
	for n := range messages {
		text := fmt.Sprintf("message %d", n)
		c.ada.say(t, c.room, text)
		said := time.Now()
		if got := hear(t, line, "message")["content"]; got != text {
			t.Fatalf("heard %v, want %s", got, text)
		}
		took = append(took, time.Since(said))
	}
	slices.Sort(took)
	return took
}

func TestWithoutRingsTheOtherNodeHearsWithinASecond(t *testing.T) {
	took := together(t, "none").delays(t, 20)
	if worst := took[len(took)-1]; worst > time.Second {
		t.Errorf("the slowest took %v, want a second at most", worst)
	}
}

// Without rings each of these would wait for the next look at the log, a quarter of
// a second.
func TestRingsReachTheOtherNodeAtOnce(t *testing.T) {
	took := together(t, "postgres").delays(t, 21)
	if median := took[len(took)/2]; median > 150*time.Millisecond {
		t.Errorf("half of them took more than %v", median)
	}
}

// cutRings ends the connections that carry rings, and reports whether there were
// any.
func (c *cluster) cutRings(ctx context.Context) (bool, error) {
	cut, err := c.do(ctx, "SELECT count(pg_terminate_backend(pid))::text FROM pg_stat_activity WHERE application_name = 'parley bus' AND datname = current_database()")
	return cut != "0", err
}

func TestLosingTheRingConnectionLosesNothing(t *testing.T) {
	c := together(t, "postgres")
	line := c.ben.listen(t, c.room, "")
	hear(t, line, "stream.opened")
	struck := 0
	for n := range 40 {
		if n%4 == 0 {
			cut, err := c.cutRings(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if cut {
				struck++
			}
		}
		c.ada.say(t, c.room, fmt.Sprintf("message %d", n))
	}
	for n := range 40 {
		if got, want := hear(t, line, "message")["content"], fmt.Sprintf("message %d", n); got != want {
			t.Fatalf("heard %v, want %s", got, want)
		}
	}
	if struck == 0 {
		t.Error("there was no connection to cut, so this has shown nothing")
	}
	for _, node := range []*server{c.one, c.two} {
		ready := &person{at: node, client: http.DefaultClient}
		ready.must(t, http.StatusOK, "GET", "/readyz", nil)
	}
}

// Ben changes between a stream on the one node and polls on the other, at every
// event. Some of it is said while he is nowhere.
func TestStreamsAndPollsOnTwoNodesAreOneLine(t *testing.T) {
	c := together(t, "postgres")
	const messages = 40
	cursor := c.ben.must(t, http.StatusOK, "GET", fmt.Sprintf("/api/messages?chatRoom=%d", c.room), nil)["cursor"]
	at, _ := cursor.(string)
	for n := range messages {
		if n%4 == 0 {
			for i := range 4 {
				c.ada.say(t, c.room, fmt.Sprintf("message %d", n+i))
			}
		}
		next := c.byStream
		if n%2 == 1 {
			next = c.byPoll
		}
		var text string
		if text, at = next(t, at); text != fmt.Sprintf("message %d", n) {
			t.Fatalf("heard %q after message %d", text, n-1)
		}
	}
	if answer := c.poll(t, at, 0); len(answer.Events) > 0 {
		t.Errorf("after all of them: %+v", answer.Events)
	}
}

// byStream hears one message on the first node, and hangs up.
func (c *cluster) byStream(t testing.TB, after string) (text, at string) {
	t.Helper()
	ben := &person{at: c.one, client: c.ben.client, token: c.ben.token}
	line := ben.listen(t, c.room, after)
	defer func() { _ = line.Close() }()
	text, _ = hear(t, line, "message")["content"].(string)
	return text, line.LastID
}

// byPoll hears one message on the second node. Of what comes with it nothing is
// remembered: its own cursor is where to go on from.
func (c *cluster) byPoll(t testing.TB, after string) (text, at string) {
	t.Helper()
	answer := c.poll(t, after, 25)
	if len(answer.Events) == 0 {
		t.Fatal("the poll has nothing")
	}
	var data struct{ Content string }
	if err := json.Unmarshal(answer.Events[0].Data, &data); err != nil {
		t.Fatal(err)
	}
	return data.Content, answer.Events[0].Cursor
}

func (c *cluster) poll(t testing.TB, after string, wait int) polltest.Answer {
	t.Helper()
	answer, err := polltest.Poll(within(t), polltest.Request{
		URL:   fmt.Sprintf("%s/api/events?topic=/chat/room/%d", c.two.url, c.room),
		Token: c.ben.token, After: after, Wait: wait, Client: c.ben.client,
	})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}
