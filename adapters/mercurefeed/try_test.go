package mercurefeed_test

import (
	"net/url"
	"testing"

	"parley/adapters/mercurefeed"
	"parley/adapters/mercurefeed/hubtest"
)

// A hub is tried without anybody else noticing.
func TestAHubIsTried(t *testing.T) {
	good, other := hubtest.PublisherKey, "some other key, which is nobody's"
	for name, c := range map[string]struct {
		settings              []string
		publisher, subscriber string
		keeps                 bool
		says                  error
	}{
		"one that fits":                        {nil, good, hubtest.SubscriberKey, false, nil},
		"one that lets anybody in":             {[]string{"ALLOW_ANONYMOUS=1"}, good, hubtest.SubscriberKey, false, nil},
		"one that keeps a history":             {[]string{"TRANSPORT_URL=bolt://" + t.TempDir() + "/history.db"}, good, hubtest.SubscriberKey, true, nil},
		"another publisher's key":              {nil, other, hubtest.SubscriberKey, false, mercurefeed.ErrPublisher},
		"another subscriber's key":             {nil, good, other, false, mercurefeed.ErrSubscriber},
		"another subscriber's key, and anyone": {[]string{"ALLOW_ANONYMOUS=1"}, good, other, false, mercurefeed.ErrSubscriber},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hub := hubtest.Start(t, c.settings...)
			ordinary := (&scene{t: t}).listens(hub, "/chat/room/{id}", "/chat/user/{id}")
			tried := trying(t, hub.URL, c.publisher)
			keeps, err := tried.Try(t.Context(), hubtest.Minting(c.subscriber, "subscribe"))
			if keeps != c.keeps || !is(err, c.says) {
				t.Errorf("got %t, %v; want %t, %v", keeps, err, c.keeps, c.says)
			}
			if err := tried.Accepts(t.Context()); (err == nil) != (c.publisher == good) || err != nil && !is(err, mercurefeed.ErrPublisher) {
				t.Errorf("whether it accepts: %v", err)
			}
			publish(t, hub, url.Values{"topic": {"/chat/room/1"}, "data": {"fence"}})
			if got := (&scene{t: t}).hears(ordinary, 1)[0]; got.Data != "fence" {
				t.Errorf("who listens to the chat heard %+v", got)
			}
		})
	}
}
