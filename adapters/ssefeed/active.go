package ssefeed

import (
	"parley/adapters/wire"
	"parley/application/delivery"
	"parley/application/subscriptions"
	"parley/domain/hub"
	"parley/domain/sequence"
)

// subscribed is the stream of a Mercure token or of nobody, which is known by
// what it asks for as long as it is open. Users of the chat are not: who of them is
// there is the chat's own matter.
type subscribed struct {
	line

	registry *subscriptions.Registry
	query    delivery.FollowQuery
	leave    func()
}

// known has a stream be known; stop is to be called when it has ended.
func (f *Feed) known(to line, query delivery.FollowQuery) (known line, stop func()) {
	if f.Registry == nil {
		return to, func() {}
	}
	s := &subscribed{line: to, registry: f.Registry, query: query, leave: func() {}}
	return s, func() { s.leave() }
}

// Opened makes the stream known first. It hears of that itself, if it asks for it,
// as the first that it is told.
func (s *subscribed) Opened(o delivery.Opened) error {
	leave, err := s.registry.Open(s.query.Address, s.query.What.Matchers(), s.query.Grant)
	if err != nil {
		return delivery.ErrTooMany
	}
	s.leave = leave
	return s.line.Opened(o)
}

// Signal writes updates about subscriptions. They are not in the log, so each has
// as its id where the stream is there.
func (s *stream) Signal(batch []*delivery.Signal, at sequence.Place) error {
	cursor := s.feed.Cursors.Seal(at)
	var out []byte
	for _, signal := range batch {
		data, err := signal.Data(wire.EncodeSubscription)
		if err != nil {
			return err
		}
		update := block{data: data, id: cursor}
		if signal.Dialect == hub.Modern {
			update.event = "mercure"
		}
		out = append(out, update.bytes()...)
	}
	return s.write(out)
}
