package chaos_test

import (
	"context"
	"errors"

	"parley/adapters/ssefeed/ssetest"
)

// sse hears over Server-Sent Events.
type sse struct{}

func (sse) name() string { return "sse" }

func (sse) open(ctx context.Context, w want) (line, error) {
	open, err := ssetest.Dial(ctx, ssetest.Request{
		URL: w.base + "/.well-known/mercure?" + w.topics, Token: w.token, Cursor: w.cursor, Client: w.client,
	})
	if no := new(ssetest.Refused); errors.As(err, &no) {
		return nil, refused(no.Status)
	}
	if err != nil {
		return nil, err
	}
	return sseLine{open}, nil
}

type sseLine struct{ *ssetest.Line }

func (l sseLine) next(ctx context.Context) (event, error) {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	e, err := l.Next(ctx)
	return event{e.ID, e.Data}, err
}

func (l sseLine) close() { _ = l.Close() }
