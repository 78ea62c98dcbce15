package accounts

import (
	"context"
	"sync"
	"time"

	"parley/domain/identity"
	"parley/domain/message"
)

// Attempts makes whoever guesses passwords wait. Guesses are counted by account,
// whether there is one or not, by network, and altogether. Those made on a device
// that has shown that it is signed in to the account are counted by that device
// alone, so that nobody keeps people out by guessing at their accounts. Only wrong
// guesses count, and nothing is ever locked: the longest wait is that for the next
// guess at the steady pace.
//
// It is kept in memory, of one node, and bounded.
type Attempts struct {
	Now func() time.Time

	mu       sync.Mutex
	tried    map[counter]tries
	waiting  int
	finished chan struct{} // closed when the next attempt is over
}

// counter is what guesses are counted by.
type counter struct {
	by     countedBy
	called string // by which name, of those of its kind
}

type countedBy int

const (
	byAccount countedBy = iota
	byDevice
	byNetwork
	altogether
)

// paces are how many wrong guesses are taken, by what they are counted by.
var paces = map[countedBy]message.Pace{
	byAccount:  {PerMinute: 2, Burst: 5},
	byDevice:   {PerMinute: 2, Burst: 5},
	byNetwork:  {PerMinute: 30, Burst: 30},
	altogether: {PerMinute: 600, Burst: 600},
}

const (
	// mostCounters is far more than can be in use, by the pace of all together;
	// past it, those go that are the first to count for nothing.
	mostCounters = 8192
	// mostWaiting is how many wait at most for the end of others' attempts.
	mostWaiting = 64
)

// tries is what is known of a counter.
type tries struct {
	failed   time.Time // the state of the pace
	underWay int       // attempts of which it is not known yet
}

// try verifies a password, if that may be tried now: identity.ErrTooManyAttempts
// if not, and identity.ErrCredentials if it is wrong.
//
// An attempt that is under way may turn out to be wrong, so it takes the place of
// a wrong one; who finds no place only for that waits until it is known. So many
// guesses at the same moment are no more than one after another, and many who
// know their passwords are all let in.
func (a *Attempts) try(ctx context.Context, those []counter, verify func() (bool, error)) error {
	if err := a.begin(ctx, those); err != nil {
		return err
	}
	wrong := false
	defer func() { a.end(those, wrong) }()
	ok, err := verify()
	if err == nil && !ok {
		wrong, err = true, identity.ErrCredentials
	}
	return err
}

// begin waits for a place.
func (a *Attempts) begin(ctx context.Context, those []counter) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for {
		wait, later := a.look(those)
		switch {
		case wait > 0:
			return identity.ErrTooManyAttempts.After(wait)
		case !later:
			a.take(those)
			return nil
		case a.waiting >= mostWaiting:
			return identity.ErrBusy.After(time.Second)
		}
		if err := a.await(ctx); err != nil {
			return err
		}
	}
}

// await gives the lock away until an attempt is over.
func (a *Attempts) await(ctx context.Context) error {
	finished := a.finished
	a.waiting++
	a.mu.Unlock()
	defer func() { a.waiting-- }()
	defer a.mu.Lock()
	select {
	case <-finished:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// look returns how long to wait for a place with all of the counters, or whether
// there will be one if those under way turn out well.
func (a *Attempts) look(those []counter) (wait time.Duration, later bool) {
	now := a.Now()
	for _, c := range those {
		known := a.tried[c]
		state := known.failed
		for ahead := 0; ahead <= known.underWay; ahead++ {
			next, early := paces[c.by].Take(state, now)
			if early > 0 && ahead == 0 {
				wait = max(wait, early)
			}
			if early > 0 {
				later = true
				break
			}
			state = next
		}
	}
	return wait, later
}

// take notes that an attempt is under way.
func (a *Attempts) take(those []counter) {
	if a.tried == nil {
		a.tried, a.finished = make(map[counter]tries), make(chan struct{})
	}
	for _, c := range those {
		known, there := a.tried[c]
		if !there && len(a.tried) >= mostCounters {
			a.forget()
		}
		known.underWay++
		a.tried[c] = known
	}
}

// end notes how an attempt turned out, and lets those look again who wait.
func (a *Attempts) end(those []counter, wrong bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.Now()
	for _, c := range those {
		known := a.tried[c]
		known.underWay--
		if wrong {
			known.failed, _ = paces[c.by].Take(known.failed, now) // it had its place
		}
		a.tried[c] = known
		if known.idle(now) {
			delete(a.tried, c)
		}
	}
	close(a.finished)
	a.finished = make(chan struct{})
}

// idle reports whether a counter counts for nothing.
func (t tries) idle(now time.Time) bool { return t.underWay == 0 && !t.failed.After(now) }

// forget makes room: the counters go that count for nothing or, if there are
// none, the one that will be the first to.
func (a *Attempts) forget() {
	now, before := a.Now(), len(a.tried)
	var first counter
	var soonest time.Time
	for c, known := range a.tried {
		if known.idle(now) {
			delete(a.tried, c)
		} else if known.underWay == 0 && (soonest.IsZero() || known.failed.Before(soonest)) {
			first, soonest = c, known.failed
		}
	}
	if len(a.tried) == before {
		delete(a.tried, first)
	}
}
