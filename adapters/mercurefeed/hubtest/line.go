package hubtest

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"parley/adapters/pollfeed/polltest"
	"parley/adapters/ssefeed/ssetest"
)

// Way is how a client reaches the hub, and the program behind it.
type Way struct {
	// Subscribe is asked for a token each time before a line to the hub is opened.
	// It returns the stream to open.
	Subscribe func(ctx context.Context) (ssetest.Request, error)

	Poll  polltest.Request // of the program, with the topics
	Every time.Duration    // how often it is asked without a reason
}

// Line listens at a hub, and asks the program itself for what may be missing:
// after each opening, whenever something comes that does not follow what it knows,
// and now and then. Of what comes twice it drops one.
type Line struct {
	way    Way
	closed context.Context
	hangUp context.CancelFunc

	stream *ssetest.Line
	heard  chan told // of the stream
	ticker *time.Ticker

	place  string // up to where the program was asked
	latest string // of what was heard at the hub since
	events []polltest.Event
	known  map[string]bool // cursors of what was handed out
	last   map[int64]int64 // the number of the last message, by room
}

type told struct {
	event ssetest.Event
	err   error
	of    *ssetest.Line
}

// Dial opens a line, after a cursor; empty: from now on. The first event tells how
// it begins, as a stream's does. The line is closed when ctx ends.
func Dial(ctx context.Context, way Way, after string) (*Line, error) {
	l := &Line{
		way: way, place: after, heard: make(chan told), ticker: time.NewTicker(way.Every),
		known: make(map[string]bool), last: make(map[int64]int64),
	}
	l.closed, l.hangUp = context.WithCancel(ctx)
	opened := polltest.Event{Cursor: after}
	if err := l.comeAgain(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if len(l.events) > 0 {
		if first, err := l.events[0].Type(); first == "stream.opened" || err != nil {
			return l, err
		}
	}
	mode := "replay"
	if after == "" {
		mode, opened.Cursor = "live", l.place
	}
	var err error
	opened.Data, err = json.Marshal(map[string]string{"type": "stream.opened", "mode": mode, "cursor": opened.Cursor})
	l.events = append([]polltest.Event{opened}, l.events...)
	return l, err
}

// listen opens a line to the hub in place of the one there is.
func (l *Line) listen(ctx context.Context) error {
	request, err := l.way.Subscribe(ctx)
	if err != nil {
		return err
	}
	stream, err := ssetest.Dial(l.closed, request)
	if err != nil {
		return err
	}
	if l.stream != nil {
		_ = l.stream.Close()
	}
	l.stream = stream
	go func() {
		for {
			event, err := stream.Next(l.closed)
			select {
			case l.heard <- told{event, err, stream}:
			case <-l.closed.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return nil
}

// Close hangs up.
func (l *Line) Close() error {
	l.hangUp()
	l.ticker.Stop()
	if l.stream == nil {
		return nil
	}
	return l.stream.Close()
}

// Next waits for the next event.
func (l *Line) Next(ctx context.Context) (polltest.Event, error) {
	for len(l.events) == 0 {
		var err error
		select {
		case <-ctx.Done():
			err = errors.Join(ctx.Err(), l.Close())
		case <-l.closed.Done():
			err = l.closed.Err()
		case <-l.ticker.C:
			err = l.ask(ctx)
		case h := <-l.heard:
			err = l.take(ctx, h)
		}
		if err != nil {
			return polltest.Event{}, err
		}
	}
	next := l.events[0]
	l.events = l.events[1:]
	return next, nil
}

// facts are what a client looks at in an event.
type facts struct {
	Type       string
	ChatRoomID int64
	Sequence   int64
}

// take takes what the hub says. A message that follows the last one of its room
// is handed out; with anything else, the program is asked.
func (l *Line) take(ctx context.Context, h told) error {
	switch {
	case h.of != l.stream:
		return nil
	case h.err != nil:
		return l.comeAgain(ctx)
	case l.known[h.event.ID]:
		return nil
	}
	var event facts
	if err := json.Unmarshal([]byte(h.event.Data), &event); err != nil {
		return err
	}
	last, follows := l.last[event.ChatRoomID]
	if event.Type == "message.created" && follows && event.Sequence == last+1 {
		l.hand(polltest.Event{Cursor: h.event.ID, Data: json.RawMessage(h.event.Data)}, event)
		return nil
	}
	if event.Type == "participant.joined" || event.Type == "room.created" {
		return l.comeAgain(ctx) // there may be another room, which the token has not
	}
	return l.ask(ctx)
}

func (l *Line) hand(e polltest.Event, f facts) {
	l.known[e.Cursor], l.latest = true, e.Cursor
	if f.Type == "message.created" {
		l.last[f.ChatRoomID] = f.Sequence
	}
	l.events = append(l.events, e)
}

// ask asks the program for what was not heard yet.
func (l *Line) ask(ctx context.Context) error {
	for {
		ask := l.way.Poll
		ask.After = l.place
		answer, err := polltest.Poll(ctx, ask)
		if isTemporary(err) || err != nil && isAway(err) {
			if err := l.rest(ctx); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if isReset(answer) && l.latest != "" {
			// What was pruned has been heard meanwhile: a hub hands out in order.
			l.place, l.latest = l.latest, ""
			continue
		}
		l.place = answer.Cursor
		for _, event := range answer.Events {
			var f facts
			if err := json.Unmarshal(event.Data, &f); err != nil {
				return err
			}
			if !l.known[event.Cursor] {
				l.hand(event, f)
			}
		}
		l.latest = ""
		if len(answer.Events) < 500 {
			return nil
		}
	}
}
