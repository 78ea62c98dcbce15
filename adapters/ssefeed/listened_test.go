package ssefeed_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"parley/adapters/bunstore"
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

// compiler makes matchers, as a hub does of what is asked for.
type compiler = func(hub.MatchType, string) (hub.Matcher, error)

// bearers are those whom the hub here knows, by their tokens.
var bearers = map[string]func(compile compiler) hub.Bearer{
	"user": func(compiler) hub.Bearer {
		return hub.Bearer{Caller: identity.Caller{User: must(identity.UserIDFrom(1)), Session: must(identity.SessionIDFrom(1))}}
	},
	"plain": func(compiler) hub.Bearer { return hub.Bearer{} },
	"legacy": func(compile compiler) hub.Bearer {
		topics := []hub.Matcher{must(compile(hub.Topic, subs+"{/topic}{/subscriber}")), must(compile(hub.Topic, subs)), must(compile(hub.Topic, "https://example.com/{id}"))}
		return hub.Bearer{Grant: hub.Grant{Dialect: hub.Legacy, Subscribe: []hub.Detail{{Topics: topics, Payload: []byte(`{"of":"legacy"}`)}}}}
	},
	"modern": func(compile compiler) hub.Bearer {
		return hub.Bearer{Grant: hub.Grant{Dialect: hub.Modern, Subscribe: []hub.Detail{
			{Topics: []hub.Matcher{must(compile(hub.URLPattern, subs+"{/*}?"))}},
			{Topics: []hub.Matcher{must(compile(hub.URLPattern, "https://example.com/:id"))}, Payload: []byte(`{"of":"modern"}`)},
		}}}
	},
	"one": func(compiler) hub.Bearer {
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
