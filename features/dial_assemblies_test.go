package features_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/adapters/mercurefeed/hubtest"
	"parley/adapters/pollfeed/polltest"
	"parley/adapters/ssefeed/ssetest"
	"parley/features/stage"
)

type dialer = func(ctx context.Context, address, token, lastID string) (stage.Stream, error)

// dial listens with the client that the feed's own contract uses.
func dial(client *http.Client) dialer {
	return func(ctx context.Context, address, token, lastID string) (stage.Stream, error) {
		line, err := ssetest.Dial(ctx, ssetest.Request{URL: address, Token: token, Cursor: lastID, Client: client})
		if no := new(ssetest.Refused); errors.As(err, &no) {
			return nil, stage.Problem("the stream", no.Status, no.Header, no.Body)
		}
		if err != nil {
			return nil, err
		}
		return stream{line}, nil
	}
}

type stream struct{ *ssetest.Line }

func (s stream) Next(ctx context.Context) (stage.Event, error) {
	event, err := s.Line.Next(ctx)
	return stage.Event{Name: event.Name, Data: event.Data, ID: event.ID}, err
}

// dialPolls polls for what the stream would say, in the same way.
func dialPolls(client *http.Client) dialer {
	return func(ctx context.Context, address, token, lastID string) (stage.Stream, error) {
		address = strings.Replace(address, "/.well-known/mercure", "/api/events", 1)
		line, err := polltest.Dial(ctx, polltest.Request{URL: address, Token: token, After: lastID, Client: client})
		if no := new(polltest.Refused); errors.As(err, &no) {
			return nil, stage.Problem("the poll", no.Status, no.Header, no.Body)
		}
		if err != nil {
			return nil, err
		}
		return polls{line}, nil
	}
}

// externalHub is a hub of somebody else's, to which the program hands on what
// happens.
func externalHub(tb testing.TB) []string { return hubtest.Start(tb).Environ() }

// dialHub listens to a hub of somebody else's, and asks the program for what that
// may not have said, as the API's document asks of clients; only more often.
func dialHub(client *http.Client) dialer {
	return func(ctx context.Context, address, token, lastID string) (stage.Stream, error) {
		asked, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		way := hubtest.Program(client, asked.Scheme+"://"+asked.Host, token, asked.Query()["topic"], 200*time.Millisecond)
		line, err := hubtest.Dial(ctx, way, lastID)
		if no := new(polltest.Refused); errors.As(err, &no) {
			return nil, stage.Problem("the hub", no.Status, no.Header, no.Body)
		}
		if err != nil {
			return nil, err
		}
		return polls{line}, nil
	}
}

// asked is a line that has events as polls do.
type asked interface {
	Next(ctx context.Context) (polltest.Event, error)
	Close() error
}

type polls struct{ asked }

func (p polls) Next(ctx context.Context) (stage.Event, error) {
	event, err := p.asked.Next(ctx)
	if no := new(polltest.Refused); errors.As(err, &no) && no.Status == http.StatusUnauthorized {
		return stage.Event{}, turnedAway(no)
	}
	if err != nil {
		return stage.Event{}, err
	}
	name, err := event.Type()
	if name == "message.created" {
		name = "message" // as a page would hear it
	}
	return stage.Event{Name: name, Data: string(event.Data), ID: event.Cursor}, err
}

// turnedAway is how somebody who polls learns that they have to sign in again.
func turnedAway(no *polltest.Refused) error {
	refused := stage.Problem("the poll", no.Status, no.Header, no.Body)
	for code, reason := range map[string]string{"session-revoked": "revoked", "invalid-token": "expired"} {
		if strings.Contains(string(no.Body), `"code":"`+code+`"`) {
			return &stage.Closed{Reason: reason, Advice: "reauthenticate"}
		}
	}
	return refused
}
