package port

import (
	"context"
	"time"

	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/room"
	"parley/domain/sequence"
)

// Revising changes what has been said, or how far it was read. Like [Keeping] it
// keeps what participants may hear of together with its entry of the log.
type Revising interface {
	// Case returns what a decision about a message rests on, asked by by;
	// message.ErrNotThere if there is none, or its room has been deleted.
	Case(ctx context.Context, id message.ID, by identity.UserID) (message.Case, error)

	// Revise makes the change of a message that by brought about, and logs it. Of
	// what is deleted no word is left: not in the message, not in what tells its
	// request from others, and not in anything that the log is read with.
	Revise(ctx context.Context, m message.Message, by identity.UserID, change message.Change) error

	// MarkRead says up to where somebody has read a room.
	MarkRead(ctx context.Context, in room.ID, who identity.UserID, upto sequence.Number) error

	// Sweep takes away messages of deleted rooms, no more than limit of them, and
	// reports whether there may be more. It touches nothing else of the rooms, and
	// logs nothing.
	Sweep(ctx context.Context, limit int) (more bool, err error)

	// Prune takes away the oldest entries of the log that are of before a time, no
	// more than limit of them, and reports whether there may be more. What goes is
	// the beginning of the log: nothing goes before what is older by position.
	//
	// The last of what goes becomes the log's first entry: its place stays, and
	// nothing of what it said. So whoever has come just as far can go on, and
	// numbers and positions never begin again.
	//
	// A message goes with the entry that said it, and its key with it; the last one
	// of a room leaves its number behind and is shown nowhere. Who was in a room is
	// forgotten with the entry that ended it, unless it bars them from the room. What
	// a third party published goes with its entry.
	Prune(ctx context.Context, before time.Time, limit int) (more bool, err error)

	// PruneUpdates takes away the words of the oldest updates of third parties that
	// are of before a time, no more than limit of them, and reports whether there
	// may be more. Nothing goes before what is older by position. The entries stay
	// where they are, with their marks, and say nothing any more: so the log has no
	// hole, and what else is in it is kept.
	PruneUpdates(ctx context.Context, before time.Time, limit int) (more bool, err error)
}
