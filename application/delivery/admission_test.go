package delivery_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"parley/application/delivery"
	"parley/application/port"
	"parley/domain/identity"
)

// doorway is admission to a node, on a store that is asked as seldom as may be.
type doorway struct {
	*node
	admit delivery.Admit
	asked int
	away  error  // the store's answer, if it has none
	while func() // runs, once, between the reading of the store and its answer
}

func inDoorway(t *testing.T, test func(*doorway)) {
	t.Helper()
	inBubble(t, func(n *node) {
		d := &doorway{node: n}
		d.admit = delivery.Admit{Tail: n.tail, Look: d.look}
		test(d)
	}, func(s *delivery.Settings) { s.TokenLife = 5 * time.Minute })
}

func (d *doorway) look(_ context.Context, who identity.Caller) error {
	d.asked++
	var ended bool
	d.log.set(func() { ended = d.log.ended[who.Session] })
	if while := d.while; while != nil {
		d.while = nil
		while()
	}
	switch {
	case d.away != nil:
		return d.away
	case ended:
		return identity.ErrSessionEnded
	default:
		return nil
	}
}

// ends ends somebody's session.
func (d *doorway) ends(who identity.UserID) {
	d.log.append(port.Entry{Kind: port.SessionEnded, Session: caller(who).Session})
}

// expects asks for admission and compares the answer, and how often the store has
// been asked by then.
func (d *doorway) expects(who identity.UserID, want error, asked int) {
	d.t.Helper()
	if err := d.admit.Handle(d.t.Context(), caller(who)); !errors.Is(err, want) {
		d.t.Errorf("user %s: got %v, want %v", who, err, want)
	}
	if d.asked != asked {
		d.t.Errorf("the store was asked %d times, want %d", d.asked, asked)
	}
}

func TestTheStoreIsAskedForTheFirstTokenOfASession(t *testing.T) {
	inDoorway(t, func(d *doorway) {
		d.expects(ada, nil, 1)
		d.expects(ada, nil, 1)
		d.expects(ben, nil, 2)
		thief := identity.Caller{User: cleo, Session: caller(ada).Session}
		d.away = identity.ErrSessionEnded // as the store says of another's session
		if err := d.admit.Handle(t.Context(), thief); !errors.Is(err, identity.ErrSessionEnded) || d.asked != 3 {
			t.Errorf("in another's session: got %v after %d questions", err, d.asked)
		}
	})
}

func TestAnEndIsKnownAtTheNextUse(t *testing.T) {
	inDoorway(t, func(d *doorway) {
		d.expects(ada, nil, 1)
		d.expects(ben, nil, 2)
		d.ends(ada)
		d.settle()
		d.expects(ada, identity.ErrSessionEnded, 2)
		d.expects(ben, nil, 2)
	})
}

// The node that ends a session does not wait for the log to tell it.
func TestAnEndThatIsToldAtOnceCountsAtOnce(t *testing.T) {
	inDoorway(t, func(d *doorway) {
		d.expects(ada, nil, 1)
		d.tail.SessionEnded(caller(ada).Session)
		d.expects(ada, identity.ErrSessionEnded, 1)
	})
}

func TestAnEndWhileTheStoreAnswersIsNotMissed(t *testing.T) {
	inDoorway(t, func(d *doorway) {
		d.while = func() { d.ends(ada); d.settle() }
		d.expects(ada, identity.ErrSessionEnded, 1)
	})
}

func TestAnEndBeforeTheStartIsKnownFromTheStore(t *testing.T) {
	inDoorway(t, func(d *doorway) {
		d.log.set(func() { d.log.ended[caller(ada).Session] = true }) // and no entry that this node will read
		d.expects(ada, identity.ErrSessionEnded, 1)
		d.expects(ada, identity.ErrSessionEnded, 2) // a refusal is not remembered
	})
}

// What a node remembers is worth nothing while somebody may have ended the
// session without its knowledge.
func TestANodeThatCannotSeeTheLogAsksTheStoreEachTime(t *testing.T) {
	inDoorway(t, func(d *doorway) {
		d.expects(ada, nil, 1)
		frozen := make(chan struct{})
		d.log.set(func() { d.log.frozen = frozen })
		time.Sleep(2 * time.Second)
		d.expects(ada, nil, 2)
		d.expects(ada, nil, 3)
		d.away = port.ErrUnavailable
		d.expects(ada, port.ErrUnavailable, 4)
		d.away = nil
		d.log.set(func() { d.log.frozen = nil })
		close(frozen)
		d.settle()
		d.expects(ada, nil, 4)
	})
}

// A tail that starts over passes entries over, and among them may be an end.
func TestWhatWasRememberedOfAnotherHistoryIsForgotten(t *testing.T) {
	inDoorway(t, func(d *doorway) {
		startOver := func() {
			d.ends(ada)
			d.settle()
			d.log.restored(1)
			d.settle()
		}
		d.expects(ada, nil, 1)
		startOver()
		d.expects(ada, identity.ErrSessionEnded, 2)
		d.log.set(func() { clear(d.log.ended) })
		d.while = startOver // the store has said that it lasts; that was before
		d.expects(ada, nil, 3)
		d.expects(ada, identity.ErrSessionEnded, 4)
	})
}

// An end is remembered for as long as a token can live and a minute, and a token
// that comes later still has the store asked.
func TestAnEndIsRememberedForAsLongAsATokenLives(t *testing.T) {
	inDoorway(t, func(d *doorway) {
		d.expects(ada, nil, 1)
		d.ends(ada)
		d.settle()
		for range 3 {
			time.Sleep(2*time.Minute - time.Second)
			d.ends(ben) // at each end the old ones are let go
			d.settle()
			d.expects(ada, identity.ErrSessionEnded, 1)
		}
		time.Sleep(time.Minute)
		d.ends(cleo)
		synctest.Wait()
		d.settle()
		d.expects(ada, identity.ErrSessionEnded, 2)
	})
}
