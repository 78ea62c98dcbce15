package main_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"parley/adapters/bunstore/bunstoretest"
	"parley/adapters/ssefeed/ssetest"
)

// mostToTheCut is how long after a removal, or the end of a session, the last
// stream may go on, whatever becomes of rings.
const mostToTheCut = 1500 * time.Millisecond

// cutOffs are the ways in which the program runs, for all that must end in time
// on the node that knows of it last.
var cutOffs = []struct {
	name string
	open func(testing.TB) *cluster
}{
	{"sqlite", func(tb testing.TB) *cluster {
		tb.Helper()
		one := serve(tb, tb.TempDir(), "PARLEY_RATE_MESSAGES=0")
		return meet(tb, &cluster{one: one, two: one})
	}},
	{"two-nodes/bus=postgres", func(tb testing.TB) *cluster {
		tb.Helper()
		return togetherOn(tb, bunstoretest.DurablePostgresURL(tb), "postgres")
	}},
	{"two-nodes/bus=none", func(tb testing.TB) *cluster {
		tb.Helper()
		return togetherOn(tb, bunstoretest.DurablePostgresURL(tb), "none")
	}},
	{"two-nodes/every-ring-lost", func(tb testing.TB) *cluster {
		tb.Helper()
		network, url := bunstoretest.Through(tb, bunstoretest.DurablePostgresURL(tb))
		c := togetherOn(tb, url, "postgres")
		if muted := network.Mute("parley bus"); muted < 2 {
			tb.Fatalf("there were %d connections to carry rings, want some of each node", muted)
		}
		return c
	}},
}

func TestWhoIsTakenOutOrSignsOutIsCutOffInTime(t *testing.T) {
	for _, way := range cutOffs {
		t.Run(way.name, func(t *testing.T) {
			r := newRemovals(t, way.open(t))
			for range 3 {
				for what, one := range map[string]cutOff{"a removal": r.once(), "the end of a session": r.signOut(t)} {
					if took := one.told.Sub(one.asked); took > mostToTheCut {
						t.Errorf("%s: the other node's stream is cut after %v, want %v at most", what, took, mostToTheCut)
					}
				}
			}
		})
	}
}

// BenchmarkCutOff shows how long after a removal, and after the end of a session,
// the stream on the other node says so and is cut. It counts from the moment the
// request is sent, which is before the commit; and beside that from its answer,
// which is after.
func BenchmarkCutOff(b *testing.B) {
	for _, way := range cutOffs {
		b.Run(way.name+"/removal", func(b *testing.B) {
			measureCutOff(b, newRemovals(b, way.open(b)).once)
		})
		b.Run(way.name+"/session-end", func(b *testing.B) {
			c := way.open(b)
			measureCutOff(b, func() cutOff { return c.signOut(b) })
		})
	}
}

// cutOff is when something was asked for, when that was answered, and when the
// stream told of it.
type cutOff struct{ asked, answered, told time.Time }

func measureCutOff(b *testing.B, once func() cutOff) {
	b.Helper()
	var asked, answered []time.Duration
	for b.Loop() {
		one := once()
		asked = append(asked, one.told.Sub(one.asked))
		answered = append(answered, max(0, one.told.Sub(one.answered)))
	}
	slices.Sort(asked)
	slices.Sort(answered)
	last := len(asked) - 1
	for unit, took := range map[string]time.Duration{
		"median-ms": asked[last/2], "worst-ms": asked[last],
		"median-ms-from-answer": answered[last/2], "worst-ms-from-answer": answered[last],
	} {
		b.ReportMetric(float64(took.Microseconds())/1000, unit)
	}
	b.ReportMetric(0, "ns/op")
	if asked[last] > mostToTheCut {
		b.Errorf("the slowest of %d took %v, want %v at most", len(asked), asked[last], mostToTheCut)
	}
}

// removals takes Ben out of a room again and again, while he listens to all that
// he may hear. There is another room that he stays in.
type removals struct {
	*cluster
	tb    testing.TB
	ben   float64 // his id
	hall  int     // where he stays
	heard <-chan heardAt
}

func newRemovals(tb testing.TB, c *cluster) *removals {
	tb.Helper()
	r := &removals{cluster: c, tb: tb, hall: c.room}
	r.ben, _ = c.ben.must(tb, http.StatusOK, "GET", "/api/me", nil)["id"].(float64)
	r.room = c.ada.room(tb)
	r.heard = listenTo(tb, c.ben)
	r.next("stream.opened")
	return r
}

// heardAt is an event with the time at which it came.
type heardAt struct {
	name, data string
	at         time.Time
}

// listenTo hears everything that somebody may, until their stream ends.
func listenTo(tb testing.TB, who *person) <-chan heardAt {
	tb.Helper()
	line, err := ssetest.Dial(tb.Context(), ssetest.Request{
		URL:   who.at.url + "/.well-known/mercure?topic=/chat/room/{id}&topic=/chat/user/{id}",
		Token: who.token, Client: who.client,
	})
	if err != nil {
		tb.Fatal(err)
	}
	heard := make(chan heardAt, 1)
	tb.Cleanup(func() {
		_ = line.Close()
		for range heard {
			continue // until whoever reads has ended
		}
	})
	go func() {
		defer close(heard)
		for {
			event, err := line.Next(tb.Context())
			if err != nil && !errors.Is(err, io.EOF) {
				return
			}
			heard <- heardAt{event.Name, event.Data, time.Now()}
			if err != nil {
				return
			}
		}
	}()
	return heard
}

// next is the next event, which must be of this name.
func (r *removals) next(name string) heardAt {
	r.tb.Helper()
	return expect(r.tb, r.heard, name)
}

func expect(tb testing.TB, heard <-chan heardAt, name string) heardAt {
	tb.Helper()
	select {
	case event := <-heard:
		if event.name != name {
			tb.Fatalf("heard %q %s, want %s", event.name, event.data, name)
		}
		return event
	case <-time.After(patience):
		tb.Fatalf("waited in vain for %s", name)
		return heardAt{}
	}
}

// once puts Ben into the room, takes him out again, and shows that he hears of it
// and then nothing of the room any more: what is said there afterwards has not
// come when what is said later still in the other room has.
func (r *removals) once() cutOff {
	r.tb.Helper()
	people := fmt.Sprintf("/api/rooms/%d/participants", r.room)
	r.ada.must(r.tb, http.StatusCreated, "POST", people, map[string]any{"userId": r.ben})
	r.next("participant.joined")
	took := cutOff{asked: time.Now()}
	r.ada.must(r.tb, http.StatusNoContent, "DELETE", fmt.Sprintf("%s/%.0f", people, r.ben), nil)
	took.answered = time.Now()
	r.ada.say(r.tb, r.room, "without Ben")
	r.ada.say(r.tb, r.hall, "with Ben")
	took.told = r.next("participant.left").at
	var said struct{ Content string }
	if err := json.Unmarshal([]byte(r.next("message").data), &said); err != nil || said.Content != "with Ben" {
		r.tb.Fatalf("after he was taken out he hears %q (%v)", said.Content, err)
	}
	return took
}

// signOut begins a session of Ben's with a stream on the second node, and ends it
// on the first.
func (c *cluster) signOut(tb testing.TB) cutOff {
	tb.Helper()
	ben := &person{at: c.two, client: c.ben.client}
	ben.logIn(tb, "ben")
	heard := listenTo(tb, ben)
	expect(tb, heard, "stream.opened")
	elsewhere := &person{at: c.one, client: ben.client, token: ben.token}
	took := cutOff{asked: time.Now()}
	elsewhere.must(tb, http.StatusNoContent, "POST", "/api/auth/logout", nil)
	took.answered = time.Now()
	expect(tb, heard, "stream.closing")
	took.told = expect(tb, heard, "").at // the end
	if status, problem, err := ben.ask(tb, "GET", "/api/me", nil); err != nil || problem["code"] != "session-revoked" {
		tb.Fatalf("the token of a session that has ended is answered %d %v (%v)", status, problem, err)
	}
	return took
}
