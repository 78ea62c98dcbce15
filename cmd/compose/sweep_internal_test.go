package compose

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/application"
	"parley/application/messages"
	"parley/application/port"
	"parley/application/rooms"
	"parley/domain/message"
)

// dusty is a store with something in it that is too old.
type dusty struct {
	port.Work
	left   atomic.Int64 // slices
	before atomic.Int64
}

func (d *dusty) Change(ctx context.Context, step func(context.Context, port.Scope) error) error {
	return step(ctx, port.Scope{At: time.Now(), Revising: dust{dusty: d}})
}

type dust struct {
	port.Revising
	*dusty
}

func (dust) Sweep(context.Context, int) (bool, error) { return false, nil }

func (d dust) Prune(_ context.Context, before time.Time, _ int) (bool, error) {
	d.before.Store(before.Unix())
	return d.left.Add(-1) > 0, nil
}

// What is too old goes soon, slice after slice, with a pause between them.
func TestARunningProgramTakesAwayWhatIsTooOld(t *testing.T) {
	for says, c := range map[string]struct {
		settings Settings
		left     int64
	}{
		"thirty days": {Settings{RetentionDays: 30}, 0},
		"for ever":    {Settings{}, 100},
	} {
		t.Run(says, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				work := &dusty{}
				work.left.Store(100)
				p := &Program{log: slog.New(slog.DiscardHandler), App: application.App{
					SweepRooms: rooms.Sweep{Work: work}, Prune: messages.Prune{Work: work, Keep: c.settings.retention()},
				}}
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan struct{})
				go func() { p.sweep(ctx); close(ended) }()
				began := time.Now()
				time.Sleep(sweepEvery*5/4 + 99*sweepPause + time.Second)
				cancel()
				<-ended
				if left := max(work.left.Load(), 0); left != c.left {
					t.Errorf("%d slices are left, want %d", left, c.left)
				}
				if before := time.Unix(work.before.Load(), 0); c.left == 0 && began.Sub(before) < 29*day {
					t.Errorf("took what is of before %s on %s", before, began)
				}
			})
		})
	}
	if got, want := (Settings{RetentionDays: maxDays}).retention(), message.Retention(maxDays*day); got != want {
		t.Errorf("the longest retention: got %d, want %d", got, want)
	}
}
