// Package chaos breaks the shipped program while people talk through it, and
// judges afterwards, from what they sent and heard, whether a promise was broken.
//
// The tests of this package are the breaking: they start real binaries and real
// databases, drive clients over the public API, and strike. What is here is the
// judge, which knows nothing but what was written down.
package chaos

import (
	"strings"
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

// What people do. Each is begun, and ends in one of the other phases.
const (
	Send   Op = "send"    // a message; Key names it over all tries
	Edit   Op = "edit"    // a message, which has the version Rev then
	Stale  Op = "stale"   // an edit of a version that is not the last one, which is to be refused
	Delete Op = "delete"  // a message, which has the version Rev then
	Rename Op = "rename"  // a room, to what Note says
	Add    Op = "add"     // User to a room
	Remove Op = "remove"  // User from a room
	Read   Op = "read"    // the last page of a room: Items, and the Cursor that goes on from there
	SignIn Op = "sign-in" // the client as User; Session counts
	End    Op = "end"     // a session, in the way that Note says
	Use    Op = "use"     // the token of a session that has ended
	Nap    Op = "nap"     // the client leaves what it is sent unread
	Strike Op = "strike"  // a fault, from which the program has Within to recover
)

// What happens to people. Each is noted once.
const (
	Open    Op = "open"    // a line is asked for, that goes on from Cursor
	Opened  Op = "opened"  // it has brought something
	Closed  Op = "closed"  // it is over
	Hear    Op = "hear"    // a message on a line
	Edited  Op = "edited"  // a message that has other words now
	Deleted Op = "deleted" // a message that has no words any more
	Renamed Op = "renamed" // a room, to what Note says
	Joined  Op = "joined"  // another is in the room
	Left    Op = "left"    // another is out of the room
	In      Op = "in"      // a line told that its own user is in the room
	Out     Op = "out"     // a line told that its own user is out of the room
	Revoked Op = "revoked" // a line told that its session has ended
	Reset   Op = "reset"   // a line that could not be resumed
	Load    Op = "load"    // a message on a page, which is fetched after a reset
	Is      Op = "is"      // what a room is: its name in Note, its version, its people
	Blame   Op = "blame"   // an answer that nobody may get, such as 500
)

// Again notes a send that was acknowledged as one that had been sent before.
const Again = "again"

// Record is one line of what happened.
type Record struct {
	At        time.Duration `json:"at"` // since the beginning, on one monotonic clock
	Client    string        `json:"client"`
	Op        Op            `json:"op"`
	Phase     Phase         `json:"phase"`
	Transport string        `json:"transport,omitempty"`
	Node      int           `json:"node,omitempty"`    // counts from 1
	Session   int           `json:"session,omitempty"` // of one account: counts its sign-ins
	Conn      int           `json:"conn,omitempty"`    // of one client: counts its lines
	Room      int64         `json:"room,omitempty"`
	User      int64         `json:"user,omitempty"`
	Key       string        `json:"key,omitempty"`
	ID        int64         `json:"id,omitempty"`
	Seq       int64         `json:"seq,omitempty"`
	Rev       int64         `json:"rev,omitempty"`  // the version of a message or room
	Hash      string        `json:"hash,omitempty"` // of the words; empty: there are none any more
	Cursor    string        `json:"cursor,omitempty"`
	Note      string        `json:"note,omitempty"`
	People    []int64       `json:"people,omitempty"`
	Items     []Kept        `json:"items,omitempty"`
	Within    time.Duration `json:"within,omitempty"`
}

// Kept is a message as the program has it.
type Kept struct {
	Seq  int64  `json:"seq"`
	ID   int64  `json:"id"`
	Rev  int64  `json:"rev,omitempty"`
	Key  string `json:"key,omitempty"`
	Hash string `json:"hash,omitempty"`
}

// keptOf is the message that a record is of.
func keptOf(r Record) Kept { return Kept{r.Seq, r.ID, r.Rev, r.Key, r.Hash} }

// Final is what the program has in the end: the messages of each room in the
// order of their numbers.
type Final map[int64][]Kept

// account is whose client it is: a client that an account has beside its first
// one is called after it.
func account(client string) string {
	name, _, _ := strings.Cut(client, "+")
	return name
}

// Those yields the records of an operation in a phase.
func Those(h []Record, op Op, phase Phase) func(yield func(Record) bool) {
	return func(yield func(Record) bool) {
		for _, r := range h {
			if r.Op == op && r.Phase == phase && !yield(r) {
				return
			}
		}
	}
}

// Sends counts the sends that were acknowledged.
func Sends(h []Record) (acknowledged int) {
	for range Those(h, Send, OK) {
		acknowledged++
	}
	return acknowledged
}
