package relaying_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/application/port"
	"parley/application/relaying"
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
