package compose

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/application"
	"parley/application/port"
	"parley/application/retention"
	"parley/application/rooms"
	"parley/domain/message"
)

// dusty is a store with something in it that is too old.
type dusty struct {
	port.Work
	log, updates layer
}

// layer is one kind of what is old.
type layer struct {
	left   atomic.Int64 // slices
	before atomic.Int64
}

func (l *layer) take(before time.Time) (bool, error) {
	l.before.Store(before.Unix())
	return l.left.Add(-1) > 0, nil
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
	return d.log.take(before)
}

func (d dust) PruneUpdates(_ context.Context, before time.Time, _ int) (bool, error) {
	return d.updates.take(before)
}

// What is too old goes soon, slice after slice, with a pause between them.
func TestARunningProgramTakesAwayWhatIsTooOld(t *testing.T) {
	const slices = 100
	for says, c := range map[string]struct {
		settings     Settings
		log, updates time.Duration // that are kept; 0: for ever
	}{
		"thirty days":                   {Settings{RetentionDays: 30}, 30 * day, 30 * day},
		"thirty days, and one of those": {Settings{RetentionDays: 30, HubRetentionDays: 1}, 30 * day, day},
		"updates alone":                 {Settings{HubRetentionDays: 7}, 0, 7 * day},
		"for ever":                      {Settings{}, 0, 0},
	} {
		t.Run(says, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				work := &dusty{}
				work.log.left.Store(slices)
				work.updates.left.Store(slices)
				p := &Program{log: slog.New(slog.DiscardHandler), App: application.App{
					SweepRooms:   rooms.Sweep{Work: work},
					Prune:        retention.Prune{Work: work, Keep: c.settings.retention(), Take: port.Revising.Prune},
					PruneUpdates: retention.Prune{Work: work, Keep: c.settings.hubRetention(), Take: port.Revising.PruneUpdates},
				}}
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan struct{})
				go func() { p.sweep(ctx); close(ended) }()
				began := time.Now()
				time.Sleep(sweepEvery*5/4 + (slices-1)*sweepPause + time.Second)
				cancel()
				<-ended
				work.log.check(t, "of the log", began, slices, c.log)
				work.updates.check(t, "of updates", began, slices, c.updates)
			})
		})
	}
	if got, want := (Settings{RetentionDays: maxDays}).retention(), message.Retention(maxDays*day); got != want {
		t.Errorf("the longest retention: got %d, want %d", got, want)
	}
}

// check fails the test unless all slices are gone that may, up to the right time.
func (l *layer) check(t *testing.T, what string, began time.Time, slices int64, keep time.Duration) {
	t.Helper()
	left := max(l.left.Load(), 0)
	if keep == 0 {
		if left != slices {
			t.Errorf("%d slices %s are left, want all", left, what)
		}
		return
	}
	if left != 0 {
		t.Errorf("%d slices %s are left, want none", left, what)
	}
	if age := began.Sub(time.Unix(l.before.Load(), 0)); age > keep || age < keep-time.Minute {
		t.Errorf("what goes %s is older than %s at the end of a minute, want %s", what, age, keep)
	}
}
