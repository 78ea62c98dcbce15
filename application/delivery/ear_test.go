package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
	"parley/domain/sequence"
)

// ear is a sink that writes down what it hears, in short words.
type ear struct {
	mu      sync.Mutex
	heard   []string
	places  []sequence.Place
	opened  delivery.Opened
	passed  sequence.Place
	closing delivery.Closing
	quiets  int
	told    []string // by signals
	toldAt  []sequence.Place
	err     error         // what the reading returned
	done    chan struct{} // closed when it has
	late    chan struct{} // Hand waits for it before it begins to write, if it is there
	stuck   chan struct{} // Hand waits for it in the midst of writing, if it is there
	onBegin func()
	onHand  func(port.Entry)
}

func (e *ear) Opened(o delivery.Opened) error {
	e.note(func() { e.opened = o })
	return nil
}

func (e *ear) Hand(batch []delivery.Delivered) error {
	if e.late != nil {
		<-e.late
	}
	if e.onBegin != nil {
		e.onBegin()
	}
	var entries []port.Entry
	for _, d := range batch {
		entry, err := d.Event.Now()
		if err != nil {
			return err
		}
		entries = append(entries, entry)
	}
	if e.stuck != nil {
		<-e.stuck
	}
	e.note(func() {
		for i, entry := range entries {
			e.heard = append(e.heard, short(batch[i].Topic, entry))
			e.places = append(e.places, entry.Place)
			if e.onHand != nil {
				e.onHand(entry)
			}
		}
	})
	return nil
}

func (e *ear) Passed(p sequence.Place) error { e.note(func() { e.passed = p }); return nil }

func (e *ear) Signal(batch []*delivery.Signal, at sequence.Place) error {
	e.note(func() {
		for _, s := range batch {
			e.told = append(e.told, told(s))
			e.toldAt = append(e.toldAt, at)
		}
	})
	return nil
}

func (e *ear) Quiet() error { e.note(func() { e.quiets++ }); return nil }

func (e *ear) Closing(c delivery.Closing) error { e.note(func() { e.closing = c }); return nil }

func (e *ear) note(do func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	do()
}

// all is what was heard, as one line.
func (e *ear) all() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strings.Join(e.heard, " ")
}

// short is an event in short: "hello", "+2" (somebody joined), "-2", "new",
// "gone", "~hello" (edited), "~" (deleted), "_" (said, and deleted since), with the
// topic behind it where that is not a room's.
func short(topic delivery.Topic, entry port.Entry) string {
	words := map[port.EntryKind]string{
		port.ParticipantJoined: "+" + entry.Subject.ID.String(), port.ParticipantLeft: "-" + entry.Subject.ID.String(),
		port.ParticipantChanged: "*" + entry.Subject.ID.String(), port.RoomCreated: "new", port.RoomDeleted: "gone",
	}
	word := words[entry.Kind]
	if entry.Message != nil {
		word = entry.Message.Content.String()
		switch {
		case entry.Kind == port.MessageEdited || entry.Kind == port.MessageDeleted:
			word = "~" + word
		case word == "":
			word = "_"
		}
	}
	if entry.Update != nil {
		word = entry.Update.Data
	}
	if strings.HasPrefix(topic.String(), "/chat/user/") {
		word += "@user"
	}
	return word
}

// node is a tail that runs, in a bubble of its own time.
type node struct {
	t    *testing.T
	log  *memlog
	tail *delivery.Tail
}

// inBubble runs a test on a node whose log has one room with Ada and Ben.
func inBubble(t *testing.T, test func(*node), change ...func(*delivery.Settings)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		log := newMemlog()
		log.opened(hall, ada, ben)
		settings := delivery.Settings{
			Log: log, Updates: log, Now: time.Now, Poll: 100 * time.Millisecond, Quiet: 15 * time.Second,
			Jitter:  func(d time.Duration) time.Duration { return d },
			Trouble: func(err error) { t.Log(err) },
			Memory:  1 << 20, Pages: 1 << 20, Round: 1 << 20, InHand: 4 << 20,
		}
		for _, c := range change {
			c(&settings)
		}
		ctx, cancel := context.WithCancel(t.Context())
		n := &node{t: t, log: log, tail: delivery.NewTail(settings)}
		ended := make(chan error)
		go func() { ended <- n.tail.Run(ctx) }()
		n.settle()
		test(n)
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run returned %v", err)
		}
	})
}

// settle lets everything happen that happens by itself within a second.
func (n *node) settle() {
	time.Sleep(time.Second) // in the bubble: no time passes outside
	synctest.Wait()
}

// listen opens a reading of these topics; it ends with the test.
func (n *node) listen(who identity.UserID, from delivery.Start, topics ...string) *ear {
	n.t.Helper()
	return n.listenTo(&ear{}, delivery.FollowQuery{Who: caller(who), From: from}, topics...)
}

func (n *node) listenTo(e *ear, q delivery.FollowQuery, topics ...string) *ear {
	for _, topic := range topics {
		q.What.Pattern(topic)
	}
	e.done = make(chan struct{})
	follow := delivery.Follow{Tail: n.tail}
	go func() {
		defer close(e.done)
		err := follow.Handle(n.t.Context(), q, e)
		e.note(func() { e.err = err })
	}()
	n.settle()
	return e
}

func (n *node) expect(e *ear, want string) {
	n.t.Helper()
	n.settle()
	if got := e.all(); got != want {
		n.t.Errorf("heard %q, want %q", got, want)
	}
}

// ended waits until a reading has ended, and returns why.
func (n *node) ended(e *ear) (delivery.Closing, error) {
	n.t.Helper()
	select {
	case <-e.done:
	case <-time.After(time.Hour):
		n.t.Fatal("the reading does not end")
	}
	return e.closing, e.err
}

var (
	ada   = user(1)
	ben   = user(2)
	cleo  = user(3)
	hall  = roomID(1)
	attic = roomID(2)
)

const everything, mine = "/chat/room/{id}", "/chat/user/{id}"

func user(n int64) identity.UserID {
	id, err := identity.UserIDFrom(n)
	if err != nil {
		panic(err)
	}
	return id
}

func roomID(n int64) room.ID {
	id, err := room.IDFrom(n)
	if err != nil {
		panic(err)
	}
	return id
}

func caller(who identity.UserID) identity.Caller {
	session, err := identity.SessionIDFrom(who.Int64() * 10)
	if err != nil {
		panic(err)
	}
	return identity.Caller{User: who, Session: session}
}

func words(from, to int) string {
	all := make([]string, 0, to-from+1)
	for i := from; i <= to; i++ {
		all = append(all, fmt.Sprintf("w%d", i))
	}
	return strings.Join(all, " ")
}
