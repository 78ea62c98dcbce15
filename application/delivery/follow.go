package delivery

import (
	"context"
	"time"

	"parley/domain/fault"
	"parley/domain/hub"
	"parley/domain/identity"
	"parley/domain/sequence"
)

// ErrBusy means that a reading cannot be opened now, and can be later.
var ErrBusy = fault.New(fault.Unavailable, "storage-unavailable", "The stream cannot be opened now; try again.")

// Follow lets somebody hear what happens.
type Follow struct {
	Tail *Tail
}

// FollowQuery says who wants to hear what.
type FollowQuery struct {
	Who   identity.Caller // a user; zero if whoever reads is none
	What  Selection
	From  Start
	Until time.Time // when it ends at the latest: that of the token

	// Grant is what whoever is no user may hear, whatever the rooms' participants
	// are; the zero Grant lets them hear what is public.
	Grant hub.Grant

	// Address is where whoever is no user comes from: there is a limit for each.
	Address string

	// Reached, if there is one, is told the reader's place whenever everything that
	// there is has been handed out, between two calls of the sink. An error ends
	// the reading. It is for transports that answer once and then are gone: they
	// learn from it that there is nothing to wait for, and where to go on from.
	Reached func(sequence.Place) error
}

// isGuest reports whether whoever reads is no user.
func (q FollowQuery) isGuest() bool { return q.Who == identity.Caller{} }

// Start is where a reading begins. The zero Start is now.
type Start struct {
	kind  startKind
	place sequence.Place
	id    string
}

type startKind int

const (
	fromNow startKind = iota
	fromPlace
	fromEarliest
	fromNamed
	fromNowhere
)

// FromPlace begins after a place in the log.
func FromPlace(p sequence.Place) Start { return Start{kind: fromPlace, place: p} }

// FromEarliest begins with the first entry that is kept.
func FromEarliest() Start { return Start{kind: fromEarliest} }

// FromNamed begins after the earliest update that has this id of its publisher's,
// if the reader may hear it now.
func FromNamed(id string) Start { return Start{kind: fromNamed, id: id} }

// FromUnreadable is for a cursor that names no place: it is answered with Reset.
func FromUnreadable() Start { return Start{kind: fromNowhere} }

// Handle reads until ctx ends, the sink fails, or there is a reason to close. An
// error before [Sink.Opened] has been called is a refusal: ErrBusy,
// identity.ErrSessionEnded.
func (uc Follow) Handle(ctx context.Context, q FollowQuery, sink Sink) error {
	return uc.Tail.follow(ctx, q, sink)
}
