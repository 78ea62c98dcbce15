package delivery

import (
	"context"

	"parley/application/port"
	"parley/domain/sequence"
)

// resolve returns the place where a reading begins, if it can be resumed from
// there. The log has two beginnings: its own, and that of what is kept of third
// parties' updates, which counts for who may hear of topics that are not the chat's.
func (r *reader) resolve(ctx context.Context, from Start) (start sequence.Place, resumes bool, err error) {
	switch from.kind {
	case fromPlace:
		return r.resolvePlace(ctx, from.place)
	case fromEarliest:
		return r.resolveEarliest(ctx)
	case fromNamed:
		return r.resolveNamed(ctx, from.id)
	case fromNow, fromNowhere:
		return sequence.Place{}, false, nil
	default:
		return sequence.Place{}, false, nil
	}
}

func (r *reader) resolvePlace(ctx context.Context, p sequence.Place) (sequence.Place, bool, error) {
	p, kept, err := r.tail.resolvePlace(ctx, p)
	if !kept || err != nil {
		return p, false, err
	}
	pruned, err := r.pruned(ctx)
	return p, p.Position >= pruned, err
}

func (r *reader) resolveEarliest(ctx context.Context) (sequence.Place, bool, error) {
	pruned, err := r.pruned(ctx)
	if err != nil {
		return sequence.Place{}, false, err
	}
	first, err := r.tail.Log.From(ctx, pruned, 1)
	if err != nil || len(first) == 0 {
		return sequence.Place{}, false, err
	}
	return first[0].Place, true, nil
}

// mostNamesakes is of how many updates with one id it is asked whether the reader
// hears them.
const mostNamesakes = 32

// resolveNamed returns where the earliest update with an id is that the reader
// hears. Publishers who know nothing of each other may call theirs the same, and to
// each reader only what it can have been handed counts.
func (r *reader) resolveNamed(ctx context.Context, id string) (sequence.Place, bool, error) {
	var last sequence.Position
	for range mostNamesakes {
		entry, found, err := r.tail.Updates.Named(ctx, id, last)
		if err != nil || !found {
			return sequence.Place{}, false, err
		}
		if r.hearsUpdate(&Event{Entry: entry}) {
			return entry.Place, true, nil
		}
		last = entry.Place.Position
	}
	return sequence.Place{}, false, nil
}

// pruned is up to where what the reader may have missed was pruned, if that is
// further than the log was.
func (r *reader) pruned(ctx context.Context) (sequence.Position, error) {
	if !r.outside() {
		return 0, nil
	}
	return r.tail.Updates.Pruned(ctx)
}

// noUpdates is what there is of third parties where nothing can be published.
type noUpdates struct{}

// Published returns none.
func (noUpdates) Published(context.Context, port.Span) ([]port.Entry, error) { return nil, nil }

// Pruned returns that none were.
func (noUpdates) Pruned(context.Context) (sequence.Position, error) { return 0, nil }

// Named finds none.
func (noUpdates) Named(context.Context, string, sequence.Position) (port.Entry, bool, error) {
	return port.Entry{}, false, nil
}
