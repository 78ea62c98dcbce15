package message

import (
	"time"

	"parley/domain/identity"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// Draft is what somebody wants to say.
type Draft struct {
	Author  identity.Caller
	Room    room.ID
	Content Content
	Key     Key   // zero: none
	ReplyTo ID    // zero: to none
	Print   Print // tells this request from another with the same key
}

// Print is a keyed hash of what a draft says and where. It outlives the words,
// which cannot be guessed from it. The zero Print is that of a message whose
// words are gone.
type Print [16]byte

// Sent is the answer to a draft: the message that it is.
type Sent struct {
	Message  Message
	Replayed bool // it was sent before
}

// Ground is what the decisions on a batch of drafts rest on, all of it read
// under the log's lock.
type Ground struct {
	At       time.Time // the store's clock
	Pace     Pace
	Sessions map[identity.SessionID]identity.Session
	Rooms    map[room.ID]policy.Kind // without those that have been deleted
	Seats    map[Seat]Occupant
	Known    map[Name]Known
	Replies  map[ID]room.ID // where the messages that are replied to stand
	Paces    map[identity.UserID]time.Time
	Ends     map[room.ID]End
}

// Seat is somebody's place in a room.
type Seat struct {
	Room room.ID
	User identity.UserID
}

// Occupant is who has a seat: their standing, and their name as it reads now.
type Occupant struct {
	Standing policy.Standing
	Person   identity.Person
}

// Name is a key with its author: it names at most one message, for as long as that
// is kept.
type Name struct {
	Author identity.UserID
	Key    Key
}

// Known is the message that a name stands for.
type Known struct {
	Message *Message
	Print   Print
}

// End is where a room ends now.
type End struct {
	Sequence sequence.Number // of its last message
	At       time.Time       // of the last thing that happened in it
}

// Ledger decides a batch of drafts one after another, each in sight of what
// those before it became.
type Ledger struct {
	ground Ground
	fresh  []*Fresh
	paces  map[identity.UserID]time.Time
}

// Fresh is a message that a draft has become. Its ID is still to be given.
type Fresh struct {
	Message Message
	Print   Print
}

// NewLedger starts a batch on this ground, which it takes over.
func NewLedger(ground Ground) *Ledger {
	return &Ledger{ground: ground, paces: make(map[identity.UserID]time.Time)}
}

// Fresh has the messages that the drafts have become, in order.
func (l *Ledger) Fresh() []*Fresh { return l.fresh }

// Paces has the new state of everybody whose pace was used, or set right.
func (l *Ledger) Paces() map[identity.UserID]time.Time { return l.paces }

// Decide takes or refuses a draft. The message that it returns is known from
// before, or one of [Ledger.Fresh]; it points at what the store will complete.
//
// The order is part of the contract: who has lost the session or the room learns
// nothing, not even of a key they used; a repeated key costs nothing.
func (l *Ledger) Decide(d Draft) (said *Message, replayed bool, err error) {
	if err := l.ground.Sessions[d.Author.Session].Admit(d.Author.User); err != nil {
		return nil, false, err
	}
	occupant := l.ground.Seats[Seat{d.Room, d.Author.User}]
	if err := policy.Check(l.standing(d.Room, occupant), policy.Send, l.ground.Rooms[d.Room]); err != nil {
		return nil, false, err
	}
	if known, ok := l.known(d); ok {
		if known.Print != (Print{}) && known.Print != d.Print {
			return nil, false, ErrKeyUsed
		}
		return known.Message, true, nil
	}
	if in, ok := l.ground.Replies[d.ReplyTo]; !d.ReplyTo.IsZero() && (!ok || in != d.Room) {
		return nil, false, ErrReplyTo
	}
	if err := l.pace(d.Author.User); err != nil {
		return nil, false, err
	}
	return l.take(d, occupant.Person), false, nil
}

// standing: whatever somebody was to a room that is gone, it is gone.
func (l *Ledger) standing(in room.ID, occupant Occupant) policy.Standing {
	if _, exists := l.ground.Rooms[in]; !exists {
		return policy.Outsider
	}
	return occupant.Standing
}

func (l *Ledger) known(d Draft) (Known, bool) {
	if d.Key.IsZero() {
		return Known{}, false
	}
	known, ok := l.ground.Known[Name{d.Author.User, d.Key}]
	return known, ok
}

func (l *Ledger) pace(who identity.UserID) error {
	state, used := l.paces[who]
	if !used {
		state = l.ground.Paces[who]
	}
	next, wait := l.ground.Pace.Take(state, l.ground.At)
	if wait > 0 {
		if next.Before(state) { // a clock was set back: from now on it is as far ahead as it counts
			l.paces[who] = next
		}
		return ErrTooFast.After(wait)
	}
	if l.ground.Pace.PerMinute > 0 {
		l.paces[who] = next
	}
	return nil
}

func (l *Ledger) take(d Draft, author identity.Person) *Message {
	end := l.ground.Ends[d.Room]
	fresh := &Fresh{Print: d.Print, Message: Message{
		Room:      d.Room,
		Sequence:  end.Sequence.Next(),
		Author:    author,
		Content:   d.Content,
		Key:       d.Key,
		ReplyTo:   d.ReplyTo,
		CreatedAt: sequence.After(end.At, l.ground.At),
		Version:   1,
	}}
	l.ground.Ends[d.Room] = End{Sequence: fresh.Message.Sequence, At: fresh.Message.CreatedAt}
	if !d.Key.IsZero() {
		l.ground.Known[Name{d.Author.User, d.Key}] = Known{Message: &fresh.Message, Print: d.Print}
	}
	l.fresh = append(l.fresh, fresh)
	return &fresh.Message
}
