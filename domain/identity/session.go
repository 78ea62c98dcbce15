package identity

import (
	"cmp"
	"slices"
	"time"

	"parley/domain/fault"
	"parley/domain/internal/ident"
)

// SessionID identifies a session; it is the sid of its tokens.
type SessionID = ident.ID[Session]

// ParseSessionID reads a session's ID from text.
func ParseSessionID(text string) (SessionID, error) { return ident.Parse[Session](text) }

// SessionIDFrom makes a session's ID of the number that the store gave.
func SessionIDFrom(number int64) (SessionID, error) { return ident.From[Session](number) }

// Session is one signed-in device of a user.
type Session struct {
	ID         SessionID
	User       UserID
	UserAgent  string
	CreatedAt  time.Time
	LastUsedAt time.Time // when it was begun, or renewed last
	EndedAt    time.Time // zero while it lasts

	// Seed is what its renewals are made from, beside a key that is kept
	// elsewhere; Turn is that of the renewal which is good now. See [Renewal].
	Seed Seed
	Turn int64
}

// Admit returns nil while the session lasts and is the user's, else
// [ErrSessionEnded].
func (s Session) Admit(user UserID) error {
	if s.User != user || !s.EndedAt.IsZero() {
		return ErrSessionEnded
	}
	return nil
}

// Life is how long sessions last by themselves; zero: for ever.
type Life struct {
	Idle time.Duration // since their last use
	Max  time.Duration // since their beginning
}

// End is when the session ends by itself; zero: never.
func (s Session) End(life Life) time.Time {
	var end time.Time
	if life.Max > 0 {
		end = s.CreatedAt.Add(life.Max)
	}
	if idle := s.LastUsedAt.Add(life.Idle); life.Idle > 0 && (end.IsZero() || idle.Before(end)) {
		end = idle
	}
	return end
}

// Over reports whether the session has ended at that time, by itself or because
// somebody ended it.
func (s Session) Over(life Life, at time.Time) bool {
	end := s.End(life)
	return !s.EndedAt.IsZero() || !end.IsZero() && !at.Before(end)
}

// MaxSessions is how many sessions a user has at most.
const MaxSessions = 100

// Crowded returns those of a user's sessions that end when one more is begun:
// those whose time is up, and the longest unused of the others as far as there
// would be too many.
func Crowded(living []Session, life Life, at time.Time) []SessionID {
	living = slices.SortedFunc(slices.Values(living), func(a, b Session) int {
		return cmp.Or(a.LastUsedAt.Compare(b.LastUsedAt), cmp.Compare(a.ID.Int64(), b.ID.Int64()))
	})
	var ended, lasting []SessionID
	for _, s := range living {
		if s.Over(life, at) {
			ended = append(ended, s.ID)
		} else {
			lasting = append(lasting, s.ID)
		}
	}
	return append(ended, lasting[:max(0, len(lasting)+1-MaxSessions)]...)
}

// Caller is who asks for something: a user in one of their sessions.
type Caller struct {
	User    UserID
	Session SessionID
}

// Proof is what a valid token shows: who calls, and until when it shows that.
type Proof struct {
	Caller Caller
	Until  time.Time
}

// What is refused, and why.
var (
	ErrUnauthenticated = fault.New(fault.Unproven, "unauthenticated", "Sign in first.")
	ErrSessionEnded    = fault.New(fault.Unproven, "session-revoked", "This session has ended; sign in again.")
	ErrNoSession       = fault.New(fault.Missing, "not-found", "You have no such session.")
	ErrCredentials     = fault.New(fault.Unproven, "invalid-credentials", "The e-mail address or the password is wrong.")
	ErrInvalidToken    = fault.New(fault.Unproven, "invalid-token", "The access token is not valid.")
	ErrExpiredToken    = fault.New(fault.Unproven, "invalid-token", "The access token has expired.")
	// ErrTooManyAttempts is the answer to whoever has guessed wrong too often. It
	// does not depend on whether there is such an account.
	ErrTooManyAttempts = fault.New(fault.Limited, "too-many-attempts", "Too many attempts have failed; wait a while, then try again.")
	ErrBusy            = fault.New(fault.Limited, "too-many-attempts", "Too many sign-ins are under way; try again.")
	ErrClosed          = fault.New(fault.Denied, "not-allowed", "Registration is closed here.")
)
