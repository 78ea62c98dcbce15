package ssefeed_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/adapters/bunstore/bunstoretest"
	"parley/adapters/ssefeed/ssetest"
	"parley/domain/hub"
)

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
