package main_test

import (
	"context"
	"database/sql"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// mostStatements is more than any operation asks of the database, with what the
// node asks for itself meanwhile.
const mostStatements = 12

// settled is how the operations that do something only once answer who tries them
// again, because it was done when nobody learned of it.
var settled = map[string]int{
	"POST /api/auth/register":                          http.StatusConflict,
	"POST /api/auth/logout":                            http.StatusUnauthorized,
	"PUT /api/me/password":                             http.StatusUnauthorized, // that is not the password any more
	"DELETE /api/me/sessions/{sessionId}":              http.StatusNotFound,
	"DELETE /api/rooms/{roomId}":                       http.StatusNotFound,
	"DELETE /api/rooms/{roomId}/participants/{userId}": http.StatusNotFound,
}

// Whichever statement of an operation is the last one that gets through, COMMIT
// among them, the operation is answered, and trying it again settles what became
// of it.
func TestACutInAnyStatementIsSettledByTryingAgain(t *testing.T) {
	d := newTroubled(t)
	ada := newCast(t, d.server, "ada")
	var known []string // whose COMMIT was not the one that was cut
	for _, c := range walk(t, d.server) {
		if !c.stored() || c.path == feedPath {
			continue
		}
		d.network.CutAfter("commit")
		if status := c.ask(t).settles(t); !c.onlyReads() && status != http.StatusServiceUnavailable {
			known = append(known, c.String())
		}
		for n := 1; n <= mostStatements; n++ {
			d.network.CutStatement(n)
			if c.ask(t).settles(t) == settled[c.String()] {
				break // it was done, and whoever asks too often is told to wait
			}
		}
		d.network.Heal()
		await(t, c.String()+" is settled", func() bool {
			return c.ask(t).settles(t) != http.StatusServiceUnavailable
		})
	}
	if len(known) > sweeps {
		t.Errorf("these are answered, though nobody knows what became of their COMMIT: %q", known)
	}
	d.awaitRecovery(t, ada)
}

// sweeps is how many times the node may have swept deleted rooms meanwhile, so that
// its own COMMIT was cut.
const sweeps = 4

// settles returns the status, which is that of the operation, of trying it again,
// or asks to come again.
func (a outcome) settles(t *testing.T) int {
	t.Helper()
	switch {
	case a.err != nil || a.took > mostToAnswer:
		t.Errorf("%s is answered %v after %v", a.visit, a.err, a.took)
	case a.status == http.StatusServiceUnavailable:
		a.wantProblem(t)
	case a.status >= 300 && a.status != settled[a.String()]:
		t.Errorf("%s is answered %d %s", a.visit, a.status, a.body)
	}
	return a.status
}

// A message is sent once, whatever statement was cut, and however often it is
// tried again with its key.
func TestAMessageIsSentOnceWhateverIsCut(t *testing.T) {
	d := newTroubled(t)
	ada := newCast(t, d.server, "ada")
	room, _ := ada.known["roomId"].(float64)
	want := []string{"Good morning!", "Good evening!"}
	for n := 1; n <= mostStatements; n++ {
		words := "said with a cut in statement " + strconv.Itoa(n)
		send := visit{
			method: http.MethodPost, path: "/api/messages", url: d.url + "/api/messages", token: ada.token,
			body: encoded(t, map[string]any{"chatRoomId": room, "content": words, "clientMessageId": "key-" + strconv.Itoa(n)}),
		}
		d.network.CutStatement(n)
		await(t, words, func() bool { return send.ask(t).settles(t) != http.StatusServiceUnavailable })
		want = append(want, words)
	}
	d.network.Heal()
	if said := ada.said(t, int(room)); !slices.Equal(said, want) {
		t.Errorf("the room has %q", said)
	}
}

// Somebody else who writes to the file keeps everybody else from writing, and
// nobody from reading.
func TestALockOnTheFileIsAnsweredInTime(t *testing.T) {
	folder := t.TempDir()
	d := &troubled{server: serve(t, folder)}
	calls := walk(t, d.server)
	ada := newCast(t, d.server, "ada")
	heard := listenTo(t, ada.person)
	expect(t, heard, "stream.opened")
	file, err := sql.Open("sqlite", filepath.Join(folder, "data/parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := file.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	if _, err := stranger.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	trouble{reads: true}.judge(t, askAll(t, calls))
	d.awaitReadiness(t, http.StatusOK, time.Second)
	if _, err := stranger.ExecContext(context.WithoutCancel(t.Context()), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	d.awaitRecovery(t, ada)
	if got := expect(t, heard, "message"); got.name == "" {
		t.Error("the stream has ended")
	}
}
