package simulation

import (
	"context"
	"errors"
	"time"

	"parley/application/delivery"
	"parley/domain/identity"
	"parley/domain/sequence"
)

var (
	errCut    = errors.New("the connection was cut")
	errEnough = errors.New("the poll was answered")
)

// line is one reading of one person, and the sink of it: what a transport is to
// the engine.
type line struct {
	w      *world
	p      *person
	n      *node
	a      *actor
	cancel context.CancelFunc
	caller identity.Caller
	from   *sequence.Place // nil: from now on
	until  time.Time       // zero: no end
	poll   bool            // it is answered once, and not a stream
	pace   spread          // of its network, and of who reads
	cut    int             // it is cut after so many events; 0: it is not
	begun  time.Time

	// The world's lock is held for what follows.
	head   sequence.Place // of the log, when its rights were read
	opened bool
	turn   int                  // of its node, when it was opened
	on     *history             // that it was handed something of last
	place  sequence.Place       // what it has been handed goes up to it
	owed   []sequence.Place     // what it was handed and the person has not got
	heard  []sequence.Place     // what the person has got
	held   []delivery.Delivered // of a poll, until it is answered
}

// listen opens a line, which ends whenever it does. The lock is held.
func (w *world) listen(p *person, n *node, poll bool) {
	a := w.actor("line of %s at %s", p.name, n.name)
	l := &line{w: w, p: p, n: n, a: a, caller: p.caller(), from: p.last, poll: poll, begun: time.Now(), pace: w.linePace(a)}
	a.line, p.line = l, l
	if a.chance(4) && !w.healing {
		l.cut = 1 + a.random.IntN(40)
	}
	if a.chance(5) && !w.healing {
		l.until = time.Now().Add(a.between(time.Second, 20*time.Second))
	}
	ctx, cancel := context.WithCancel(a.with(n.ctx))
	l.cancel = cancel
	if poll {
		l.hangUp(5 * time.Second)
	}
	w.running.Go(func() { l.run(ctx) })
}

// hangUp ends the line after a while.
func (l *line) hangUp(after time.Duration) {
	time.AfterFunc(l.a.until(after), func() { l.n.endQuietly(l.a, l.cancel) })
}

func (w *world) linePace(a *actor) spread {
	if w.healing || a.chance(2) {
		return spread{least: ms / 10, most: 2 * ms}
	}
	return pick(a, []spread{{ms, 30 * ms, time.Second}, {10 * ms, 300 * ms, 2 * time.Second}, {ms, 50 * ms, 12 * time.Second}})
}

func (l *line) run(ctx context.Context) {
	defer l.cancel()
	err := l.a.wait(ctx, l.pace.draw(l.a))
	if err == nil {
		err = l.w.admitted(ctx, l.n, l.caller)
	}
	if err == nil {
		q := delivery.FollowQuery{Who: l.caller, Until: l.until}
		q.What.Pattern("/chat/room/{id}")
		q.What.Pattern("/chat/user/{id}")
		if l.from != nil {
			q.From = delivery.FromPlace(l.w.Plant.cursor(l.w, *l.from))
		}
		if l.poll {
			q.Reached = l.reached
		}
		err = delivery.Follow{Tail: l.n.tail}.Handle(ctx, q, l)
	}
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	if isEnded(err) && !l.w.everEnded[l.caller.Session] {
		l.w.breaks(Admitted, "%s was refused, but its session lasts", l.a.name)
	}
	l.w.note(l.a, "ends") // why may be any of several reasons that come at one instant
	if l.p.line == l {
		l.p.line = nil
		l.p.forget(l, l.a)
	}
}

// Opened is the first thing that a reader hears.
func (l *line) Opened(o delivery.Opened) error {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	if l.n.dead {
		return errCut
	}
	l.w.count[wasOpened]++
	l.judgeOpening(o)
	l.opened, l.place, l.turn, l.on = true, o.Place, l.n.turn, l.n.on
	l.w.note(l.a, "is opened with mode %d at %v", o.Mode, o.Place)
	if !l.poll {
		l.got(o.Place)
	}
	return nil
}

// got notes what the person has processed. The lock is held.
func (l *line) got(p sequence.Place) {
	if l.p.line == l {
		l.p.last = &p
	}
}

// Hand hands out. It is judged by the rights that hold when it is handed, and by
// the words that are there when it is written.
func (l *line) Hand(batch []delivery.Delivered) error {
	l.w.mu.Lock()
	dead := l.n.dead
	if !dead {
		l.judgeBatch(batch)
	}
	l.w.mu.Unlock()
	switch {
	case dead:
		return errCut
	case l.poll:
		l.w.mu.Lock()
		defer l.w.mu.Unlock()
		l.held = append(l.held, batch...)
		return nil
	default:
		batch = l.w.Plant.dropped(batch)
		if err := l.travel(); err != nil {
			return err
		}
		return l.write(batch)
	}
}

// travel takes the time that the network and the reader take.
func (l *line) travel() error {
	for {
		dead, stopped, _, changed := l.n.state()
		switch {
		case dead:
			return errCut
		case stopped:
			<-changed
			l.a.rest(grain)
		default:
			l.a.rest(l.pace.draw(l.a))
			if dead, stopped, _, _ := l.n.state(); !dead && !stopped {
				return nil
			}
		}
	}
}

// write writes events, all of them at one instant.
func (l *line) write(batch []delivery.Delivered) error {
	for _, d := range batch {
		entry, err := d.Event.Now()
		if err != nil {
			return err
		}
		l.w.mu.Lock()
		l.judgeGot(entry.Place)
		l.judgeWords(entry)
		l.heard = append(l.heard, entry.Place)
		l.w.count[wasHeard]++
		l.w.note(l.a, "hears %s", describe(entry))
		l.got(entry.Place)
		cut := l.cut > 0 && len(l.heard) >= l.cut
		l.w.mu.Unlock()
		if cut {
			return errCut
		}
	}
	return nil
}

// reached answers a poll, once there is something to answer.
func (l *line) reached(p sequence.Place) error {
	l.w.mu.Lock()
	held := l.held
	l.judgePassed(p)
	l.w.mu.Unlock()
	if len(held) == 0 {
		return nil
	}
	if err := l.travel(); err != nil {
		return err
	}
	if err := l.write(held); err != nil {
		return err
	}
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	l.got(p)
	return errEnough
}

// Passed tells the place.
func (l *line) Passed(p sequence.Place) error {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	if l.n.dead {
		return errCut
	}
	l.judgePassed(p)
	if !l.poll {
		l.got(p)
	}
	return nil
}

// Quiet shows that the line is alive.
func (l *line) Quiet() error { return nil }

func (l *line) Signal([]*delivery.Signal, sequence.Place) error { return nil }

// Closing is the last thing that a reader hears.
func (l *line) Closing(c delivery.Closing) error {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	l.w.note(l.a, "is closed: %+v", c)
	return nil
}
