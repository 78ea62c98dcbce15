package port

import (
	"context"
	"errors"

	"parley/domain/sequence"
)

// ErrTurnOver means that a turn to hand the log on has ended.
var ErrTurnOver = errors.New("the turn to hand the log on is over")

// Relays knows up to where the log was handed on to a hub of somebody else's, and
// lets one node at a time do so. A hub is named by its URL.
type Relays interface {
	// BeginRelay has the relay to a hub begin at the head of the log, unless it has
	// begun before.
	BeginRelay(ctx context.Context, hub string) error

	// TakeRelay begins a turn of a relay that has begun; false while somebody else
	// has one.
	TakeRelay(ctx context.Context, hub string) (RelayTurn, bool, error)
}

// RelayTurn is the time in which one node alone hands the log on.
type RelayTurn interface {
	// Upto is up to where everything was handed on when the turn began.
	Upto() sequence.Place

	// Keep notes up to where everything was handed on by now; ErrTurnOver if
	// somebody has had a turn since, and then nothing is noted.
	Keep(ctx context.Context, upto sequence.Place) error

	// Lasts returns nil if nobody else can have a turn yet.
	Lasts(ctx context.Context) error

	// End lets somebody else have a turn.
	End()
}
