// Package pollfeed serves the log to who asks again and again: each poll is
// answered with what has happened since the last one, or waits for it a while. It
// is a reader like any other, so a client may change between this and a stream
// whenever it likes.
package pollfeed

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"parley/adapters/wire"
	"parley/application/delivery"
	"parley/domain/identity"
	"parley/domain/sequence"
)

const (
	// MaxEvents is how many events a poll is answered with at most.
	MaxEvents = 500
	// grace is how much longer than it was to wait a poll may take to find out
	// what there is, and whether it may be told at all.
	grace = 3 * time.Second
	// stalled is how long an answer may take before its reader counts as gone.
	stalled = 30 * time.Second
)

// Feed answers polls.
type Feed struct {
	Follow  func(context.Context, delivery.FollowQuery, delivery.Sink) error
	Cursors *wire.Cursors
	Now     func() time.Time

	once   sync.Once
	format *delivery.Format
}

// Serve answers one poll of who has shown this proof. An error is a refusal, and
// nothing has been written then. When it returns, nothing is left of the reading.
func (f *Feed) Serve(w http.ResponseWriter, r *http.Request, proof identity.Proof) error {
	f.once.Do(func() { f.format = &delivery.Format{Encode: encode} })
	asked, err := parse(r.URL.Query())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	p := &poll{asked: asked, began: time.Now(), enough: cancel}
	defer p.stop()
	err = f.Follow(ctx, delivery.FollowQuery{
		Who:     proof.Caller,
		What:    asked.what,
		From:    f.start(asked.after),
		Until:   proof.Until,
		Reached: p.reached,
	}, p)
	switch {
	case err != nil && !errors.Is(err, errAnswered):
		return err
	case p.ended:
		return identity.ErrSessionEnded
	case !p.placed:
		return delivery.ErrBusy // not even whether there is something could be found out
	default:
		return f.answer(w, p)
	}
}

// start is where a poll begins.
func (f *Feed) start(after string) delivery.Start {
	switch after {
	case "":
		return delivery.Start{}
	case "earliest":
		return delivery.FromEarliest()
	}
	if place, ok := f.Cursors.Open(after); ok {
		return delivery.FromPlace(place)
	}
	return delivery.FromUnreadable()
}

// errAnswered ends a reading that has given its poll all that it is to have.
var errAnswered = errors.New("pollfeed: the poll is answered")

// poll is the sink of one reader: an answer in the making. It holds the events
// themselves, and none of their bytes before they are written: what is deleted
// meanwhile is not in it.
type poll struct {
	asked request
	began time.Time

	opened delivery.Opened
	events []delivery.Delivered
	place  sequence.Place // everything up to it is in events, or is not for this reader
	placed bool           // place is known
	ended  bool           // the session is over

	enough  context.CancelFunc
	clocks  []*time.Timer
	waited  atomic.Bool // it has waited for as long as it was to
	reading atomic.Bool // it is not known yet whether there is anything
}

// Opened answers at once who sent no place, or one that is not there: then there
// is nothing to wait for.
func (p *poll) Opened(o delivery.Opened) error {
	p.opened = o
	if o.Mode != delivery.Replay {
		p.stand(o.Place)
		return errAnswered
	}
	p.reading.Store(true)
	p.waited.Store(p.asked.wait == 0)
	p.clocks = []*time.Timer{
		time.AfterFunc(p.asked.wait, func() {
			p.waited.Store(true)
			if !p.reading.Load() {
				p.enough()
			}
		}),
		time.AfterFunc(p.asked.wait+grace-time.Since(p.began), p.enough),
	}
	return nil
}

// stop stops the clocks.
func (p *poll) stop() {
	for _, clock := range p.clocks {
		clock.Stop()
	}
}

// Hand takes events until the poll is full. What it leaves out is behind its
// place, and so comes with the next one.
func (p *poll) Hand(batch []delivery.Delivered) error {
	free := MaxEvents - len(p.events)
	p.events = append(p.events, batch[:min(len(batch), free)]...)
	p.stand(p.events[len(p.events)-1].Event.Entry.Place)
	if len(p.events) == MaxEvents {
		return errAnswered
	}
	return nil
}

// reached is told when everything that there is has been handed out.
func (p *poll) reached(at sequence.Place) error {
	p.stand(at)
	p.reading.Store(false)
	if len(p.events) > 0 || p.waited.Load() {
		return errAnswered
	}
	return nil
}

func (p *poll) stand(at sequence.Place) { p.place, p.placed = at, true }

// Passed is the place at which a reading closes.
func (p *poll) Passed(at sequence.Place) error {
	p.stand(at)
	return nil
}

// Quiet has nobody to reassure: who polls knows how long they wait.
func (p *poll) Quiet() error { return nil }

// Signal is never called: there are no signals for users yet.
func (p *poll) Signal([]*delivery.Signal, sequence.Place) error { return nil }

// Closing ends the wait with what there is; but who is signed out gets nothing.
func (p *poll) Closing(c delivery.Closing) error {
	p.ended = c.Reason == delivery.Revoked
	return nil
}
