package relaying_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/application/port"
	"parley/application/relaying"
	"parley/domain/sequence"
)

func TestEverythingThatIsHeardIsHandedOnInOrder(t *testing.T) {
	play(t, func(w *world) {
		w.happens(port.MessageCreated, 3) // before the relay begins
		w.relay()
		w.happens(port.MessageCreated, 2)
		w.happens(port.SessionEnded, 1)
		w.happens(port.UpdatePublished, 1)
		w.happens(port.MessageEdited, 1)
		soon()
		w.has("4, 5, 8")
		w.happens(port.RoomDeleted, 200) // more than one read takes
		soon()
		if len(w.took) != 203 || w.took[202] != "208" {
			t.Errorf("the hub took %d, the last of which is %s", len(w.took), w.took[len(w.took)-1])
		}
	})
}

func TestWhatIsGoneOrOfALaterProgramIsPassed(t *testing.T) {
	play(t, func(w *world) {
		w.relay()
		w.happens(port.MessageCreated, 3)
		w.change(func() { w.entries[2].Gone = true })
		w.happens(99, 1)
		w.happens(port.MessageCreated, 1)
		soon()
		w.has("1, 3, 5")
	})
}

func TestARingIsHeardAtOnce(t *testing.T) {
	play(t, func(w *world) {
		r, _ := w.relay(func(s *relaying.Settings) { s.Poll = time.Hour })
		synctest.Wait()
		w.happens(port.MessageCreated, 1)
		r.Ring(1)
		w.has("1")
	})
}

func TestARelayGoesOnWhereItStopped(t *testing.T) {
	play(t, func(w *world) {
		_, stop := w.relay()
		w.happens(port.MessageCreated, 3)
		soon()
		w.happens(port.MessageCreated, 1)
		time.Sleep(250 * time.Millisecond) // it is handed on, and may not be kept
		stop()
		w.happens(port.MessageCreated, 2)
		w.relay()
		soon()
		w.has("1, 2, 3, 4, 5, 6")
	})
}

// A crash between the hub's answer and the keeping of the place.
func TestWhatWasNotKeptComesAgainAndNothingIsMissing(t *testing.T) {
	play(t, func(w *world) {
		_, stop := w.relay()
		w.happens(port.MessageCreated, 2)
		soon()
		w.change(func() { w.keeping = port.ErrUnavailable })
		w.happens(port.MessageCreated, 2)
		soon()
		stop()
		w.change(func() { w.keeping = nil })
		w.relay()
		soon()
		w.has("1, 2, 3, 4, 3, 4")
	})
}

func TestAHubThatIsNotThereIsTriedEverMoreRarely(t *testing.T) {
	play(t, func(w *world) {
		var up atomic.Bool
		w.answer = func(context.Context, relaying.Item) error {
			if !up.Load() {
				return errHub
			}
			return nil
		}
		w.relay()
		w.happens(port.MessageCreated, 3)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		var asked []time.Time
		w.change(func() { asked = slices.Clone(w.asked) })
		if n := len(asked); n < 60 || n > 90 {
			t.Errorf("the hub was asked %d times in ten minutes", n)
		}
		for i := 1; i < len(asked); i++ {
			if pause := asked[i].Sub(asked[i-1]); pause < 100*time.Millisecond || pause > 10*time.Second {
				t.Errorf("try %d came after %v", i+1, pause)
			}
		}
		up.Store(true)
		time.Sleep(10 * time.Second)
		w.has("1, 2, 3")
		if begins, ends := strings.Count(w.said.String(), "is not handed on"), strings.Count(w.said.String(), "handed on again"); begins != 1 || ends != 1 {
			t.Errorf("the trouble began %d times and ended %d times in the log:\n%s", begins, ends, w.said.String())
		}
	})
}

// Whatever a hub does, the order is kept and nothing is skipped.
func TestABadDayChangesNoOrder(t *testing.T) {
	play(t, func(w *world) {
		n := 0
		w.answer = func(context.Context, relaying.Item) error {
			n++
			switch n % 4 {
			case 0:
				return errHub
			case 1:
				return fmt.Errorf("%w: too large", relaying.ErrEntry)
			default:
				return nil
			}
		}
		w.relay()
		var want []string
		for i := range 50 {
			w.happens(port.MessageCreated, 1)
			want = append(want, fmt.Sprint(i+1))
		}
		time.Sleep(10 * time.Minute)
		w.has(strings.Join(want, ", "))
	})
}

func TestAnEntryThatTheHubDoesNotTakeKeepsBackNoOther(t *testing.T) {
	play(t, func(w *world) {
		w.answer = func(_ context.Context, item relaying.Item) error {
			if item.Entry.Place.Position == 2 && !item.Withheld {
				return relaying.ErrEntry
			}
			return nil
		}
		w.relay()
		w.happens(port.MessageCreated, 3)
		time.Sleep(50 * time.Second)
		w.has("1")
		time.Sleep(30 * time.Second)
		w.has("1, 2 withheld, 3")
		if !strings.Contains(w.said.String(), "level=ERROR") {
			t.Errorf("nobody is told: %s", w.said.String())
		}
	})
}

func TestAHubThatTakesNothingIsGivenNothingElse(t *testing.T) {
	play(t, func(w *world) {
		var mended atomic.Bool
		w.answer = func(context.Context, relaying.Item) error {
			if !mended.Load() {
				return relaying.ErrEntry
			}
			return nil
		}
		w.relay()
		w.happens(port.MessageCreated, 2)
		time.Sleep(time.Hour)
		w.has("")
		mended.Store(true)
		time.Sleep(10 * time.Second)
		w.has("1, 2")
	})
}

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
		soon()
		w.change(func() { w.holder = nil })
		w.relay()
		soon()
		w.has("1, 2, 3")
		time.Sleep(time.Minute)
		close(late)
		soon()
		w.has("1, 2, 3")
	})
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

func TestWhatRetentionHasTakenIsPassedAndSaid(t *testing.T) {
	play(t, func(w *world) {
		_, stop := w.relay()
		w.happens(port.MessageCreated, 1)
		soon()
		stop()
		w.happens(port.MessageCreated, 5)
		w.change(func() { w.entries = w.entries[4:]; w.entries[0].Kind = port.Genesis })
		w.relay()
		soon()
		w.has("1, 5, 6")
		if !strings.Contains(w.said.String(), "pruned") {
			t.Errorf("nobody is told: %s", w.said.String())
		}
	})
}

func TestAnotherLogIsHandedOnFromItsHead(t *testing.T) {
	for name, entries := range map[string]int{"a longer one": 8, "a shorter one": 2, "one as long": 3} {
		t.Run(name, func(t *testing.T) {
			play(t, func(w *world) {
				w.relay()
				w.happens(port.MessageCreated, 3)
				soon()
				w.mu.Lock()
				w.entries = []port.Entry{{Kind: port.Genesis, Place: sequence.Place{Mark: 1000}}}
				w.mu.Unlock()
				w.happens(port.MessageCreated, entries)
				soon()
				w.happens(port.MessageCreated, 1)
				soon()
				w.has(fmt.Sprintf("1, 2, 3, %d", entries+1))
				if !strings.Contains(w.said.String(), "another one") {
					t.Errorf("nobody is told: %s", w.said.String())
				}
			})
		})
	}
}

func TestADamagedLogIsNeverSkipped(t *testing.T) {
	play(t, func(w *world) {
		w.relay()
		w.happens(port.MessageCreated, 3)
		w.mu.Lock()
		w.entries = append(w.entries[:2:2], w.entries[3:]...)
		w.mu.Unlock()
		time.Sleep(time.Hour)
		w.has("")
	})
}

func TestALogThatIsAwayIsReadAgain(t *testing.T) {
	play(t, func(w *world) {
		w.relay()
		soon()
		w.mu.Lock()
		w.away = port.ErrUnavailable
		w.mu.Unlock()
		w.happens(port.MessageCreated, 3)
		time.Sleep(time.Minute)
		w.has("")
		w.mu.Lock()
		w.away = nil
		w.mu.Unlock()
		time.Sleep(10 * time.Second)
		w.has("1, 2, 3")
	})
}

// What is deleted is not handed on because it was read before.
func TestWhatIsReadIsHandedOnAtOnceOrReadAgain(t *testing.T) {
	play(t, func(w *world) {
		var up atomic.Bool
		w.answer = func(_ context.Context, item relaying.Item) error {
			if !up.Load() {
				return errHub
			}
			if item.Entry.Gone || item.Entry.Kind != port.MessageDeleted {
				return errors.New("this is not there any more")
			}
			return nil
		}
		w.relay()
		w.happens(port.MessageCreated, 3)
		soon()
		w.mu.Lock()
		for i := range w.entries {
			w.entries[i].Kind = port.MessageDeleted
		}
		up.Store(true)
		w.mu.Unlock()
		time.Sleep(10 * time.Second)
		w.has("1, 2, 3")
	})
}

func TestASlowHubGetsNothingThatWasReadLongAgo(t *testing.T) {
	play(t, func(w *world) {
		w.answer = func(_ context.Context, item relaying.Item) error {
			time.Sleep(150 * time.Millisecond)
			if item.Entry.Place.Position > 1 && item.Entry.Kind == port.MessageCreated {
				t.Errorf("%d is handed on as it was", item.Entry.Place.Position)
			}
			return nil
		}
		w.relay()
		synctest.Wait()
		w.happens(port.MessageCreated, 3)
		time.Sleep(300 * time.Millisecond) // the first one is on its way
		w.mu.Lock()
		for i := range w.entries {
			w.entries[i].Kind = port.MessageDeleted
		}
		w.mu.Unlock()
		soon()
		w.has("1, 2, 3")
	})
}

func TestEverybodyWhoWasInARoomHearsOfItsEnd(t *testing.T) {
	play(t, func(w *world) {
		concerned := 0
		w.answer = func(_ context.Context, item relaying.Item) error {
			concerned = len(item.Users)
			return nil
		}
		w.relay()
		w.happens(port.RoomDeleted, 1)
		soon()
		if concerned != 2500 {
			t.Errorf("%d hear of it, want 2500", concerned)
		}
	})
}
