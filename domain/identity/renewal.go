package identity

import (
	"time"

	"parley/domain/fault"
)

// Seed is drawn at random for each session. The zero Seed is that of a session
// that cannot be renewed.
type Seed [32]byte

// Renewal is what a device keeps to go on with its session: each use of it gives
// the next one, which has the next turn. Its seal is made of session, turn and
// seed under a key that the store does not have. So every renewal that was ever
// given is known again, none can be made of what the store has, and the one that
// follows another is always the same.
type Renewal struct {
	Session SessionID
	Turn    int64
	Seal    [32]byte
}

// Grace is how long a renewal that has been used is taken once more: the answer
// may have been lost on its way.
const Grace = 10 * time.Second

// What is refused, and why.
var (
	// ErrRenewal is the answer to what is no renewal of any session.
	ErrRenewal = fault.New(fault.Unproven, "invalid-token", "This is no proof of a session; sign in again.")

	// ErrUsedTwice is the answer to a renewal that somebody has used before. One
	// of the two is not who signed in, and nobody knows which: the session ends.
	ErrUsedTwice = fault.New(fault.Unproven, "session-revoked", "This session was renewed from two places and has ended for safety; sign in again.")
)

// Renew returns the session as it is after a renewal of this turn, whose seal is
// good. It is unchanged for a renewal that is repeated within [Grace]; the last
// one alone can be, for whoever has used its successor has had the answer.
func (s Session) Renew(turn int64, life Life, at time.Time) (Session, error) {
	switch {
	case s.Over(life, at):
		return Session{}, ErrSessionEnded
	case turn == s.Turn:
		s.Turn++
		s.LastUsedAt = at
		return s, nil
	case turn == s.Turn-1 && at.Sub(s.LastUsedAt) <= Grace:
		return s, nil
	default:
		return Session{}, ErrUsedTwice
	}
}
