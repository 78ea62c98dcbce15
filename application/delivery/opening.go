package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/application/port"
	"parley/domain/fault"
	"parley/domain/identity"
	"parley/domain/sequence"
)

// ErrTooMany means that the user, or this node, has as many readings open as may
// be.
var ErrTooMany = fault.New(fault.Limited, "too-many-streams", "Too many streams are open already.")

// openTime is how long opening a reading may wait for this node to catch up.
const openTime = 2 * time.Second

// register makes a reader known, so that from now on it misses no end of its
// session.
func (t *Tail) register(q FollowQuery) (*reader, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.draining || !t.fresh():
		return nil, ErrBusy
	case t.StreamsTotal > 0 && len(t.live.all) >= t.StreamsTotal,
		t.StreamsPerUser > 0 && len(t.live.users[q.Who.User]) >= t.StreamsPerUser,
		t.StreamsPerAddress > 0 && q.isGuest() && len(t.live.addresses[q.Address]) >= t.StreamsPerAddress:
		return nil, ErrTooMany
	}
	r := &reader{tail: t, who: q.Who, what: q.What, wake: make(chan struct{}, 1), reached: q.Reached, reach: t.firstReach()}
	if q.isGuest() {
		r.guest = newGuest(&t.live, q)
	}
	t.live.register(r)
	return r, nil
}

func (t *Tail) leave(r *reader) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live.leave(r)
}

// open finds out where the reader begins and gives it its rights as of a place
// that the log has been applied to. Nothing may be handed to it before.
func (t *Tail) open(ctx context.Context, r *reader, from Start) (Mode, error) {
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	var start sequence.Place
	var resumes bool
	err := t.inTurn(ctx, func() (err error) {
		start, resumes, err = r.resolve(ctx, from)
		return err
	})
	if err != nil {
		return 0, busy(err)
	}
	for {
		var held port.Rights
		err := t.inTurn(ctx, func() (err error) {
			if r.guest != nil {
				held.Head, err = t.Log.Head(ctx)
				return err
			}
			held, err = t.Log.Rights(ctx, r.who)
			return err
		})
		if err != nil {
			return 0, busy(err)
		}
		for _, in := range held.Rooms {
			r.wantsRoom(in) // is remembered, so that nobody waits for it later
		}
		if err := t.await(ctx, held.Head.Position, time.Time{}); err != nil {
			return 0, busy(err)
		}
		if installed, err := t.install(r, held, start, resumes); installed || err != nil {
			return mode(from, resumes), err
		}
	}
}

// install brings rights that were read at a head up to the place that the log
// has been applied to, and installs them. It returns false if memory does not go
// back to that head: they must be read again.
func (t *Tail) install(r *reader, held port.Rights, start sequence.Place, resumes bool) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.started || held.Head.Position < t.memory.floor.Position {
		return false, nil
	}
	if at, ok := t.memory.at(held.Head.Position); !ok || at != held.Head {
		return false, ErrBusy // the log is not the one that this node has read
	}
	brought := newRights(held.Head.Position, held.Rooms)
	for _, event := range t.memory.after(held.Head.Position) {
		if isAbout(event.Entry, r.who.User, &brought) {
			brought.affect(event.Entry)
		}
	}
	if r.closing != nil {
		return false, r.refusal()
	}
	t.live.install(r, brought)
	r.place, r.since = t.memory.end, t.memory.end.Position
	if resumes {
		r.place = start
		r.behind = start.Position < t.memory.end.Position
	}
	return true, nil
}

// refusal is the answer to a reading that was ended before it began. The lock is
// held.
func (r *reader) refusal() error {
	if r.closing.Reason == Revoked {
		return identity.ErrSessionEnded
	}
	return ErrBusy
}

// resolvePlace compares a place with the entry at its position. The log itself is
// asked, whatever memory has: it may have been pruned further than memory knows.
// And a place ahead of this node is normal, for another node may have given it;
// the reader's rights, which are read later, are waited for.
func (t *Tail) resolvePlace(ctx context.Context, p sequence.Place) (sequence.Place, bool, error) {
	entries, err := t.Log.From(ctx, p.Position, 1)
	if err != nil {
		return sequence.Place{}, false, err
	}
	return p, len(entries) > 0 && entries[0].Place == p, nil
}

func mode(from Start, resumes bool) Mode {
	switch {
	case resumes:
		return Replay
	case from.kind == fromNow:
		return Live
	default:
		return Reset
	}
}

// busy makes of an error that is no refusal the answer to ask again later.
func busy(err error) error {
	if refusal := new(fault.Fault); errors.As(err, &refusal) {
		return err
	}
	return fmt.Errorf("%w (%v)", ErrBusy, err) // the cause is for the log alone
}
