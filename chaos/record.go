// Package chaos breaks the shipped program while people talk through it, and
// judges afterwards, from what they sent and heard, whether a promise was broken.
//
// The tests of this package are the breaking: they start real binaries and real
// databases, drive clients over the public API, and strike. What is here is the
// judge, which knows nothing but what was written down.
package chaos

import (
	"encoding/json"
	"io"
	"sync"
	"time"
)

// Phase says what became of an operation so far.
type Phase string

// The phases.
const (
	Invoked Phase = "invoke" // it was begun
	OK      Phase = "ok"     // it was answered with success
	Failed  Phase = "fail"   // it was refused for good
	Unknown Phase = "info"   // nobody knows whether it happened
	Noted   Phase = "note"   // an event, which happens all at once
)

// Op says what somebody did, or what happened to them.
type Op string

// The operations.
const (
	Send   Op = "send"   // a message; Key names it over all tries
	Open   Op = "open"   // a stream; Cursor is where it goes on from
	Hear   Op = "hear"   // a message on a stream
	Reset  Op = "reset"  // a stream that could not be resumed
	Load   Op = "load"   // a message on a page, which is fetched after a reset
	In     Op = "in"     // a stream told that its own user is in the room
	Out    Op = "out"    // a stream told that its own user is out of the room
	Strike Op = "strike" // a fault
)

// Record is one line of what happened.
type Record struct {
	At     time.Duration `json:"at"` // since the beginning, on one monotonic clock
	Client string        `json:"client"`
	Op     Op            `json:"op"`
	Phase  Phase         `json:"phase"`
	Conn   int           `json:"conn,omitempty"` // of one client: counts its streams
	Room   int64         `json:"room,omitempty"`
	Key    string        `json:"key,omitempty"`
	ID     int64         `json:"id,omitempty"`
	Seq    int64         `json:"seq,omitempty"`
	Hash   string        `json:"hash,omitempty"` // of the content
	Cursor string        `json:"cursor,omitempty"`
	Note   string        `json:"note,omitempty"`
}

// History is what is written down, as lines of JSON and in memory.
type History struct {
	began time.Time
	mu    sync.Mutex
	lines *json.Encoder
	all   []Record

	broken error // why the lines are not all
}

// NewHistory begins a history that is also written to lines.
func NewHistory(lines io.Writer) *History {
	return &History{began: time.Now(), lines: json.NewEncoder(lines)}
}

// Add writes a record down, with the time that it is now.
func (h *History) Add(r Record) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r.At = time.Since(h.began)
	h.all = append(h.all, r)
	if err := h.lines.Encode(r); err != nil {
		h.broken = err // the judge has it in memory
	}
}

// Err says why the lines are not all of the history; nil if they are.
func (h *History) Err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.broken
}

// Records returns all that was written down.
func (h *History) Records() []Record {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]Record(nil), h.all...)
}
