package relaying_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/application/port"
	"parley/application/relaying"
	"parley/domain/sequence"
)

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
