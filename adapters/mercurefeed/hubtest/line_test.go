package hubtest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/adapters/mercurefeed/hubtest"
	"parley/adapters/pollfeed/polltest"
	"parley/adapters/ssefeed/ssetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A token can end between the program, which still grants it, and the hub. The
// program then says whether there is another.
func TestWhoseTokenHasEndedTakesAnother(t *testing.T) {
	hub := hubtest.Start(t)
	program := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"events": [], "cursor": "here"}`))
	}))
	t.Cleanup(program.Close)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	until, asked := []time.Time{time.Now().Add(-time.Second), time.Now().Add(time.Minute)}, 0
	line, err := hubtest.Dial(t.Context(), hubtest.Way{
		Subscribe: func(context.Context) (ssetest.Request, error) {
			asked++
			token := hubtest.Token(hubtest.SubscriberKey, "subscribe", until[asked-1], "*")
			return ssetest.Request{URL: hub.URL + "?topic=*", Token: token, Client: client}, nil
		},
		Poll: polltest.Request{URL: program.URL, Client: client}, Every: time.Minute,
	}, "")
	if err != nil || asked != 2 {
		t.Fatalf("after %d tokens: %v", asked, err)
	}
	if err := line.Close(); err != nil {
		t.Error(err)
	}
}
