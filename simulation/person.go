package simulation

import (
	"context"
	"errors"
	"time"

	"parley/application/port"
	"parley/domain/fault"
	"parley/domain/identity"
	"parley/domain/sequence"
)

// person is somebody with one device.
type person struct {
	id   identity.UserID
	name string

	// The world's lock is held for what follows.
	session identity.SessionID
	leaving bool            // is signing out
	line    *line           // that they listen on; nil: none
	last    *sequence.Place // that they have processed; nil: they have never listened
}

// caller is the person as they are signed in now. The world's lock is held.
func (p *person) caller() identity.Caller {
	return identity.Caller{User: p.id, Session: p.session}
}

// forget makes of a line that was cut one of which the last things were heard,
// but not processed. The lock is held.
func (p *person) forget(l *line, a *actor) {
	if l.poll || len(l.heard) < 2 || a.chance(2) {
		return
	}
	place := l.heard[a.random.IntN(len(l.heard))]
	p.last = &place
}

// newSession makes a session. The lock is held.
func (w *world) newSession(of identity.UserID) identity.SessionID {
	id, err := identity.SessionIDFrom(int64(len(w.sessions) + 1))
	if err != nil {
		panic(err) // the number is positive
	}
	w.sessions[id] = of
	return id
}

const (
	// answerTime is how long anybody waits for the answer to a change.
	answerTime = 3 * time.Second
	// appliedTime is how much longer it may take until the node has applied it.
	appliedTime = 2 * time.Second
	// tries is how often somebody asks again before they give up.
	tries = 25
)

// isEnded reports whether an error says that a session has ended.
func isEnded(err error) bool { return errors.Is(err, identity.ErrSessionEnded) }

// isFault reports whether an error is a refusal.
func isFault(err error) bool { var f *fault.Fault; return errors.As(err, &f) }

// isAgain reports whether an error asks to try again.
func isAgain(err error) bool {
	var f *fault.Fault
	return errors.Is(err, errCut) || errors.Is(err, port.ErrUnavailable) || errors.As(err, &f) && f.Kind() == fault.Unavailable
}

// admitted asks a node whether somebody's session lasts, as everything that they
// ask for does first.
func (w *world) admitted(ctx context.Context, n *node, of identity.Caller) error {
	asked := time.Now()
	err := w.Plant.admit(n, of, func() error { return n.admit.Handle(ctx, of) })
	w.mu.Lock()
	defer w.mu.Unlock()
	if n.dead {
		return errCut
	}
	w.judgeAdmission(n, of, asked, err)
	return err
}

// ask asks one node after another until there is an answer. An answer that does
// not come in time breaks a promise.
func (w *world) ask(a *actor, p *person, most time.Duration, do func(context.Context, *node, identity.Caller) error) (err error) {
	for try := range tries {
		if try > 0 {
			a.rest(a.between(50*ms, 500*ms) * time.Duration(min(try, 8)))
		}
		w.mu.Lock()
		n, of := w.nodes[a.random.IntN(len(w.nodes))], p.caller()
		out := n.dead || n.leaving
		if try > 0 {
			w.count[wasRetried]++
		}
		w.mu.Unlock()
		if out {
			continue
		}
		ctx := a.with(context.Background())
		if err = w.admitted(ctx, n, of); err == nil {
			err = w.once(ctx, a, n, most, func(ctx context.Context) error { return do(ctx, n, of) })
		}
		if !isAgain(err) {
			return err
		}
	}
	return err
}

// once asks once. Now and then who asks does not wait for the answer.
func (w *world) once(ctx context.Context, a *actor, n *node, most time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if a.chance(20) {
		defer time.AfterFunc(a.until(a.between(0, 20*ms)), cancel).Stop()
	}
	asked := time.Now()
	err := do(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch took := time.Since(asked); {
	case n.dead || ctx.Err() != nil:
		return errCut // whatever the answer is, nobody hears it
	case took > most && n.resumed.Before(asked): // who is stopped cannot answer
		w.breaks(Answers, "%s was answered by node %s after %s", a.name, n.name, took)
	}
	return err
}
