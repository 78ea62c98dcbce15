package appending

import (
	"context"
	"errors"
	"time"
)

var errTooLate = errors.New("appending: no time is left to commit")

// limit is how long a transaction may take. It is lifted when the commit begins,
// which is never cancelled.
type limit struct {
	ctx  context.Context
	done context.CancelFunc
	stop func() bool
}

func (a *Appender) limit(deadline time.Time) limit {
	ctx, cancel := context.WithCancel(context.Background())
	return limit{ctx, cancel, time.AfterFunc(deadline.Sub(a.Now()), cancel).Stop}
}

// lift reports whether there was time left.
func (l limit) lift() bool { return l.stop() }

func (l limit) end() {
	l.stop()
	l.done()
}
