package relaying_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"parley/application/port"
	"parley/application/relaying"
	"parley/domain/sequence"
)

func TestOneRelayAtATimeAndTheOtherGoesOn(t *testing.T) {
	play(t, func(w *world) {
		_, stop := w.relay()
		w.relay()
		w.happens(port.MessageCreated, 3)
		soon()
		w.has("1, 2, 3")
		stop()
		w.happens(port.MessageCreated, 2)
		time.Sleep(2 * time.Second)
		w.has("1, 2, 3, 4, 5")
	})
}

// A node that was stopped in the midst of publishing, and meanwhile another one has
// had a turn: that one update may come late, and nothing after it.
func TestWhoWasStoppedFinishesOneUpdateAndNoOther(t *testing.T) {
	play(t, func(w *world) {
		late := make(chan struct{})
		stopped := func(s *relaying.Settings) {
			inner := s.Publish
			s.Publish = func(ctx context.Context, item relaying.Item) error {
				if item.Entry.Place.Position == 2 {
					<-late
					return inner(context.WithoutCancel(ctx), item)
				}
				return inner(ctx, item)
			}
			s.Relays = deaf{s.Relays}
		}
		w.relay(stopped)
		w.happens(port.MessageCreated, 5)
		soon()
		w.has("1")
		w.change(func() { w.holder = nil }) // as a store does that has not heard of it for long
		w.relay()
		soon()
		w.has("1, 1, 2, 3, 4, 5")
		time.Sleep(time.Minute)
		close(late)
		soon()
		w.has("1, 1, 2, 3, 4, 5, 2")
		w.happens(port.MessageCreated, 1)
		soon()
		w.has("1, 1, 2, 3, 4, 5, 2, 6")
	})
}

// Stopped between two updates, it does not even do that.
func TestWhoWasStoppedBetweenUpdatesPublishesNothing(t *testing.T) {
	play(t, func(w *world) {
		late := make(chan struct{})
		w.relay(func(s *relaying.Settings) { s.Log, s.Relays = &stops{Log: w, until: late}, deaf{s.Relays} })
		soon()
		w.happens(port.MessageCreated, 3)
		w.overtakes(late)
	})
}

// Stopped while it takes its turn, it does not know that the turn is over either.
func TestWhoWasStoppedWhileTakingATurnPublishesNothing(t *testing.T) {
	play(t, func(w *world) {
		late := make(chan struct{})
		w.relay(func(s *relaying.Settings) { s.Relays = &slow{Relays: s.Relays, until: late} })
		w.happens(port.MessageCreated, 3)
		w.overtakes(late)
	})
}

// overtakes lets another node have the turn of one that is stopped, and publish the
// three updates. A minute later the first goes on, and publishes nothing.
func (w *world) overtakes(late chan<- struct{}) {
	w.t.Helper()
	soon()
	w.change(func() { w.holder = nil })
	w.relay()
	soon()
	w.has("1, 2, 3")
	time.Sleep(time.Minute)
	close(late)
	soon()
	w.has("1, 2, 3")
}

// slow stops whoever takes a turn once they have it, until later.
type slow struct {
	port.Relays
	until <-chan struct{}
}

func (s *slow) TakeRelay(ctx context.Context, hub string) (port.RelayTurn, bool, error) {
	turn, had, err := s.Relays.TakeRelay(ctx, hub)
	<-s.until
	return turn, had, err
}

// stops stops whoever reads something, until later.
type stops struct {
	port.Log
	until <-chan struct{}
}

func (s *stops) From(ctx context.Context, from sequence.Position, limit int) ([]port.Entry, error) {
	entries, err := s.Log.From(ctx, from, limit)
	if len(entries) > 1 {
		<-s.until
	}
	return entries, err
}

// deaf is a node that finds out nothing about its turn by itself, for what it has
// asked before it was stopped is never answered.
type deaf struct{ port.Relays }

func (d deaf) TakeRelay(ctx context.Context, hub string) (port.RelayTurn, bool, error) {
	turn, had, err := d.Relays.TakeRelay(ctx, hub)
	return &deafTurn{RelayTurn: turn}, had, err
}

type deafTurn struct {
	port.RelayTurn
	asked atomic.Bool
}

func (t *deafTurn) Lasts(ctx context.Context) error {
	if !t.asked.Swap(true) {
		<-ctx.Done()
		return nil
	}
	return t.RelayTurn.Lasts(ctx)
}
