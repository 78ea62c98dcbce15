package message

import (
	"errors"
	"time"

	"parley/domain/fault"
	"parley/domain/identity"
	"parley/domain/policy"
	"parley/domain/sequence"
)

// ErrWithdrawn is the answer to whoever would put into other words what has none
// any more.
var ErrWithdrawn = fault.New(fault.Invalid, "invalid-request", "This message has been deleted; what is gone cannot be edited.")

// Case is what a decision about a message rests on, read under the log's lock.
// Its methods ask policy first, and then say what changes; nil says nothing does.
type Case struct {
	Message Message
	Kind    policy.Kind
	By      identity.UserID // who asks
	Asks    policy.Standing // of who asks
	At      time.Time       // the store's clock
	Pace    Pace
	Paced   time.Time // the state of who asks
}

// Edit puts the message into other words, which its author alone may. To the
// pace an edit is a message like any other; the same words change nothing.
//
// What would be refused whatever version was expected is refused before that is
// looked at (RFC 9110, section 13.2.1).
func (c Case) Edit(to Content, expected sequence.Expected) (Change, error) {
	if err := c.check(policy.Send); err != nil {
		return nil, err
	}
	if c.By != c.Message.Author.ID {
		return nil, policy.ErrNotAllowed
	}
	if !c.Message.DeletedAt.IsZero() {
		return nil, ErrWithdrawn
	}
	paced, wait := c.Pace.Take(c.Paced, c.At)
	if wait > 0 {
		return nil, ErrTooFast.After(wait)
	}
	if err := expected.Check(c.Message.Version); err != nil {
		return nil, err
	}
	if to == c.Message.Content {
		return nil, nil
	}
	return Edited{To: to, Paced: paced}, nil
}

// Delete takes the words away, which the author may and whoever moderates the
// room. What is gone already stays gone, whatever version was expected.
func (c Case) Delete(expected sequence.Expected) (Change, error) {
	action := policy.Moderate
	if c.By == c.Message.Author.ID {
		action = policy.Read
	}
	if err := c.check(action); err != nil {
		return nil, err
	}
	if !c.Message.DeletedAt.IsZero() {
		return nil, nil
	}
	if err := expected.Check(c.Message.Version); err != nil {
		return nil, err
	}
	return Deleted{}, nil
}

// check: where the room is not there for somebody, the message is not either.
func (c Case) check(action policy.Action) error {
	err := policy.Check(c.Asks, action, c.Kind)
	if errors.Is(err, policy.ErrNotThere) {
		return ErrNotThere.Hiding()
	}
	return err
}

// Change is what becomes of a message that was said: [Edited] or [Deleted].
type Change interface{ change() }

// Edited says that the message has other words from now on.
type Edited struct {
	To    Content
	Paced time.Time // the author's new state of the pace
}

// Deleted says that the message has no words from now on.
type Deleted struct{}

func (Edited) change()  {}
func (Deleted) change() {}
