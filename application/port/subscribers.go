package port

import (
	"context"

	"parley/domain/hub"
)

// Subscribers lets each node know what is listened for on the others. None of it
// is in the log, and nothing of it takes the log's lock.
//
// A node has a name that no other run of a node has. Its version counts its
// reports; that it moves on is the sign that the node lives.
type Subscribers interface {
	// Report keeps what a node tells of its streams, all of it or nothing. A whole
	// report takes the place of all that the node has reported. Any other builds on
	// the one before it, and kept is false where that one is not what was reported
	// last: the node begins with a whole one then. So it is also after an error,
	// since nobody knows what became of the report, and it may be late.
	Report(ctx context.Context, r Report) (kept bool, err error)

	// Others returns what the other nodes have reported, as far as it goes beyond
	// the versions of theirs that are known; for a node that is not known, all. Which
	// streams have ended is told for the next 20 reports at least: who knows less
	// is given the whole.
	Others(ctx context.Context, than string, known map[string]int64) ([]Report, error)

	// Forget forgets a node and its streams, unless it is beyond this version.
	Forget(ctx context.Context, node string, version int64) error
}

// Report is what a node tells of its streams.
type Report struct {
	Node    string
	Version int64 // greater than that of each report before it
	Whole   bool  // Streams are all there are; what was known beside them has ended
	Streams []Listening
}

// Listening is a stream that began or ended. Of what it listens with, the types
// and the texts of the matchers are kept, and not what they match.
type Listening struct {
	Subscriber    string
	Ended         bool
	Subscriptions []hub.Subscription
}
