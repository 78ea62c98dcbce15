package chaos_test

import (
	"context"
	"errors"
	"time"

	"parley/adapters/pollfeed/polltest"
)

// polling hears by asking again and again: each answer is a line of its own.
type polling struct{}

func (polling) name() string { return "poll" }

// pollWait is for how many seconds a poll waits for something to happen.
const pollWait = 2

func (polling) open(ctx context.Context, w want) (line, error) {
	ctx, cancel := context.WithTimeout(ctx, patience+pollWait*time.Second)
	defer cancel()
	answer, err := polltest.Poll(ctx, polltest.Request{
		URL: w.base + "/api/events?" + w.topics, Token: w.token, After: w.cursor, Wait: pollWait, Client: w.client,
	})
	if no := new(polltest.Refused); errors.As(err, &no) {
		return nil, refused(no.Status)
	}
	if err != nil {
		return nil, err
	}
	l := &pollLine{}
	for _, e := range answer.Events {
		l.events = append(l.events, event{e.Cursor, string(e.Data)})
	}
	l.events = append(l.events, event{id: answer.Cursor})
	return l, nil
}

// pollLine is the events of one answer and, when they were processed, its place.
type pollLine struct{ events []event }

func (l *pollLine) next(context.Context) (event, error) {
	if len(l.events) == 0 {
		return event{}, errComeBack
	}
	e := l.events[0]
	l.events = l.events[1:]
	return e, nil
}

func (l *pollLine) close() {}
