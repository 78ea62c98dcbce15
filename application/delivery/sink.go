// Package delivery carries the log to those who may hear it. A [Tail] reads it
// once for the whole node; each reader is a cursor and a set of rights, follows
// the tail, and hands what it finds to the [Sink] of its transport.
package delivery

import (
	"sync"
	"sync/atomic"
	"time"

	"parley/application/port"
	"parley/domain/message"
	"parley/domain/sequence"
)

// Sink is where a transport puts what a reader is handed. Its methods are called
// by one goroutine, one after another; an error from any of them ends the
// reading. A method may take its time: that holds up this reader alone.
type Sink interface {
	// Opened is the first call.
	Opened(o Opened) error

	// Hand hands out what has happened, in order. It may be much at once, and
	// what it returned nil for counts as delivered.
	Hand(batch []Delivered) error

	// Signal tells of what is not in the log, in order; at is the reader's place
	// meanwhile. Like Hand, it may be told much at once.
	Signal(batch []*Signal, at sequence.Place) error

	// Passed tells that the reader's place has moved on without anything to hand
	// out, so that it may be remembered.
	Passed(p sequence.Place) error

	// Quiet is called when nothing else was for a while.
	Quiet() error

	// Closing is the last call, unless another one failed or the context ended.
	Closing(c Closing) error
}

// Delivered is one event on one topic.
type Delivered struct {
	Topic Topic
	Event *Event
}

// Event is an entry of the log on its way to those who may hear it. All readers
// share it.
type Event struct {
	Entry port.Entry // as it was read; what it says of a message may be outdated: see Now

	revised *revisions // nil: Entry is not outdated

	topical atomic.Pointer[topical] // nil: not asked for yet
	lines   atomic.Int64            // one more than breaks; 0: not counted yet

	mu     sync.Mutex
	asOf   asOf             // up to where it reads as follows
	said   *message.Message // the message as it reads; nil: as Entry has it
	frames map[*Format][]byte
}

// topical are the topics of an event, and whether it is private.
type topical struct {
	topics  []string
	private bool
}

// topics are the names under which who is no user hears the event.
func (e *Event) topics() (names []string, private bool) {
	known := e.topical.Load()
	if known == nil {
		known = &topical{}
		known.topics, known.private = Topics(e.Entry)
		e.topical.Store(known)
	}
	return known.topics, known.private
}

// Now is the entry as it reads at this moment, for a sink that does not write
// frames. It is to be asked for when the sink writes, and not before: what is
// deleted in between must not be written any more. An error ends the reading.
func (e *Event) Now() (port.Entry, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	err := e.read()
	return e.entry(), err
}

// Format is one way to write events. Each transport has its own.
type Format struct {
	Encode func(port.Entry) ([]byte, error)
}

// Frame returns the event as f writes it, which is made once and then shared: it
// must not be changed. It is as the entry reads at this moment, as [Event.Now]
// is, and so is to be asked for when it is written.
func (e *Event) Frame(f *Format) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.read(); err != nil {
		return nil, err
	}
	if frame, made := e.frames[f]; made {
		return frame, nil
	}
	frame, err := f.Encode(e.entry())
	if err != nil {
		return nil, err
	}
	if e.frames == nil {
		e.frames = make(map[*Format][]byte, 1)
	}
	e.frames[f] = frame
	return frame, nil
}

// Mode says how a reader goes on from the cursor it sent.
type Mode int

// The modes.
const (
	Live   Mode = iota + 1 // it sent none: what comes from now on
	Replay                 // everything after it
	Reset                  // it cannot be resumed; what comes from now on
)

// Opened says how a reading begins.
type Opened struct {
	Mode  Mode
	Place sequence.Place // that it goes on from
	Until time.Time      // when it will end; zero if it need not
}

// Reason says why a reading ends.
type Reason int

// The reasons.
const (
	Drain   Reason = iota + 1 // this node stops, or starts over
	Expired                   // its time is up
	Revoked                   // the session has ended
	Slow                      // it was overtaken
	TooMany                   // its user, or its address, has too many open already
)

// Advice says what to do after a reading has ended.
type Advice int

// The advices.
const (
	Resume         Advice = iota + 1 // open again from the last place
	Reauthenticate                   // get a new token, then open again
	Stop                             // do not open again
)

// Closing says why a reading ends and what to do then.
type Closing struct {
	Reason Reason
	Advice Advice
}
