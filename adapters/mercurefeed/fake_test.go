package mercurefeed_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/adapters/mercurefeed"
	"parley/adapters/mercurefeed/hubtest"
	"parley/application/port"
	"parley/application/relaying"
	"parley/domain/identity"
	"parley/domain/room"
	"parley/domain/sequence"
)

// fake is a hub that does as a test wants.
type fake struct {
	URL    string
	answer func(form url.Values, w http.ResponseWriter, take func()) // nil: it takes everything

	mu     sync.Mutex
	took   []url.Values
	tokens []string
	bodies []string
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.URL = server.URL
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	form, err2 := url.ParseQuery(string(body))
	if errors.Join(err, err2) != nil {
		http.Error(w, "no form", http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	f.tokens, f.bodies = append(f.tokens, r.Header.Get("Authorization")), append(f.bodies, string(body))
	f.mu.Unlock()
	take := func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.took = append(f.took, form)
	}
	if f.answer == nil {
		take()
		return
	}
	f.answer(form, w, take)
}

// awaits waits until the hub has taken n updates.
func (f *fake) awaits(t *testing.T, n int) []url.Values {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		f.mu.Lock()
		took := slices.Clone(f.took)
		f.mu.Unlock()
		if len(took) >= n {
			return took
		}
		if time.Now().After(deadline) {
			t.Fatalf("the hub has taken %d updates, want %d", len(took), n)
		}
	}
}

// On a bad day a hub answers nonsense, nothing, half an answer, or too late. What
// it has taken then it is told again, under the same id.
func TestABadDayOfAHubSkipsNothingAndChangesNoOrder(t *testing.T) {
	f, asked := newFake(t), 0
	f.answer = func(_ url.Values, w http.ResponseWriter, take func()) {
		asked++
		if asked%2 == 0 { // so that the pauses stay short
			take()
			return
		}
		switch asked % 13 {
		case 1:
			http.Error(w, "a bad day", http.StatusInternalServerError)
		case 3:
			panic(http.ErrAbortHandler) // the connection breaks without an answer
		case 5: // taken, and half an answer
			take()
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		case 7: // taken, and answered too late
			take()
			time.Sleep(brief + 50*time.Millisecond)
		case 9:
			http.Error(w, "too large, it says", http.StatusRequestEntityTooLarge)
		case 11:
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(http.StatusTemporaryRedirect)
		default:
			take()
		}
	}
	s := newScene(t)
	s.opens()
	s.relays(f.URL)
	texts := numbered(30)
	for _, text := range texts {
		s.says(text)
	}
	var got []string
	ids := make(map[string]string)
	for n := len(texts); len(got) < len(texts); n++ {
		got = nil
		for _, form := range f.awaits(t, n) {
			text := form.Get("data")
			text = text[strings.Index(text, "number"):][:len("number 001")]
			if id, known := ids[text]; known && id != form.Get("id") {
				t.Errorf("%s has two ids", text)
			}
			ids[text] = form.Get("id")
			if len(got) == 0 || got[len(got)-1] != text { // what comes twice comes twice in a row
				got = append(got, text)
			}
		}
	}
	same(t, "what the hub took", got, texts)
}

// A hub that does not answer 2xx speaks of the entry, or of something else.
func TestWhatAHubRefusesForGoodIsTheEntry(t *testing.T) {
	f, status := newFake(t), 0
	f.answer = func(_ url.Values, w http.ResponseWriter, _ func()) { w.WriteHeader(status) }
	hub := trying(t, f.URL, hubtest.PublisherKey)
	for ofEntry, statuses := range map[bool][]int{
		true:  {400, 413, 415, 422},
		false: {301, 307, 401, 403, 404, 405, 408, 421, 425, 429, 500, 502, 503, 504},
	} {
		for _, status = range statuses {
			err := hub.Publish(t.Context(), crowded(t, 1))
			if err == nil || errors.Is(err, relaying.ErrEntry) != ofEntry {
				t.Errorf("%d: %v", status, err)
			}
		}
	}
}

func TestWhatIsNoHubIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		says   error
	}{
		"a web page":  {func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "<html>") }, mercurefeed.ErrNoHub},
		"nothing":     {http.NotFound, mercurefeed.ErrNoHub},
		"elsewhere":   {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusFound) }, mercurefeed.ErrNoHub},
		"a bad day":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, mercurefeed.ErrUnreachable},
		"a sealed up": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, mercurefeed.ErrSubscriber},
		"one that says nothing": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			if r.Method == http.MethodPost {
				w.Header().Set("Content-Type", "text/plain")
			}
		}, mercurefeed.ErrSilent},
	} {
		server := httptest.NewServer(c.answer)
		_, err := trying(t, server.URL, hubtest.PublisherKey).Try(t.Context(), hubtest.Minting(hubtest.SubscriberKey, "subscribe"))
		if !is(err, c.says) {
			t.Errorf("%s: got %v, want %v", name, err, c.says)
		}
		server.Close()
	}
	if _, err := trying(t, "http://127.0.0.1:1/", "").Try(t.Context(), hubtest.Minting("", "")); !is(err, mercurefeed.ErrUnreachable) {
		t.Errorf("nobody: got %v", err)
	}
}

// trying is a hub as the program knows it, by this key.
func trying(t *testing.T, address, key string) *mercurefeed.Hub {
	t.Helper()
	client := mercurefeed.Client()
	t.Cleanup(client.CloseIdleConnections)
	return &mercurefeed.Hub{URL: address, Publisher: hubtest.Minting(key, "publish"), Cursors: hubtest.Cursors(), Client: client, Now: time.Now}
}

// crowded is the end of a room in which so many are.
func crowded(t *testing.T, people int) relaying.Item {
	t.Helper()
	in, err := room.IDFrom(7)
	if err != nil {
		t.Fatal(err)
	}
	item := relaying.Item{Entry: port.Entry{Kind: port.RoomDeleted, Room: in, Place: sequence.Place{Position: 5, Mark: 6}}}
	for id := range people {
		who, err := identity.UserIDFrom(int64(id + 1))
		if err != nil {
			t.Fatal(err)
		}
		item.Users = append(item.Users, who)
	}
	return item
}

// is reports whether err is the one that is wanted, which may be none.
func is(err, want error) bool {
	return want == nil && err == nil || want != nil && errors.Is(err, want)
}
