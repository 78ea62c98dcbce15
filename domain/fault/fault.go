// Package fault has the kinds of "no": what the program refuses, and why. Every
// other error means that something broke; it is logged and never shown.
package fault

import "time"

// Hiding returns f as the answer to somebody to whom what there is must look as if
// it were not there. They cannot tell the two; the program's own log can.
func (f *Fault) Hiding() *Fault {
	hiding := *f
	hiding.hides, hiding.of = true, f.origin()
	return &hiding
}

// Hides reports whether something is there that the asker may not know of.
func (f *Fault) Hides() bool { return f.hides }

// Kind says what sort of refusal a fault is. Transports map it to their own
// statuses.
type Kind int

// The kinds of refusal.
const (
	Invalid     Kind = iota + 1 // what was asked makes no sense
	Malformed                   // what was sent cannot be read
	Unproven                    // who asks has not shown who they are
	Denied                      // who asks may not do this
	Missing                     // what was asked for is not there
	Conflict                    // it does not go together with what is there
	Stale                       // it changed since the asker looked
	Limited                     // too much, too fast
	Unavailable                 // not now; asking again is right
)

// Fault is a refusal: a kind, a code that clients can rely on, and a sentence
// for people. Declare each once and compare with [errors.Is].
type Fault struct {
	kind     Kind
	code     string
	sentence string
	field    string
	wait     time.Duration
	hides    bool
	of       *Fault
}

// New declares a fault. The code is part of the public contract.
func New(kind Kind, code, sentence string) *Fault {
	return &Fault{kind: kind, code: code, sentence: sentence}
}

// Of declares a fault about one field of what was sent.
func Of(field string, kind Kind, code, sentence string) *Fault {
	return &Fault{kind: kind, code: code, sentence: sentence, field: field}
}

// After returns f with the time after which asking again makes sense.
func (f *Fault) After(wait time.Duration) *Fault {
	later := *f
	later.wait, later.of = wait, f.origin()
	return &later
}

// Kind says what sort of refusal it is.
func (f *Fault) Kind() Kind { return f.kind }

// Code is the refusal's public name, such as "room-not-found".
func (f *Fault) Code() string { return f.code }

// Field names the field that the refusal is about; it is empty if none is.
func (f *Fault) Field() string { return f.field }

// Wait is the time after which asking again makes sense; zero if unknown.
func (f *Fault) Wait() time.Duration { return f.wait }

// Error is a sentence for people. It never contains what was sent.
func (f *Fault) Error() string { return f.sentence }

// Is makes a fault with a wait, or one that hides, equal to what it was declared as.
func (f *Fault) Is(target error) bool {
	other, ok := target.(*Fault)
	return ok && f.origin() == other.origin()
}

func (f *Fault) origin() *Fault {
	if f.of != nil {
		return f.of
	}
	return f
}
