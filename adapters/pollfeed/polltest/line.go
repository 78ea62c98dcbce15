package polltest

import (
	"context"
	"encoding/json"
	"errors"
)

// patience is for how many seconds each poll of a line waits.
const patience = 5

// Line is a client that polls again and again, each time from where the last
// answer ended.
type Line struct {
	ask    Request
	events []Event // that have come and were not asked for yet
	closed context.Context
	hangUp context.CancelFunc
}

// Dial begins to poll. The first event tells how the line begins, as a stream's
// does, whether that came with the first answer or not. The line is closed when
// ctx ends.
func Dial(ctx context.Context, ask Request) (*Line, error) {
	l := &Line{ask: ask}
	l.closed, l.hangUp = context.WithCancel(ctx)
	l.ask.Wait = 0
	answer, err := Poll(l.closed, l.ask)
	if err != nil {
		l.hangUp()
		return nil, err
	}
	l.ask.After, l.ask.Wait = answer.Cursor, patience
	l.events = answer.Events
	if len(l.events) > 0 {
		if first, err := l.events[0].Type(); first == "stream.opened" || err != nil {
			return l, err
		}
	}
	opened := Event{Cursor: ask.After}
	mode := "replay"
	if ask.After == "" {
		mode, opened.Cursor = "live", answer.Cursor
	}
	opened.Data, err = json.Marshal(map[string]string{"type": "stream.opened", "mode": mode, "cursor": opened.Cursor})
	l.events = append([]Event{opened}, l.events...)
	return l, err
}

// Close stops polling.
func (l *Line) Close() error {
	l.hangUp()
	return nil
}

// Next waits for the next event. If ctx ends first, the line is closed.
func (l *Line) Next(ctx context.Context) (Event, error) {
	stop := context.AfterFunc(ctx, l.hangUp)
	defer stop()
	for len(l.events) == 0 {
		answer, err := Poll(l.closed, l.ask)
		if err != nil {
			return Event{}, errors.Join(ctx.Err(), err)
		}
		l.events, l.ask.After = answer.Events, answer.Cursor
	}
	if err := l.closed.Err(); err != nil {
		return Event{}, err
	}
	next := l.events[0]
	l.events = l.events[1:]
	return next, nil
}
