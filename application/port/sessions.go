package port

import (
	"context"

	"parley/domain/identity"
)

// Sessions holds who is signed in where.
type Sessions interface {
	// Living returns those sessions of a user that nobody has ended, the longest
	// unused first, and no more than limit.
	Living(ctx context.Context, of identity.UserID, limit int) ([]identity.Session, error)
}

// Access makes the changes of a step that decide who can get in. It is kept with
// the step, as [Keeping] is.
type Access interface {
	// Renew stores the turn of a session and when it was used.
	Renew(ctx context.Context, s identity.Session) error

	// End ends those of the sessions that nobody has ended yet, in this order, on
	// behalf of by, and logs an entry for each.
	End(ctx context.Context, by identity.UserID, sessions []identity.SessionID) error

	// SetPassword stores the hash of a user's new password.
	SetPassword(ctx context.Context, of identity.UserID, hash string) error
}
