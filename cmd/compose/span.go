package compose

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley/domain/message"
)

// Span is a time as operators write it: as Go does (36h, 15m), with days before
// that if they like (7d, 1d12h).
type Span time.Duration

const (
	day     = 24 * time.Hour
	maxDays = 100 * 366 // a hundred years: what is meant to last longer is 0
)

// retention is how long what is said is kept.
func (s Settings) retention() message.Retention {
	return message.Retention(time.Duration(s.RetentionDays) * day)
}

// hubRetention is how long updates of third parties are kept.
func (s Settings) hubRetention() message.Retention {
	if s.HubRetentionDays == 0 {
		return s.retention()
	}
	return message.Retention(time.Duration(s.HubRetentionDays) * day)
}

// UnmarshalText reads a span.
func (s *Span) UnmarshalText(text []byte) error {
	rest, sum := string(text), time.Duration(0)
	if days, after, found := strings.Cut(rest, "d"); found {
		count, err := strconv.ParseUint(days, 10, 32)
		if err != nil || count > maxDays {
			return fmt.Errorf("%q is no time such as 7d or 36h", text)
		}
		rest, sum = after, time.Duration(count)*day
	}
	if rest != "" || sum == 0 && len(text) == 0 {
		parsed, err := time.ParseDuration(rest)
		if err != nil || parsed > maxDays*day || sum > 0 && parsed < 0 {
			return fmt.Errorf("%q is no time such as 7d or 36h", text)
		}
		sum += parsed
	}
	*s = Span(sum)
	return nil
}
