package simulation

import (
	"context"
	"log/slog"
	"time"

	"parley/application/accounts"
	"parley/application/appending"
	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/room"
	"parley/domain/sequence"
)

// node is one process, from its start to its end.
type node struct {
	w        *world
	number   int
	name     string
	tail     *delivery.Tail
	appender *appending.Appender
	admit    delivery.Admit
	appends  *actor // its appender
	ctx      context.Context
	kill     context.CancelFunc

	// The world's lock is held for what follows.
	dead    bool
	leaving bool      // it takes no more requests
	link    link      // to the database
	stopped bool      // as by a signal: it does nothing
	resumed time.Time // when it did nothing last
	changed chan struct{}
	loads   map[[2]int64]int // how often each page was read
	loading int              // pages at this moment

	// What a planted violation remembers.
	remembered map[identity.UserID][]room.ID
	let        map[identity.SessionID]bool

	// What its tail has applied: so much of this history, and when it last asked
	// for the head and was answered.
	on        *history
	turn      int // counts how often it has started over
	applied   sequence.Position
	confirmed time.Time
	rung      sequence.Position // the furthest that it was told of
}

// link is how a node reaches the database.
type link int

const (
	well link = iota
	failing
	hanging
)

// launch starts a node in place of the one of this number that has ended.
func (w *world) launch(number, turn int) *node {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := &node{w: w, number: number, name: string(rune('A'+number)) + string(rune('0'+turn%10)), changed: make(chan struct{}), loads: make(map[[2]int64]int),
		remembered: make(map[identity.UserID][]room.ID), let: make(map[identity.SessionID]bool)}
	n.appends = w.actor("appender %s", n.name)
	reads := w.actor("tail %s", n.name)
	reads.tail = n
	n.ctx, n.kill = context.WithCancel(w.ctx) //nolint:gosec // crash calls it
	n.appender = appending.Start(appending.Settings{
		Store: transactions{n}, Now: time.Now, Log: slog.New(slog.DiscardHandler), Queue: w.tuning.queue, MaxBatch: w.tuning.batch,
		Committed: func(upto sequence.Position) {
			if !n.isDead() {
				w.ring(n.appends, upto)
			}
		},
	})
	n.tail = delivery.NewTail(delivery.Settings{
		Log: access{n}, Now: w.Plant.now(), Jitter: func(d time.Duration) time.Duration { return d }, Trouble: func(error) {},
		Poll: w.tuning.poll, Quiet: 15 * time.Second, MaxAge: w.tuning.maxAge, TokenLife: 15 * time.Minute,
		Memory: w.tuning.memory, Pages: w.tuning.pages, Round: 10 * w.tuning.pages, InHand: 4 * w.tuning.pages,
	})
	n.admit = delivery.Admit{Tail: n.tail, Look: access{n}.lasts}
	w.note(n.appends, "starts")
	if w.Plant.Leaking {
		go func() { <-make(chan struct{}) }()
	}
	w.running.Go(func() { _ = n.tail.Run(reads.with(n.ctx)) }) // it returns nil
	return n
}

// crash ends a node between two instants: nothing that it does is heard of any
// more.
func (n *node) crash() {
	n.w.mu.Lock()
	n.dead = true
	n.change()
	n.w.mu.Unlock()
	n.endQuietly(n.appends, n.kill)
	n.w.running.Go(n.appender.Close)
}

// leave ends a node as a signal does: it finishes what is under way.
func (n *node) leave(a *actor) {
	n.w.mu.Lock()
	n.leaving = true
	n.w.mu.Unlock()
	n.tail.Drain()
	a.rest(100 * time.Millisecond)
	n.appender.Close()
	a.rest(time.Millisecond)
	n.crash()
}

// endQuietly ends what the node does for somebody, but not while it reads a page:
// who reads a page for others has to wait for it, and of readers who come to it at
// one instant that may be any.
func (n *node) endQuietly(a *actor, end func()) {
	n.w.mu.Lock()
	busy := n.loading > 0
	n.w.mu.Unlock()
	if busy {
		time.AfterFunc(a.until(ms), func() { n.endQuietly(a, end) })
		return
	}
	end()
}

// change wakes whoever waits for the node to be otherwise. The lock is held.
func (n *node) change() {
	close(n.changed)
	n.changed = make(chan struct{})
}

func (n *node) isDead() bool {
	n.w.mu.Lock()
	defer n.w.mu.Unlock()
	return n.dead
}

// state is how the node is, and what tells of a change.
func (n *node) state() (dead, stopped bool, how link, changed chan struct{}) {
	n.w.mu.Lock()
	defer n.w.mu.Unlock()
	return n.dead, n.stopped, n.link, n.changed
}

// reach waits until the database can be reached from the node.
func (n *node) reach(ctx context.Context, a *actor) error {
	return n.reachWithin(ctx, a, lookTime)
}

func (n *node) reachWithin(ctx context.Context, a *actor, most time.Duration) error {
	asked := time.Now()
	for {
		dead, stopped, how, changed := n.state()
		switch {
		case dead:
			return errDead
		case stopped:
			<-changed // what is stopped does not even notice that its time is up
			a.rest(grain)
		case how == failing:
			a.rest(time.Millisecond)
			return errAway
		case how == hanging:
			if err := await(ctx, a, changed, most-time.Since(asked)); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// lookTime is how long a node waits for the database to answer.
const lookTime = 3 * time.Second

func await(ctx context.Context, a *actor, changed chan struct{}, most time.Duration) error {
	late := time.NewTimer(a.until(most))
	defer late.Stop()
	select {
	case <-changed:
		a.rest(grain)
		return nil
	case <-late.C:
		return errAway
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pauseFor waits while the node is stopped. If that is for longer than most, it
// calls expired meanwhile.
func (n *node) pauseFor(most time.Duration, expired func()) error {
	var late <-chan time.Time
	for {
		dead, stopped, _, changed := n.state()
		if dead {
			return errDead
		}
		if !stopped {
			return nil
		}
		if late == nil {
			late = time.After(n.appends.until(most))
		}
		select {
		case <-changed:
			n.appends.rest(grain)
		case <-late:
			expired()
			late = make(chan time.Time) // once is enough
		}
	}
}

// Change and Look make a node the port.Work of the use cases.
func (n *node) Change(ctx context.Context, step func(context.Context, port.Scope) error) error {
	return n.appender.Change(ctx, step)
}

// Look looks at the log as it is.
func (n *node) Look(ctx context.Context, step func(context.Context, port.View) error) error {
	var t *transaction
	err := access{n}.read(ctx, who(ctx), func(h *history) { t = &transaction{node: n, base: h, at: time.Now()} })
	if err != nil {
		return port.ErrUnavailable
	}
	return step(ctx, t.view())
}

// Send takes a message.
func (n *node) Send(ctx context.Context, d message.Draft) (message.Sent, error) {
	if n.w.Plant.Slow {
		who(ctx).rest(time.Second)
	}
	return n.appender.Send(ctx, d)
}

func (n *node) terms() accounts.Terms {
	return accounts.Terms{Ended: func(_ context.Context, who identity.Caller) { n.tail.SessionEnded(who.Session) }}
}
