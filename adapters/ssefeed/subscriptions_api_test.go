package ssefeed_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"parley/adapters/bunstore/bunstoretest"
	"parley/domain/hub"
)

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
