package message_test

import (
	"testing"
	"time"

	"parley/domain/message"
)

func TestWhatIsOlderThanTheRetentionGoes(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for says, c := range map[string]struct {
		keep time.Duration
		back time.Duration // from now
		goes bool
	}{
		"for ever":                 {0, 0, false},
		"less than nothing":        {-time.Hour, 0, false},
		"thirty days":              {30 * 24 * time.Hour, 30 * 24 * time.Hour, true},
		"no less than an hour":     {time.Minute, time.Hour, true},
		"a moment more than that":  {time.Hour + 1, time.Hour + 1, true},
		"a hundred years and more": {100 * 366 * 24 * time.Hour, 100 * 366 * 24 * time.Hour, true},
	} {
		before, goes := message.Retention(c.keep).Before(now)
		if goes != c.goes || goes && !before.Equal(now.Add(-c.back)) {
			t.Errorf("%s: what is before %s goes: %t; want %s, %t", says, before, goes, now.Add(-c.back), c.goes)
		}
	}
}
