package messages

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// Page shows a part of a room's messages.
type Page struct{ Work port.Work }

// PageQuery says which part of which room is wanted, and by whom.
type PageQuery struct {
	Who   identity.Caller
	Room  room.ID
	Which Which
	Limit int
}

// Which is the part of a room's messages that is wanted.
type Which struct {
	kind whichKind
	at   sequence.Number
}

type whichKind int

const (
	last whichKind = iota
	before
	after
	around
)

// Last are the last messages. It is the zero Which.
func Last() Which { return Which{} }

// Before are the messages just before one.
func Before(n sequence.Number) Which { return Which{before, n} }

// After are the messages just after one.
func After(n sequence.Number) Which { return Which{after, n} }

// Around are a message and those next to it: half of them before it. A side
// that has too few is not made up for by the other; a message outside the room
// is taken as the nearest.
func Around(n sequence.Number) Which { return Which{around, n} }

// Messages is a part of a room's messages, with the place in the log that it
// shows: a stream from there on tells of everything that it does not show.
type Messages struct {
	Items          []message.Message // ascending
	FirstAvailable sequence.Number   // of the room
	HasBefore      bool
	HasAfter       bool
	Place          sequence.Place
}

// First is the sequence of the first item; 0 if there is none.
func (m Messages) First() sequence.Number {
	if len(m.Items) == 0 {
		return 0
	}
	return m.Items[0].Sequence
}

// Last is the sequence of the last item; 0 if there is none.
func (m Messages) Last() sequence.Number {
	if len(m.Items) == 0 {
		return 0
	}
	return m.Items[len(m.Items)-1].Sequence
}

// Handle returns that part of the room.
func (uc Page) Handle(ctx context.Context, q PageQuery) (Messages, error) {
	var page Messages
	err := uc.Work.Look(ctx, func(ctx context.Context, v port.View) (err error) {
		if err = v.May(ctx, q.Who.User, policy.Read, q.Room); err != nil {
			return err
		}
		page, err = read(ctx, v, q)
		return err
	})
	if err != nil {
		return Messages{}, fmt.Errorf("list the messages of room %s: %w", q.Room, err)
	}
	return page, nil
}

func read(ctx context.Context, v port.View, q PageQuery) (Messages, error) {
	first, end, err := v.Messages.Bounds(ctx, q.Room)
	if err != nil {
		return Messages{}, err
	}
	part := q.Which.within(first, end, q.Limit)
	items, err := v.Messages.Range(ctx, q.Room, part)
	if err != nil {
		return Messages{}, err
	}
	page := Messages{Items: items, FirstAvailable: first, Place: v.Head}
	if len(items) > 0 {
		page.HasBefore = page.First() > first
		page.HasAfter = page.Last() < end
	} else {
		page.HasBefore = part.To >= first && end >= first
		page.HasAfter = part.From <= end && part.To < first
	}
	return page, nil
}

// within is what w means in a room whose messages are first to end.
func (w Which) within(first, end sequence.Number, limit int) port.Range {
	switch w.kind {
	case before:
		return port.Range{From: first, To: min(max(w.at, first)-1, end), Limit: limit, Last: true}
	case after:
		return port.Range{From: max(min(w.at, end)+1, first), To: end, Limit: limit}
	case around:
		middle := max(min(w.at, end), first)
		half := sequence.Number(limit / 2)
		return port.Range{From: max(middle-half, first), To: min(middle+sequence.Number(limit)-1-half, end), Limit: limit}
	case last:
		return port.Range{From: first, To: end, Limit: limit, Last: true}
	default:
		return port.Range{}
	}
}
