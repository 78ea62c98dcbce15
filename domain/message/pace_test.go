package message_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/domain/message"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestABurstIsTakenAndThenTheSteadyPace(t *testing.T) {
	pace := message.Pace{PerMinute: 60, Burst: 20}
	var state time.Time
	for i := range 20 {
		next, wait := pace.Take(state, noon)
		if wait != 0 {
			t.Fatalf("message %d of the burst waits %v", i+1, wait)
		}
		state = next
	}
	if _, wait := pace.Take(state, noon); wait != time.Second {
		t.Errorf("the message after the burst waits %v, want 1s", wait)
	}
	for i := range 100 {
		at := noon.Add(time.Duration(i+1) * time.Second)
		next, wait := pace.Take(state, at)
		if wait != 0 {
			t.Fatalf("message %d at the steady pace waits %v", i+1, wait)
		}
		state = next
	}
}

func TestAPaceOfNothingLimitsNobody(t *testing.T) {
	for range 1000 {
		if _, wait := (message.Pace{Burst: 1}).Take(noon.Add(time.Hour), noon); wait != 0 {
			t.Fatalf("waits %v", wait)
		}
	}
}

func TestAClockThatWasSetBackSilencesNobodyForLong(t *testing.T) {
	pace := message.Pace{PerMinute: 60, Burst: 20}
	tomorrow := noon.Add(24 * time.Hour)
	if _, wait := pace.Take(tomorrow, noon); wait != time.Second {
		t.Errorf("waits %v, want the one second that a full burst waits", wait)
	}
}

// Whenever they try, nobody gets more through in any time than the burst and
// what the steady pace allows in that time; and the wait that is named is the
// least that helps.
func TestNobodyGetsMoreThroughThanThePaceAllows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pace := message.Pace{PerMinute: rapid.IntRange(1, 600).Draw(t, "a minute"), Burst: rapid.IntRange(1, 30).Draw(t, "burst")}
		step := time.Minute / time.Duration(pace.PerMinute)
		pauses := rapid.SliceOfN(rapid.Int64Range(0, int64(3*step)), 1, 200).Draw(t, "pauses")
		at, state := noon, time.Time{}
		var taken []time.Time
		for _, pause := range pauses {
			at = at.Add(time.Duration(pause))
			next, wait := pace.Take(state, at)
			if wait == 0 {
				state, taken = next, append(taken, at)
				continue
			}
			if _, still := pace.Take(state, at.Add(wait)); still != 0 {
				t.Fatalf("after the wait of %v one waits %v more", wait, still)
			}
			if _, still := pace.Take(state, at.Add(wait-1)); still == 0 {
				t.Fatalf("a wait shorter than %v would have done", wait)
			}
		}
		for i := range taken {
			for j := i; j < len(taken); j++ {
				allowed := pace.Burst + int(taken[j].Sub(taken[i])/step)
				if got := j - i + 1; got > allowed {
					t.Fatalf("%d messages in %v, want at most %d", got, taken[j].Sub(taken[i]), allowed)
				}
			}
		}
	})
}
