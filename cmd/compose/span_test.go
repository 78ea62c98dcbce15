package compose_test

import (
	"testing"
	"time"

	"parley/cmd/compose"
)

func TestASpanIsWrittenInDaysToo(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"7d": 7 * day, "30d": 30 * day, "1d12h": 36 * time.Hour, "36h": 36 * time.Hour, "15m": 15 * time.Minute, "0": 0, "0d": 0, "-1h": -time.Hour,
	} {
		var got compose.Span
		if err := got.UnmarshalText([]byte(text)); err != nil || time.Duration(got) != want {
			t.Errorf("%q: got %v, %v; want %v", text, time.Duration(got), err, want)
		}
	}
	for _, text := range []string{"", "7", "d", "7 d", "-7d", "1.5d", "7d-1h", "7dd", "7d7", "h7d", "week", "99999999999d", "2000000h"} {
		var got compose.Span
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken as %v", text, time.Duration(got))
		}
	}
}
