package sequence_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/domain/sequence"
)

// However the clock jumps, sorting by time and by number gives the same order,
// and a store that keeps times to the tick keeps it so.
func TestTimesInARoomRiseHoweverTheClockJumps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.FixedZone("elsewhere", 3600))
		var last time.Time
		for _, jump := range rapid.SliceOf(rapid.Int64Range(-1e12, 1e12)).Draw(t, "jumps") {
			now := start.Add(time.Duration(jump))
			at := sequence.After(last, now)
			switch {
			case at.Sub(last) < sequence.Tick:
				t.Fatalf("%v comes less than a tick after %v", at, last)
			case !at.Equal(at.Truncate(sequence.Tick)) || at.Location() != time.UTC:
				t.Fatalf("%v is finer than a tick, or not UTC", at)
			case now.Sub(last) > 2*sequence.Tick && now.Sub(at).Abs() >= sequence.Tick:
				t.Fatalf("%v is not the time, %v", at, now)
			}
			last = at
		}
	})
}

func TestNumbersAndPositionsHaveNoGap(t *testing.T) {
	if got := sequence.Number(0).Next(); got != 1 {
		t.Errorf("the first number is %d, want 1", got)
	}
	if got := sequence.Position(41).Next(); got != 42 {
		t.Errorf("after 41 comes %d, want 42", got)
	}
}
