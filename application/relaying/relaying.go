// Package relaying hands the log on to a hub of somebody else's: every entry that
// the chat's people may hear of, in order, at least once, by one node at a time,
// and each run goes on where the last one stopped. Updates of third parties are
// not handed on: whoever publishes those can do so at that hub.
//
// How a hub is published to is its transport's to say.
package relaying

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/sequence"
)

// ErrEntry means that a hub takes what it is given, but not this. Every other
// error is of the hub as a whole, or of the way there.
var ErrEntry = errors.New("the hub does not take this entry")

// Item is an entry on its way to a hub.
type Item struct {
	Entry port.Entry
	Users []identity.UserID // whom it concerns themselves, beside the room

	// Withheld says that the hub does not take the entry. What goes in its place
	// says that there is something to fetch.
	Withheld bool
}

// Settings are what a relay needs.
type Settings struct {
	Hub     string // its URL
	Log     port.Log
	Work    port.Work
	Relays  port.Relays
	Publish func(context.Context, Item) error // returns nil once the hub has taken it

	Now    func() time.Time
	Jitter func(time.Duration) time.Duration // up to the given time, at random
	Logger *slog.Logger

	Poll     time.Duration // the longest time between two looks at the log
	Patience time.Duration // how long an entry that the hub does not take is tried
}

const (
	// readLimit is how many entries one read of the log takes.
	readLimit = 32
	// fresh is how long what was read is handed on: what is deleted meanwhile is not
	// in what is read then.
	fresh = 100 * time.Millisecond
	// readTime is how long one read may take.
	readTime = 3 * time.Second
	// keepEvery is how long places are not kept, so that relaying costs a store that
	// is busy little. After a crash as much comes again.
	keepEvery = 250 * time.Millisecond
	// lookEvery is how long somebody else's turn is not asked for again, and how
	// often one's own is shown to last. A store lets go of a turn that was silent for
	// several times as long.
	lookEvery = 2 * time.Second
	// doubtful is how long after a turn was last seen to last nothing is published
	// before it is asked for: a node that was stopped finds out here.
	doubtful = 4 * time.Second

	firstPause = 100 * time.Millisecond
	// longestPause between two tries: whoever is listening catches up that soon after
	// the hub is there again.
	longestPause = 10 * time.Second
)

// Relay hands the log on to a hub.
type Relay struct {
	Settings
	rung chan struct{}

	mu     sync.Mutex
	turns  int            // that were had
	passed sequence.Place // up to where everything was handed on, in the last of them
}

// New returns a relay that is yet to be run.
func New(s Settings) *Relay { return &Relay{Settings: s, rung: make(chan struct{}, 1)} }

// Ring tells that there is something new. It never waits.
func (r *Relay) Ring(sequence.Position) {
	select {
	case r.rung <- struct{}{}:
	default:
	}
}

// Begin has the relay begin at the head of the log, unless it has begun before. An
// error is the store's.
// Who comes to a hub for the first time reads pages first: to hand on what was
// said long ago would tell people again what they know.
func (r *Relay) Begin(ctx context.Context) error { return r.Relays.BeginRelay(ctx, r.Hub) }

// Run hands the log on whenever it is this node's turn, until ctx ends.
func (r *Relay) Run(ctx context.Context) {
	var unasked trouble
	for ctx.Err() == nil {
		asked := r.Now()
		turn, had, err := r.Relays.TakeRelay(ctx, r.Hub)
		switch {
		case err != nil && ctx.Err() == nil:
			unasked.begin(ctx, r.Logger, r.Now(), "whose turn it is to hand the log on cannot be found out", err)
		case err == nil:
			unasked.end(ctx, r.Logger, r.Now(), "whose turn it is to hand the log on can be found out again")
		}
		if had {
			r.turn(ctx, turn, asked)
		}
		wait(ctx, lookEvery/2+r.Jitter(lookEvery/2), nil)
	}
}

// Passed is up to where this node handed everything on; false if it has had no
// turn yet.
func (r *Relay) Passed() (sequence.Place, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.passed, r.turns > 0
}

func (r *Relay) pass(to sequence.Place, began bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.passed = to
	if began {
		r.turns++
	}
}

// wait waits for some time, or until rung, or until ctx ends.
func wait(ctx context.Context, some time.Duration, rung <-chan struct{}) {
	enough := time.NewTimer(some)
	defer enough.Stop()
	select {
	case <-ctx.Done():
	case <-enough.C:
	case <-rung:
	}
}

// trouble is told when it begins and when it ends, and not in between.
type trouble struct {
	since time.Time // zero: there is none
	what  string
}

func (t *trouble) begin(ctx context.Context, log *slog.Logger, at time.Time, what string, err error) {
	if t.since.IsZero() || t.what != err.Error() {
		log.WarnContext(ctx, what, slog.Any("error", err))
	}
	if t.since.IsZero() {
		t.since = at
	}
	t.what = err.Error()
}

func (t *trouble) end(ctx context.Context, log *slog.Logger, at time.Time, what string) {
	if !t.since.IsZero() {
		log.InfoContext(ctx, what, slog.Duration("after", at.Sub(t.since).Round(time.Millisecond)))
	}
	*t = trouble{}
}
