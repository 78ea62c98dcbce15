package polltest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/adapters/pollfeed"
	"parley/adapters/ssefeed/ssetest"
	"parley/adapters/wire"
	"parley/application/contract"
	"parley/domain/fault"
	"parley/domain/identity"
)

// Serve runs a feed on a store, over a real socket. Whoever says who they are is
// believed; a refusal is answered 418 with its code. t ends it.
func Serve(t *testing.T, store ssetest.Store, change ...func(*ssetest.Parts)) ssetest.Serving {
	t.Helper()
	return ssetest.Serve(t, store, func(follow ssetest.Follow, cursors *wire.Cursors) http.Handler {
		feed := &pollfeed.Feed{Follow: follow, Cursors: cursors, Now: time.Now}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			proof, err := ssetest.Believe(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
			if err == nil {
				err = feed.Serve(w, r, proof)
			}
			if refusal := new(fault.Fault); errors.As(err, &refusal) {
				http.Error(w, refusal.Code(), http.StatusTeapot)
			} else if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}, change...)
}

// Feeding runs a feed on a store, and polls it as a client does.
func Feeding(t *testing.T, store ssetest.Store, change ...func(*ssetest.Parts)) contract.Feeding {
	t.Helper()
	s := Serve(t, store, change...)
	return contract.Feeding{
		Work: store, Sends: store, Open: func() int { return s.Tail().Readings() }, Restart: s.Restart,
		Listen: func(ctx context.Context, who identity.Caller, topics []string, after string) (contract.Line, error) {
			line, err := Dial(ctx, Request{
				URL: s.URL + "?" + url.Values{"topic": topics}.Encode(), Token: ssetest.TokenOf(who), After: after, Client: s.Client,
			})
			return Hearing(line), err
		},
	}
}

// Asking is a line on which the program itself is asked.
type Asking interface {
	Next(ctx context.Context) (Event, error)
	Close() error
}

// Hearing is a line as contracts know it. Who asks learns from a refusal that their
// session has ended: that is the end of their line.
func Hearing(line Asking) contract.Line { return &heardLine{Asking: line} }

type heardLine struct {
	Asking

	ended bool
}

func (l *heardLine) Next(ctx context.Context) (contract.Heard, error) {
	if l.ended {
		return contract.Heard{}, io.EOF
	}
	event, err := l.Asking.Next(ctx)
	if isSessionEnded(err) {
		l.ended = true
		return contract.Heard{Type: "stream.closing", Data: `{"reason":"revoked","action":"reauthenticate"}`}, nil
	}
	if err != nil {
		return contract.Heard{}, err
	}
	kind, err := event.Type()
	return contract.Heard{Type: kind, Cursor: event.Cursor, Data: string(event.Data)}, err
}

// isSessionEnded reports whether who asks has heard so, by a refusal or before they
// got so far.
func isSessionEnded(err error) bool {
	no := new(Refused)
	return errors.Is(err, identity.ErrSessionEnded) || errors.As(err, &no) && strings.TrimSpace(string(no.Body)) == identity.ErrSessionEnded.Code()
}
