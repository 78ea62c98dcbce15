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

var (
	//go:embed page.html
	listens []byte
	//go:embed publish.html
	publishes []byte
)

// page is a page with an EventSource, open in a browser, and the server that it
// comes from: another origin than the hub's, on the same host.
type page struct {
	origin string

	mu     sync.Mutex
	cookie string // that comes with the page that publishes
	told   []told
	late   bool // it does not renew its cookie in time
}

// publish serves the pages. They are open only when somebody opens them.
func publish(t *testing.T) *page {
	t.Helper()
	p := &page{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(listens) })
	mux.HandleFunc("GET /publish", p.withCookie)
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

// withCookie hands out the page that publishes as an application does it that uses
// the hub: with the hub's cookie, for the hub is of the same site.
func (p *page) withCookie(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cookie != "" {
		http.SetCookie(w, &http.Cookie{Name: "mercureAuthorization", Value: p.cookie, Path: "/.well-known/mercure", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	}
	_, _ = w.Write(publishes)
}

// open opens the page for somebody who listens to a room.
func (p *page) open(t *testing.T, who *person, room int) {
	t.Helper()
	query := url.Values{
		"hub": {who.at.url}, "room": {strconv.Itoa(room)},
		"email": {who.name + "@example.org"}, "password": {"a password of " + who.name},
	}
	p.show(t, "/?"+query.Encode())
}

func (p *page) show(t *testing.T, path string) {
	t.Helper()
	chromium.Open(t, p.origin+path)
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
