package clients_test

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"

	"parley/clients/chromium"
)

//go:embed page.html
var html []byte

// page is a page with an EventSource, open in a browser, and the server that it
// comes from: another origin than the hub's, on the same host.
type page struct {
	origin string

	mu   sync.Mutex
	told []told
	late bool // it does not renew its cookie in time
}

// publish serves the page. It is open only when somebody opens it.
func publish(t *testing.T) *page {
	t.Helper()
	p := &page{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(html) })
	mux.HandleFunc("POST /told", p.hear)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.origin = server.URL
	return p
}

func (p *page) hear(w http.ResponseWriter, r *http.Request) {
	var one told
	if err := json.NewDecoder(r.Body).Decode(&one); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, one)
	_ = json.NewEncoder(w).Encode(map[string]bool{"renewing": !p.late})
}

// open opens the page for somebody who listens to a room.
func (p *page) open(t *testing.T, who *person, room int) {
	t.Helper()
	query := url.Values{
		"hub": {who.at.url}, "room": {strconv.Itoa(room)},
		"email": {who.name + "@example.org"}, "password": {"a password of " + who.name},
	}
	chromium.Open(t, p.origin+"/?"+query.Encode())
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the page told, beside %d messages: %v", p.count("message"), slices.DeleteFunc(p.all(), func(one told) bool { return one.What == "message" }))
		}
	})
}

func (p *page) all() []told {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]told(nil), p.told...)
}

// count is how often it has told that, with any data if none is given.
func (p *page) count(what string, data ...string) (n int) {
	for _, one := range p.all() {
		if one.What == what && (len(data) == 0 || one.Data == data[0]) {
			n++
		}
	}
	return n
}

func (p *page) beLate(late bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.late = late
}
