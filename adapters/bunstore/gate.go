package bunstore

import "context"

// gate lets many in at a time, or somebody alone.
type gate struct {
	slots chan struct{} // one for each who is in
	turn  chan struct{} // held by who is entering, or alone
}

// gateWidth is how many can be in: more than there are connections.
const gateWidth = 64

func newGate() gate {
	return gate{slots: make(chan struct{}, gateWidth), turn: make(chan struct{}, 1)}
}

// enter waits until nobody is alone in.
func (g *gate) enter(ctx context.Context) error {
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-g.turn }()
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *gate) leave() { <-g.slots }

// shut lets nobody in and waits until all are out. If they stay until ctx ends,
// it opens again and returns an error.
func (g *gate) shut(ctx context.Context) error {
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	for taken := range gateWidth {
		select {
		case g.slots <- struct{}{}:
		case <-ctx.Done():
			for range taken {
				g.leave()
			}
			<-g.turn
			return ctx.Err()
		}
	}
	return nil
}

// open ends what shut began.
func (g *gate) open() {
	for range gateWidth {
		g.leave()
	}
	<-g.turn
}
