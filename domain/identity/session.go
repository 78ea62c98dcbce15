package identity

import (
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
	ID        SessionID
	User      UserID
	UserAgent string
	CreatedAt time.Time
	EndedAt   time.Time // zero while it lasts
}

// Admit returns nil while the session lasts and is the user's, else
// [ErrSessionEnded].
func (s Session) Admit(user UserID) error {
	if s.User != user || !s.EndedAt.IsZero() {
		return ErrSessionEnded
	}
	return nil
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
	ErrUnauthenticated = fault.New(fault.Unproven, "unauthenticated", "This takes a sign-in.")
	ErrSessionEnded    = fault.New(fault.Unproven, "session-revoked", "This session has ended; sign in again.")
	ErrCredentials     = fault.New(fault.Unproven, "invalid-credentials", "The e-mail address or the password is wrong.")
	ErrInvalidToken    = fault.New(fault.Unproven, "invalid-token", "The access token is not valid.")
	ErrExpiredToken    = fault.New(fault.Unproven, "invalid-token", "The access token has expired.")
	ErrBusy            = fault.New(fault.Limited, "too-many-attempts", "Too many sign-ins are under way; try again.")
	ErrClosed          = fault.New(fault.Denied, "not-allowed", "Registration is closed here.")
)
