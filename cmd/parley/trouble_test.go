package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/adapters/bunstore/bunstoretest"
)

// What is promised for as long as the database is in trouble, and after it. The
// slack is for a machine that has more to do than this.
const (
	slack        = 500 * time.Millisecond
	mostToAnswer = 3*time.Second + slack
	mostToUnread = 3*time.Second + slack
	mostToTheEnd = 12 * time.Second
	mostToMend   = 2*time.Second + slack
)

// trouble is something that the database does.
type trouble struct {
	name   string
	strike func(*testing.T, *troubled) (mend func())

	// away says that nothing can be had of the database, so that every call of it
	// is refused; else the calls that only read are answered, where reads says so.
	away, reads bool
}

var troubles = []trouble{
	{name: "it is gone", away: true, strike: func(_ *testing.T, d *troubled) func() {
		d.network.Refuse()
		return d.network.Heal
	}},
	{name: "it hangs", away: true, strike: func(_ *testing.T, d *troubled) func() {
		d.network.Silence()
		return d.network.Heal
	}},
	{name: "it is cut off in every statement", away: true, strike: func(_ *testing.T, d *troubled) func() {
		d.network.CutStatements()
		return d.network.Heal
	}},
	{name: "the log's lock is held", reads: true, strike: func(t *testing.T, d *troubled) func() {
		t.Helper()
		return d.lock(t)
	}},
	{name: "it is slow", strike: func(_ *testing.T, d *troubled) func() {
		d.network.Slow(300 * time.Millisecond)
		return d.network.Heal
	}},
}

// troubled is a program on a database that can be brought into trouble.
type troubled struct {
	*server
	database string
	network  *bunstoretest.Proxy
}

func newTroubled(t *testing.T) *troubled {
	t.Helper()
	d := &troubled{database: bunstoretest.PostgresURL(t)}
	network, url := bunstoretest.Through(t, d.database)
	d.network = network
	d.server = serve(t, t.TempDir(), "DATABASE_URL="+url, "PARLEY_ALLOW_UNSAFE_DATABASE=true")
	return d
}

// lock takes the log's lock, as somebody who appends and does not come to an end.
func (d *troubled) lock(t *testing.T) (release func()) {
	t.Helper()
	conn, err := pgx.Connect(within(t), d.database)
	if err != nil {
		t.Fatal(err)
	}
	release = func() { _ = conn.Close(context.Background()) }
	t.Cleanup(release)
	if _, err := conn.Exec(within(t), "SELECT pg_advisory_lock(x'7061726c6579'::bigint)"); err != nil {
		t.Fatal(err)
	}
	return release
}

func TestWhateverTheDatabaseDoesEverybodyHasAnAnswer(t *testing.T) {
	for _, what := range troubles {
		t.Run(what.name, func(t *testing.T) {
			t.Parallel() // each of them waits
			d := newTroubled(t)
			calls := walk(t, d.server)
			ada := newCast(t, d.server, "ada")
			heard := listenTo(t, ada.person)
			expect(t, heard, "stream.opened")

			mend := what.strike(t, d)
			began := time.Now()
			what.judge(t, askAll(t, calls))
			if what.away {
				d.awaitReadiness(t, http.StatusServiceUnavailable, time.Until(began.Add(mostToUnread)))
				what.judge(t, askAll(t, calls)) // now that the node knows
				d.awaitTheEnd(t, heard, began)
			}
			mend()
			d.awaitRecovery(t, ada)
		})
	}
}

// judge fails the test for every answer that is none.
func (what trouble) judge(t *testing.T, answers []outcome) {
	t.Helper()
	var worst time.Duration
	for _, a := range answers {
		worst = max(worst, a.took)
		switch {
		case a.err != nil:
			t.Errorf("%s: %v", a.visit, a.err)
		case a.took > mostToAnswer:
			t.Errorf("%s is answered %d after %v", a.visit, a.status, a.took)
		case a.path == feedPath && a.method == http.MethodGet:
			what.judgeStream(t, a)
		case a.status == http.StatusInternalServerError || !slices.Contains(a.answers, strconv.Itoa(a.status)):
			t.Errorf("%s is answered %d %s", a.visit, a.status, a.body)
		case a.status == http.StatusServiceUnavailable:
			a.wantProblem(t)
		case a.status >= 300, what.mustRefuse(a.visit):
			t.Errorf("%s is answered %d %s, want to be told to come again", a.visit, a.status, a.body)
		}
		if what.reads && a.onlyReads() && a.status >= 300 {
			t.Errorf("%s is answered %d %s, though it needs no lock", a.visit, a.status, a.body)
		}
	}
	t.Logf("%d calls, the slowest answered after %v", len(answers), worst.Round(time.Millisecond))
}

func (what trouble) mustRefuse(c visit) bool {
	return c.stored() && (what.away || what.reads && !c.onlyReads())
}

const feedPath = "/.well-known/mercure"

// judgeStream demands what a browser comes back after: 200 with a time to come
// again and the end, or a stream.
func (what trouble) judgeStream(t *testing.T, a outcome) {
	t.Helper()
	said := string(a.body)
	opened := strings.Contains(said, "event: stream.opened")
	turned := strings.Contains(said, "retry: ") && !strings.Contains(said, "data:")
	if a.status != http.StatusOK || !opened && !turned || opened && what.away || turned && what.reads {
		t.Errorf("a stream begins with %d %q", a.status, said)
	}
}

// wantProblem demands that a refusal says what it is and when to come again.
func (a outcome) wantProblem(t *testing.T) {
	t.Helper()
	var problem struct{ Code string }
	err := json.Unmarshal(a.body, &problem)
	wait, noNumber := strconv.Atoi(a.header.Get("Retry-After"))
	if err != nil || problem.Code != "storage-unavailable" || noNumber != nil || wait < 1 ||
		a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s is refused with %v %s", a.visit, a.header, a.body)
	}
}

func (d *troubled) awaitReadiness(t *testing.T, want int, most time.Duration) {
	t.Helper()
	probe := visit{method: http.MethodGet, url: d.url + "/readyz"}
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		a := probe.ask(t)
		if a.status == want {
			return
		}
		if time.Since(began) > most {
			t.Fatalf("after %v it is answered %d whether it is ready, want %d", most, a.status, want)
		}
	}
}

// awaitTheEnd waits until an open stream is told to come again, and ends: in time
// after the node was last ready, for something may still get through a cut.
func (d *troubled) awaitTheEnd(t *testing.T, heard <-chan heardAt, ready time.Time) {
	t.Helper()
	probe := visit{method: http.MethodGet, url: d.url + "/readyz"}
	var closing heardAt
	for late := within(t).Done(); closing.name != "stream.closing"; {
		select {
		case closing = <-heard:
		case <-time.After(20 * time.Millisecond):
			if probe.ask(t).status == http.StatusOK {
				ready = time.Now()
			}
		case <-late:
			t.Fatal("an open stream does not end")
		}
	}
	end := expect(t, heard, "")
	if !strings.Contains(closing.data, `"reason":"drain","action":"resume"`) {
		t.Errorf("an open stream ends with %s", closing.data)
	}
	if took := end.at.Sub(ready); took > mostToTheEnd {
		t.Errorf("an open stream ends %v after the node was last ready", took)
	}
}

// awaitRecovery demands that all is well again soon: the node is ready, a message
// is taken, read and heard. Connections that were cut are met by those who use them
// next, and there are some for those who write and some for those who read.
func (d *troubled) awaitRecovery(t *testing.T, ada *cast) {
	t.Helper()
	began := time.Now()
	d.awaitReadiness(t, http.StatusOK, mostToMend)
	send := visit{
		method: http.MethodPost, url: d.url + "/api/messages", token: ada.token,
		body: encoded(t, map[string]any{"chatRoomId": ada.known["roomId"], "content": "at last", "clientMessageId": "at-last"}),
	}
	room, _ := ada.known["roomId"].(float64)
	read := visit{method: http.MethodGet, url: fmt.Sprintf("%s/api/messages?chatRoom=%d", d.url, int(room)), token: ada.token}
	for _, v := range []visit{send, read} {
		for {
			a := v.ask(t)
			if a.status == http.StatusCreated || a.status == http.StatusOK {
				break
			}
			if time.Since(began) > mostToMend {
				t.Fatalf("%v after the trouble %s is answered %d %s", mostToMend, v, a.status, a.body)
			}
		}
	}
	t.Logf("all is well %v after the trouble", time.Since(began).Round(time.Millisecond))
	if said := ada.said(t, int(room)); !slices.Equal(said, []string{"Good morning!", "Good evening!", "at last"}) {
		t.Errorf("the room has %q", said)
	}
	line := ada.listen(t, int(room), "")
	hear(t, line, "stream.opened")
	ada.say(t, int(room), "and on")
	if got := hear(t, line, "message")["content"]; got != "and on" {
		t.Errorf("heard %v", got)
	}
}
