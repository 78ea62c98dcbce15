package hubtest

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"parley/adapters/mercurefeed"
	"parley/adapters/pollfeed/polltest"
	"parley/adapters/ssefeed/ssetest"
	"parley/adapters/wire"
	"parley/application/contract"
	"parley/application/delivery"
	"parley/application/port"
	"parley/application/relaying"
	"parley/domain/identity"
)

// Store is a store whose log is handed on.
type Store interface {
	ssetest.Store
	port.Relays
}

// Cursors are what the program writes cursors with, in these tests.
func Cursors() *wire.Cursors { return wire.NewCursors([16]byte([]byte("a key of 16 byte"))) }

// Feeding hands the log of a store on to the reference hub, and listens there as a
// client does. t ends it.
func Feeding(t *testing.T, store Store) contract.Feeding {
	t.Helper()
	hub := Start(t)
	polls := polltest.Serve(t, store)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	t.Cleanup(client.CloseIdleConnections)
	relay := relayOf(t, store, hub.URL)
	if err := relay.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop := Running(t, relay)
	return contract.Feeding{
		Work: store, Sends: store, Open: hub.Open,
		Restart: func() error {
			stop()
			hub.Kill()
			hub.Run()
			stop = Running(t, relayOf(t, store, hub.URL))
			return polls.Restart()
		},
		Listen: func(ctx context.Context, who identity.Caller, topics []string, after string) (contract.Line, error) {
			line, err := Dial(ctx, Way{
				Every: 100 * time.Millisecond, // in earnest it is 30 seconds
				Poll: polltest.Request{
					URL: polls.URL + "?" + url.Values{"topic": topics}.Encode(), Token: ssetest.TokenOf(who), Client: client,
				},
				Subscribe: func(ctx context.Context) (ssetest.Request, error) {
					granted, err := readable(ctx, store, who)
					return ssetest.Request{
						URL: hub.URL + "?" + url.Values{"topic": topics}.Encode(), Client: client,
						Token: Token(SubscriberKey, "subscribe", time.Now().Add(time.Minute), granted...),
					}, err
				},
			}, after)
			if err != nil {
				return nil, err
			}
			return polltest.Hearing(line), nil
		},
	}
}

// readable are the topics that somebody may listen to now.
func readable(ctx context.Context, store Store, who identity.Caller) ([]string, error) {
	rights, err := store.Rights(ctx, who)
	topics := []string{delivery.UserTopic(who.User).String()}
	for _, in := range rights.Rooms {
		topics = append(topics, delivery.RoomTopic(in).String())
	}
	return topics, err
}

func relayOf(t *testing.T, store Store, hub string) *relaying.Relay {
	t.Helper()
	client := mercurefeed.Client()
	t.Cleanup(client.CloseIdleConnections)
	publisher := &mercurefeed.Hub{
		URL: hub, Publisher: Minting(PublisherKey, "publish"), Cursors: Cursors(), Client: client, Now: time.Now,
	}
	return relaying.New(Settings(store, hub, publisher.Publish))
}

// Settings are those of a relay that looks at the log often.
func Settings(store Store, hub string, publish func(context.Context, relaying.Item) error) relaying.Settings {
	return relaying.Settings{
		Hub: hub, Log: store, Work: store, Relays: store, Publish: publish, Now: time.Now,
		Jitter: func(d time.Duration) time.Duration { return d / 2 }, Logger: slog.New(slog.DiscardHandler),
		Poll: 20 * time.Millisecond, Patience: time.Minute,
	}
}

// Running runs a relay until stop is called, or t ends.
func Running(t *testing.T, relay *relaying.Relay) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { relay.Run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	t.Cleanup(stop)
	return stop
}

// Open counts those who listen at the hub. It is asked for itself.
func (h *Hub) Open() int {
	address := h.URL + "/subscriptions"
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
	if err != nil {
		return -1
	}
	request.Header.Set("Authorization", "Bearer "+Token(SubscriberKey, "subscribe", time.Now().Add(time.Minute), "/.well-known/mercure/subscriptions"))
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		return -1
	}
	defer func() { _ = response.Body.Close() }()
	var active struct{ Subscriptions []struct{ Subscriber string } }
	if err := json.NewDecoder(response.Body).Decode(&active); err != nil {
		return -1
	}
	those := make(map[string]bool)
	for _, one := range active.Subscriptions {
		those[one.Subscriber] = true
	}
	return len(those)
}
