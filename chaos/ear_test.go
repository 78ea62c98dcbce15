package chaos_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"parley/chaos"
)

// everything is the topics of all that a user may hear.
const everything = "topic=/chat/room/{id}&topic=/chat/user/{id}"

// ear hears for a bot, and comes back with the last id that it has processed.
type ear struct {
	of     *bot
	called string // in the history
	topics string
	habit  habit
	direct *http.Client          // not nil: it goes past the gate, with this
	pause  func(context.Context) // if not nil: is called after each event

	mu     sync.Mutex
	cursor string
	conns  int
	heard  map[int64]int64 // the last number of each room
}

func newEar(of *bot, called, topics string, h habit) *ear {
	return &ear{of: of, called: called, topics: topics, habit: h, heard: make(map[int64]int64)}
}

// listen hears everything until ctx ends, over as many lines as it takes.
func (e *ear) listen(ctx context.Context) {
	for ctx.Err() == nil {
		token, err := e.line(ctx)
		if err == nil || errors.Is(err, errComeBack) {
			continue
		}
		if errors.Is(err, refused(http.StatusUnauthorized)) {
			_ = e.of.renew(ctx, token) // it is tried again anyway
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// line hears one line, for as long as the habit says; the error is nil if it was
// not the line that ended. It returns the token that was shown.
func (e *ear) line(ctx context.Context) (token string, err error) {
	over, most := e.habit(e.of.random)
	as := e.of.signedIn()
	w := want{topics: e.topics, token: as.token, client: e.of.client}
	node := e.of.random(len(e.of.system.nodes))
	w.base = e.of.system.nodes[node].gate.url()
	if e.direct != nil {
		w.base, w.client = "http://"+e.of.system.nodes[node].address, e.direct
	}
	e.mu.Lock()
	e.conns++
	w.cursor = e.cursor
	r := chaos.Record{Client: e.called, Op: chaos.Open, Phase: chaos.Noted, Transport: over.name(), Node: node + 1, Session: as.session, Conn: e.conns}
	e.mu.Unlock()
	asked := r
	asked.Cursor = w.cursor
	e.of.history.Add(asked)
	l, err := over.open(ctx, w)
	if err != nil {
		return as.token, err
	}
	defer func() {
		l.close()
		r.Op = chaos.Closed
		e.of.history.Add(r)
	}()
	for n := 0; most == 0 || n < most; n++ {
		event, err := l.next(ctx)
		if err != nil {
			return as.token, err
		}
		noted, err := e.take(r, event, n == 0)
		if err == nil && noted == chaos.Reset {
			err = e.load(ctx, r)
		}
		if err != nil {
			return as.token, err
		}
		if e.pause != nil {
			e.pause(ctx)
		}
	}
	return as.token, nil
}

// take processes one event, and remembers its id then. It returns what was written
// down of it.
func (e *ear) take(r chaos.Record, got event, first bool) (noted chaos.Op, err error) {
	var m message
	if got.data != "" {
		if err := json.Unmarshal([]byte(got.data), &m); err != nil {
			return "", err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if first && m.Type != "stream.closing" {
		opened := r
		opened.Op = chaos.Opened
		e.of.history.Add(opened)
	}
	if m.noted(&r, e.of.id) {
		r.Cursor = got.id
		if r.Op == chaos.Reset {
			r.Cursor = e.cursor
		}
		e.of.history.Add(r)
		noted = r.Op
	}
	if noted == chaos.Hear {
		e.heard[m.ChatRoomID] = m.Sequence
	}
	if got.id != "" {
		e.cursor = got.id
	}
	return noted, nil
}

// load fetches all that there is in the rooms that it hears, as a client does that
// could not be resumed.
func (e *ear) load(ctx context.Context, on chaos.Record) error {
	on.Op, on.Phase = chaos.Load, chaos.Noted
	for _, in := range e.rooms() {
		err := e.of.pages(ctx, in, func(m message) {
			r, kept := on, m.kept()
			r.Room, r.Key, r.ID, r.Seq, r.Rev, r.Hash = in, kept.Key, kept.ID, kept.Seq, kept.Rev, kept.Hash
			e.of.history.Add(r)
			e.reaches(in, m.Sequence)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
