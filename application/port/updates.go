package port

import (
	"context"

	"parley/domain/hub"
	"parley/domain/sequence"
)

// Publishes takes updates of third parties. Like sends, and together with them,
// many may share one commit.
type Publishes interface {
	// Publish keeps the update as an entry of the log, and returns its place. An id
	// that was used before is taken again. What is no update by [hub.Update.Check] is
	// refused, and nothing of it kept.
	Publish(ctx context.Context, u hub.Update) (sequence.Place, error)
}

// Updates reads those entries of the log that are updates of third parties. Like
// each call of [Log], each of these is one snapshot.
type Updates interface {
	// Published returns the updates within the span, in order.
	Published(ctx context.Context, s Span) ([]Entry, error)

	// Pruned is up to where updates were pruned, by themselves or with the beginning
	// of the log, which is never behind it; zero if nothing was. From there on none is
	// missing. The entries of those that were pruned by themselves stay, with their
	// places, and are Gone; Published leaves them out.
	Pruned(ctx context.Context) (sequence.Position, error)

	// Named returns the earliest update behind a position that has this id of its
	// publisher's; false if there is none.
	Named(ctx context.Context, id string, after sequence.Position) (Entry, bool, error)
}
