package main_test

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// visit is one request of each operation that the OpenAPI document has, of people
// and things that are there, so that nothing but trouble stands in its way.
type visit struct {
	method, path string // as the document has them
	url          string
	token        string
	cookie       *http.Cookie
	body         []byte
	media        string   // of the body
	answers      []string // the statuses that the document tells of
}

func (c visit) String() string { return c.method + " " + c.path }

// stored reports whether the operation needs the database.
func (c visit) stored() bool { return slices.Contains(c.answers, "503") && c.path != "/readyz" }

// onlyReads reports whether it needs no lock.
func (c visit) onlyReads() bool {
	return c.method == http.MethodGet || c.path == "/api/mercure/token"
}

// outcome is what became of a visit.
type outcome struct {
	visit

	status int
	header http.Header
	body   []byte
	took   time.Duration
	err    error
}

// ask makes the call. A stream is read for as long as the time allows.
func (c visit) ask(tb testing.TB) (a outcome) {
	tb.Helper()
	a.visit = c
	request, err := http.NewRequestWithContext(within(tb), c.method, c.url, bytes.NewReader(c.body))
	if err != nil {
		tb.Fatal(err)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.cookie != nil {
		request.AddCookie(c.cookie)
	}
	if c.body != nil {
		request.Header.Set("Content-Type", cmp.Or(c.media, "application/json"))
	}
	began := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		a.err = err
		return a
	}
	defer func() { _ = response.Body.Close() }()
	a.status, a.header = response.StatusCode, response.Header
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		a.body, a.err = readStart(response.Body)
	} else {
		a.body, a.err = io.ReadAll(response.Body)
	}
	a.took = time.Since(began)
	return a
}

// readStart reads a stream until its first event, or its end.
func readStart(stream io.Reader) ([]byte, error) {
	var said []byte
	for part := make([]byte, 4<<10); !bytes.Contains(said, []byte("\ndata:")); {
		n, err := stream.Read(part)
		said = append(said, part[:n]...)
		if err == io.EOF {
			return said, nil
		}
		if err != nil {
			return said, err
		}
	}
	return said, nil
}

// askAll makes the calls at once.
func askAll(tb testing.TB, calls []visit) []outcome {
	tb.Helper()
	answers := make([]outcome, len(calls))
	var asking sync.WaitGroup
	for i, c := range calls {
		asking.Go(func() { answers[i] = c.ask(tb) })
	}
	asking.Wait()
	return answers
}

// walk is a call of each operation of the program at s. What changes anything is
// called by somebody of its own, so that no call stands in another's way.
func walk(tb testing.TB, s *server) (calls []visit) {
	tb.Helper()
	doc := (&person{at: s, client: http.DefaultClient}).must(tb, http.StatusOK, "GET", "/openapi.json", nil)
	reader := newCast(tb, s, "reader")
	for path, item := range object(doc["paths"]) {
		if strings.HasPrefix(path, feedPath+"/") {
			continue // it takes a Mercure token, and no database: see package ssefeed
		}
		for method, operation := range object(item) {
			who := reader
			if method != "get" {
				who = newCast(tb, s, fmt.Sprintf("somebody%d", len(calls)))
			}
			calls = append(calls, who.call(tb, strings.ToUpper(method), path, object(operation)))
		}
	}
	if len(calls) < 30 {
		tb.Fatalf("the document has %d operations: this walk has lost its way", len(calls))
	}
	return calls
}

// The walk shows nothing unless each of its calls gets through where there is no
// trouble.
func TestEachCallOfTheWalkIsTaken(t *testing.T) {
	for _, a := range askAll(t, walk(t, serve(t, t.TempDir()))) {
		if a.err != nil || a.status >= 300 || !slices.Contains(a.answers, strconv.Itoa(a.status)) {
			t.Errorf("%s is answered %d %s (%v)", a.visit, a.status, a.body, a.err)
		}
	}
}
