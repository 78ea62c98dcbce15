package ssefeed_test

import (
	"context"
	"encoding/json"
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

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/adapters/matching"
	"parley/adapters/ssefeed"
	"parley/adapters/ssefeed/ssetest"
	"parley/adapters/wire"
	"parley/application/delivery"
	"parley/application/subscriptions"
	"parley/domain/fault"
	"parley/domain/hub"
	"parley/domain/identity"
)

const (
	subs = hub.SubscriptionsPath
	soon = 20 * time.Second // within which anything happens that will
)

// listened is a hub with a log and a registry, of one node.
type listened struct {
	t     *testing.T
	url   string
	kill  context.CancelFunc // ends the registry, as a process that is killed
	every time.Duration
}

// kinds of bearer that the hub here knows by their token.
var bearers = map[string]func(compile func(hub.MatchType, string) (hub.Matcher, error)) hub.Bearer{
	"user": func(func(hub.MatchType, string) (hub.Matcher, error)) hub.Bearer {
		return hub.Bearer{Caller: identity.Caller{User: must(identity.UserIDFrom(1)), Session: must(identity.SessionIDFrom(1))}}
	},
	"plain": func(func(hub.MatchType, string) (hub.Matcher, error)) hub.Bearer { return hub.Bearer{} },
	"legacy": func(compile func(hub.MatchType, string) (hub.Matcher, error)) hub.Bearer {
		topics := []hub.Matcher{must(compile(hub.Topic, subs+"{/topic}{/subscriber}")), must(compile(hub.Topic, subs)), must(compile(hub.Topic, "https://example.com/{id}"))}
		return hub.Bearer{Grant: hub.Grant{Dialect: hub.Legacy, Subscribe: []hub.Detail{{Topics: topics, Payload: []byte(`{"of":"legacy"}`)}}}}
	},
	"modern": func(compile func(hub.MatchType, string) (hub.Matcher, error)) hub.Bearer {
		return hub.Bearer{Grant: hub.Grant{Dialect: hub.Modern, Subscribe: []hub.Detail{
			{Topics: []hub.Matcher{must(compile(hub.URLPattern, subs+"{/*}?"))}},
			{Topics: []hub.Matcher{must(compile(hub.URLPattern, "https://example.com/:id"))}, Payload: []byte(`{"of":"modern"}`)},
		}}}
	},
	"one": func(func(hub.MatchType, string) (hub.Matcher, error)) hub.Bearer {
		return hub.Bearer{Grant: hub.Grant{Dialect: hub.Modern, Subscribe: []hub.Detail{{Topics: []hub.Matcher{hub.MatchExact(subs + "/exact/" + hub.EncodeSegment("https://example.com/1"))}}}}}
	},
}

// listen serves a hub on a store; as tells its subscribers from those of others.
func listen(t *testing.T, store *bunstore.Store, as string, shared bool) *listened {
	t.Helper()
	l := &listened{t: t, every: 50 * time.Millisecond}
	asIs := func(d time.Duration) time.Duration { return d }
	tail := delivery.NewTail(delivery.Settings{Log: store, Updates: store, Now: time.Now, Jitter: asIs, Trouble: func(error) {}, Poll: 5 * time.Millisecond, Quiet: time.Minute, Memory: 1 << 20, Pages: 1 << 20, Round: 1 << 20, InHand: 1 << 20})
	settings := subscriptions.Settings{
		Node: as, NewID: numbered("urn:x:" + as + "/"), Tell: tail.Subscribed, Trouble: func(error) {}, Now: time.Now, Every: l.every,
	}
	if shared {
		settings.Store = store
	}
	registry := subscriptions.New(settings)
	matchers := must(matching.New("https://hub.example.com" + hub.Path))
	feed := &ssefeed.Feed{
		Follow: delivery.Follow{Tail: tail}.Handle, Registry: registry, Place: tail.Place, Match: matchers.Compile,
		Subscriber: func(token string) (hub.Bearer, error) {
			if bearer, known := bearers[token]; known {
				return bearer(matchers.Compile), nil
			}
			return hub.Bearer{}, identity.ErrInvalidToken
		},
		Admit:   func(context.Context, identity.Caller) error { return nil },
		Address: func(*http.Request) string { return "" },
		Cursors: wire.NewCursors([16]byte([]byte("a key of 16 byte"))), Now: time.Now, Jitter: asIs,
		Refuse: func(w http.ResponseWriter, _ *http.Request, err error) {
			refusal := new(fault.Fault)
			_ = errors.As(err, &refusal)
			status := map[fault.Kind]int{fault.Unproven: 401, fault.Denied: 403, fault.Missing: 404, fault.Malformed: 400}[refusal.Kind()]
			http.Error(w, err.Error(), status)
		},
	}
	var running sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	killed, kill := context.WithCancel(ctx)
	l.kill = kill
	running.Go(func() { _ = tail.Run(ctx) })
	running.Go(func() { registry.Run(killed) })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Origin") // as what serves it does
		feed.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { tail.Drain(); server.Close(); cancel(); running.Wait() })
	l.url = server.URL
	l.until("the node is ready", func() bool { return tail.Ready() == nil })
	return l
}

func numbered(prefix string) func() string {
	var mu sync.Mutex
	count := 0
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		count++
		return fmt.Sprint(prefix, count)
	}
}

func (l *listened) until(what string, so func() bool) {
	l.t.Helper()
	for deadline := time.Now().Add(soon); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			l.t.Fatalf("never: %s", what)
		}
	}
}

// dial opens a stream; hang up ends it.
func (l *listened) dial(token, query string) (line *ssetest.Line, hangUp func()) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), soon)
	line, err := ssetest.Dial(ctx, ssetest.Request{URL: l.url + hub.Path + "?" + query, Token: token})
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(cancel)
	return line, cancel
}

// next is the next event, in short: its name and what is in its document.
func (l *listened) next(line *ssetest.Line) (string, ssetest.Event) {
	l.t.Helper()
	event, err := line.Next(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	return event.Name + " " + event.Data, event
}

func (l *listened) expect(line *ssetest.Line, want string) {
	l.t.Helper()
	if got, _ := l.next(line); got != want {
		l.t.Errorf("heard\n%s\nwant\n%s", got, want)
	}
}

// get asks the web API.
func (l *listened) get(token, path string, headers ...string) (*http.Response, string) {
	l.t.Helper()
	request := must(http.NewRequestWithContext(l.t.Context(), http.MethodGet, l.url+path, nil))
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer := must(http.DefaultClient.Do(request))
	defer func() { _ = answer.Body.Close() }()
	return answer, string(must(io.ReadAll(answer.Body)))
}

// modern and legacy are the documents of a subscription to https://example.com/1.
func modern(subscriber, payload string, active bool) string {
	id := subs + "/exact/https%3A%2F%2Fexample.com%2F1/" + hub.EncodeSegment(subscriber)
	return fmt.Sprintf(`{"id":"%s","type":"subscription","match_type":"exact","match":"https://example.com/1","subscriber":"%s","active":%t%s}`, id, subscriber, active, payload)
}

func legacy(context, subscriber, cursor, payload string, active bool) string {
	id := subs + "/https%3A%2F%2Fexample.com%2F1/" + hub.EncodeSegment(subscriber)
	return fmt.Sprintf(`{%s"id":"%s","type":"Subscription","topic":"https://example.com/1","subscriber":"%s","active":%t%s%s}`, context, id, subscriber, active, cursor, payload)
}

const (
	jsonld     = `"@context":"https://mercure.rocks/",`
	ofModern   = `,"payload":{"of":"modern"}`
	ofLegacy   = `,"payload":{"of":"legacy"}`
	watchBoth  = "topic=" + subs + "%7B/topic%7D%7B/subscriber%7D&match_urlpattern=" + subs + "/:type/:match/:subscriber"
	bookNumber = "https://example.com/1"
)

// Mercure: N1, N3, N4, N5, S5, S6.
func TestWatchersAreToldInTheirDialects(t *testing.T) {
	l := listen(t, bunstoretest.SQLite(t), "a", false)
	both, _ := l.dial("legacy", "topic="+url.QueryEscape(subs+"/{topic}/{subscriber}"))
	_, own := l.next(both) // its own: one of 0.x
	if own.Name != "message" || !strings.Contains(own.Data, `"subscriber":"urn:x:a/1"`) {
		t.Errorf("a watcher hears first %v", own)
	}
	one, _ := l.dial("modern", "match_urlpattern="+url.QueryEscape(subs+"/exact/:match/:subscriber"))
	_, _ = l.next(both)
	_, hangUp := l.dial("modern", "match="+url.QueryEscape(bookNumber))
	l.expect(one, "mercure "+modern("urn:x:a/3", ofModern, true))
	l.expect(both, "message "+legacy(jsonld, "urn:x:a/3", "", ofModern, true))
	hangUp()
	l.expect(one, "mercure "+modern("urn:x:a/3", ofModern, false))
	l.expect(both, "message "+legacy(jsonld, "urn:x:a/3", "", ofModern, false))
	_, hangUp = l.dial("legacy", "topic="+url.QueryEscape(bookNumber))
	l.expect(one, "mercure "+modern("urn:x:a/4", ofLegacy, true))
	hangUp()
	l.expect(one, "mercure "+modern("urn:x:a/4", ofLegacy, false))
}

// Mercure: B11, S6.
func TestAWatcherOfBothDialectsIsToldInBoth(t *testing.T) {
	l := listen(t, bunstoretest.SQLite(t), "a", false)
	both, _ := l.dial("modern", watchBoth)
	for range 4 { // its own two, in both dialects
		_, _ = l.next(both)
	}
	_, _ = l.dial("plain", "match="+url.QueryEscape(bookNumber)+"&topic="+url.QueryEscape(bookNumber))
	l.expect(both, "mercure "+modern("urn:x:a/2", "", true))
	l.expect(both, "message "+legacy(jsonld, "urn:x:a/2", "", "", true))
	l.dial("plain", "topic=fence")
	if got, _ := l.next(both); !strings.Contains(got, "fence") {
		t.Errorf("heard %s once more", got)
	}
}

func TestTheIDOfAnUpdateAboutSubscriptionsIsWhereTheStreamIs(t *testing.T) {
	store := bunstoretest.SQLite(t)
	l := listen(t, store, "a", false)
	watcher, _ := l.dial("modern", "match_urlpattern="+subs+"/exact/:match/:subscriber&match=https://example.com/new")
	_, first := l.next(watcher)
	if _, err := store.Publish(t.Context(), hub.Update{Topics: []string{"https://example.com/new"}, Data: "1", ID: "named"}); err != nil {
		t.Fatal(err)
	}
	_, published := l.next(watcher)
	l.dial("plain", "match="+url.QueryEscape(bookNumber))
	_, second := l.next(watcher)
	if published.ID != "named" || first.ID == second.ID || !strings.HasPrefix(second.ID, "parley:") {
		t.Fatalf("ids: %s, %s, %s", first.ID, published.ID, second.ID)
	}
	again, err := ssetest.Dial(t.Context(), ssetest.Request{URL: l.url + hub.Path + "?match=https://example.com/new", Token: "modern", Cursor: second.ID})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Publish(t.Context(), hub.Update{Topics: []string{"https://example.com/new"}, Data: "2"}); err != nil {
		t.Fatal(err)
	}
	l.expect(again, "message 2")
}

// Users of the chat are the chat's own matter.
func TestUsersHaveNoSubscriptions(t *testing.T) {
	store := bunstoretest.SQLite(t)
	l := listen(t, store, "a", false)
	if _, body := l.get("modern", subs); !strings.Contains(body, `"subscriptions":[]`) {
		t.Errorf("to begin with: %s", body)
	}
	if answer, _ := l.get("user", subs); answer.StatusCode != http.StatusForbidden {
		t.Errorf("a user is answered %d", answer.StatusCode)
	}
}

// Mercure: J1, N6, N7, N8, S7.
func TestTheWebAPI(t *testing.T) {
	l := listen(t, bunstoretest.SQLite(t), "a", false)
	l.dial("modern", "match="+url.QueryEscape(bookNumber)+"&match_urlpattern="+url.QueryEscape("https://example.com/:id"))
	l.dial("legacy", "topic="+url.QueryEscape(bookNumber)+"&topic="+url.QueryEscape("/{a}"))
	book := hub.EncodeSegment(bookNumber)
	const cursor = `,"lastEventID":"earliest"`
	one, two := modern("urn:x:a/1", ofModern, true), modern("urn:x:a/2", ofLegacy, true)
	for _, c := range []struct{ path, accept, media, want string }{
		{"/exact/" + book, "", "application/json", `{"id":"` + subs + "/exact/" + book + `","type":"subscriptions","subscriptions":[` + one + `,` + two + `]}`},
		{"/exact/" + book + "/urn%3Ax%3Aa%2F1", "", "application/json", one},
		{"/exact/" + strings.ToLower(book) + "/urn:x:a%2f1", "application/ld+json", "application/json", one},
		{"/" + book, "", "application/ld+json", `{` + jsonld + `"id":"` + subs + "/" + book + `","type":"Subscriptions"` + cursor + `,"subscriptions":[` + legacy("", "urn:x:a/1", "", ofModern, true) + `,` + legacy("", "urn:x:a/2", "", ofLegacy, true) + `]}`},
		{"/" + book + "/urn%3Ax%3Aa%2F2", "", "application/ld+json", legacy(jsonld, "urn:x:a/2", cursor, ofLegacy, true)},
		{"/exact", "", "application/ld+json", `{` + jsonld + `"id":"` + subs + `/exact","type":"Subscriptions"` + cursor + `,"subscriptions":[]}`},
		{"/urlpattern/none", "", "application/json", `{"id":"` + subs + `/urlpattern/none","type":"subscriptions","subscriptions":[]}`},
	} {
		for _, token := range []string{"modern", "legacy"} {
			if token == "legacy" && strings.Count(c.path, "/") > 2 {
				continue // it is granted the paths of 0.x
			}
			answer, body := l.get(token, subs+c.path, "Accept", c.accept)
			if answer.StatusCode != http.StatusOK || body != c.want || answer.Header.Get("Content-Type") != c.media {
				t.Errorf("%s: %d %s\n%s\nwant %s\n%s", c.path, answer.StatusCode, answer.Header.Get("Content-Type"), body, c.media, c.want)
			}
		}
	}
	answer, _ := l.get("modern", subs+"/exact/"+book)
	if got, want := answer.Header.Get("Link"), `</.well-known/mercure>; rel="mercure"; last-event-id="earliest"; type="mercure"; content-type="application/json"`; got != want {
		t.Errorf("Link: %s, want %s", got, want)
	}
}

// Mercure: N7, S5.
func TestTheListOfAllIsInTheDialectThatIsAccepted(t *testing.T) {
	l := listen(t, bunstoretest.SQLite(t), "a", false)
	l.dial("plain", "topic=a")
	for accept, want := range map[string]string{
		"": "application/json", "*/*": "application/json", "application/ld+json": "application/ld+json", "application/json, application/ld+json": "application/json",
		"application/json;q=0.5, application/ld+json": "application/ld+json", "application/ld+json;q=0.1, application/json": "application/json", ";;,x": "application/json",
	} {
		answer, body := l.get("legacy", subs, "Accept", accept)
		if got := answer.Header.Get("Content-Type"); got != want || !json.Valid([]byte(body)) || !slices.Contains(answer.Header.Values("Vary"), "Accept, Authorization, Cookie") {
			t.Errorf("%q: %s, want %s: %s", accept, got, want, body)
		}
	}
}

// Mercure: J1, N6.
func TestTheWebAPIIsForWhoIsGrantedIt(t *testing.T) {
	l := listen(t, bunstoretest.SQLite(t), "a", false)
	l.dial("plain", "match="+url.QueryEscape(bookNumber))
	book := hub.EncodeSegment(bookNumber)
	for _, c := range []struct {
		token, path string
		want        int
	}{
		{"", "", 401},
		{"bad", "", 401},
		{"plain", "", 403},
		{"user", "", 403},
		{"one", "", 403},
		{"one", "/exact/" + book, 200},
		{"one", "/exact/" + book + "?page=x", 200},
		{"one", "/exact/" + book + "/x", 403},
		{"one", "/exact/" + strings.ToLower(book), 200},
		{"one", "/" + book, 403},
		{"one", "/exact/other", 403},
		{"one", "/exact/https://example.com/1", 403},
		{"one", "/exact/" + book + "/../../urlpattern/x", 403},
		{"modern", "/exact/" + book + "/x", 404},
		{"modern", "/exact/" + book + "/", 404},
		{"modern", "/other/" + book + "/urn%3Ax%3Aa%2F1", 404},
		{"modern", "/a/b/c/d", 404},
		{"modern", "/" + book + "/x", 404},
		{"modern", "/%ff%fe/%00", 404},
		{"modern", "/exact/..", 200},
		{"modern", "/exact/%2e%2e", 200},
		{"modern", "/exact/" + strings.Repeat("x", 5000), 403}, // more than a pattern is tried with
		{"modern", "?page=" + strings.Repeat("x", 5000), 400},
		{"modern", "?page=%00%ff", 200},
	} {
		if answer, body := l.get(c.token, subs+c.path); answer.StatusCode != c.want {
			t.Errorf("%s of %q: %d, want %d: %s", c.path, c.token, answer.StatusCode, c.want, body)
		}
	}
}

// Mercure: N9.
func TestListsAreRevalidated(t *testing.T) {
	store := bunstoretest.SQLite(t)
	l := listen(t, store, "a", false)
	l.dial("plain", "topic=a")
	for _, path := range []string{"/exact/a", "/a"} {
		answer, _ := l.get("modern", subs+path)
		tag := answer.Header.Get("ETag")
		again, body := l.get("modern", subs+path, "If-None-Match", `"x", `+tag)
		if again.StatusCode != http.StatusNotModified || body != "" || again.Header.Get("Link") == "" || tag == "" {
			t.Errorf("%s: %d with %s: %s", path, again.StatusCode, tag, body)
		}
		if vary := strings.Join(answer.Header.Values("Vary"), ", "); vary != "Origin, Accept, Authorization, Cookie" {
			t.Errorf("%s varies by %q", path, vary)
		}
		if _, err := store.Publish(t.Context(), hub.Update{Topics: []string{"x"}}); err != nil {
			t.Fatal(err)
		}
		_, hangUp := l.dial("plain", "topic=a")
		if changed, _ := l.get("modern", subs+path, "If-None-Match", tag); changed.StatusCode != http.StatusOK {
			t.Errorf("%s, when another one listens: %d", path, changed.StatusCode)
		}
		hangUp()
		l.until("it is as before", func() bool {
			again, _ := l.get("modern", subs+path, "If-None-Match", tag)
			return again.StatusCode == http.StatusNotModified
		})
	}
	l.until("the cursor moves on", func() bool {
		_, body := l.get("modern", subs+"/a")
		return strings.Contains(body, `"lastEventID":"parley:`)
	})
}

// Mercure: N9.
func TestAListGoesOn(t *testing.T) {
	l := listen(t, bunstoretest.SQLite(t), "a", false)
	var topics []string
	for i := range 600 {
		topics = append(topics, fmt.Sprint("topic=", i))
	}
	for range 3 {
		l.dial("plain", strings.Join(topics, "&"))
	}
	seen := 0
	for next := subs; next != ""; {
		answer, body := l.get("modern", next)
		var page struct{ Subscriptions []struct{ ID string } }
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		seen += len(page.Subscriptions)
		next = ""
		for _, link := range answer.Header.Values("Link") {
			if target, parameters, _ := strings.Cut(link, ">"); parameters == `; rel="next"` {
				next = target[1:]
			}
		}
	}
	if seen != 1800 {
		t.Errorf("%d subscriptions, want 1800", seen)
	}
}

func TestWhoIsWatchedOnOneNodeIsSeenOnTheOther(t *testing.T) {
	address := bunstoretest.PostgresURL(t)
	here := listen(t, bunstoretest.Open(t, address), "here", true)
	lost := bunstoretest.Open(t, address)
	there := listen(t, lost, "there", true)
	watcher, _ := here.dial("modern", "match_urlpattern="+url.QueryEscape(subs+"/exact/"+hub.EncodeSegment(bookNumber)+"/:subscriber"))
	_, hangUp := there.dial("modern", "match="+url.QueryEscape(bookNumber))
	here.expect(watcher, "mercure "+modern("urn:x:there/1", ofModern, true))
	there.until("the list is the same on both", func() bool {
		_, a := here.get("modern", subs)
		_, b := there.get("modern", subs)
		return a == b && strings.Count(a, `"active":true`) == 2
	})
	hangUp()
	here.expect(watcher, "mercure "+modern("urn:x:there/1", ofModern, false))
	there.dial("legacy", "topic="+url.QueryEscape(bookNumber))
	here.expect(watcher, "mercure "+modern("urn:x:there/2", ofLegacy, true))
	_ = lost.Close() // from now on the node can tell nobody anything, as if it were killed
	here.expect(watcher, "mercure "+modern("urn:x:there/2", ofLegacy, false))
}
