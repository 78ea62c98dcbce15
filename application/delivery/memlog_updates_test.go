package delivery_test

import (
	"context"
	"slices"

	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/sequence"
)

// published logs an update of a third party.
func (l *memlog) published(u hub.Update) sequence.Place {
	return l.append(port.Entry{Kind: port.UpdatePublished, Update: &u})
}

// public and secretly log updates with the data on topics.
func (l *memlog) public(data string, topics ...string) sequence.Place {
	return l.published(hub.Update{Data: data, Topics: topics})
}

func (l *memlog) secretly(data string, topics ...string) sequence.Place {
	return l.published(hub.Update{Data: data, Topics: topics, Private: true})
}

// prunedUpdates takes away the updates up to a position.
func (l *memlog) prunedUpdates(upto sequence.Position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.updates = max(l.updates, upto)
}

func (l *memlog) Published(ctx context.Context, s port.Span) ([]port.Entry, error) {
	return l.page(ctx, s, func(e port.Entry) bool { return e.Update != nil })
}

func (l *memlog) Pruned(ctx context.Context) (sequence.Position, error) {
	defer l.mu.Unlock()
	err := l.begin(ctx)
	return l.updates, err
}

func (l *memlog) Named(ctx context.Context, id string, after sequence.Position) (port.Entry, bool, error) {
	defer l.mu.Unlock()
	if err := l.begin(ctx); err != nil {
		return port.Entry{}, false, err
	}
	kept := l.entries[max(l.start, l.updates, after)+1:]
	i := slices.IndexFunc(kept, func(e port.Entry) bool { return e.Update != nil && e.Update.ID == id })
	if i < 0 {
		return port.Entry{}, false, nil
	}
	return kept[i], true, nil
}
