package contract_test

import (
	"context"
	"testing"

	"parley/adapters/bunstore"
	"parley/adapters/bunstore/bunstoretest"
	"parley/application/contract"
	"parley/application/port"
	"parley/domain/sequence"
)

// A suite that lets broken relays pass proves nothing.
func TestTheRelaysSuiteCatchesBrokenRelays(t *testing.T) {
	caught := make(map[string]bool)
	for _, broken := range []struct {
		is, breaks string
		bend       func(*bunstore.Store) port.Relays
	}{
		{"begins anew with each start", "the relay to a hub begins at the head of the log, once",
			func(s *bunstore.Store) port.Relays { return beginsAnew{s} }},
		{"begins with the first entry", "the relay to a hub begins at the head of the log, once",
			func(s *bunstore.Store) port.Relays {
				return bentTurns{s, func(t port.RelayTurn) port.RelayTurn { return fromTheFirst{t} }}
			}},
		{"takes all hubs for one", "a turn goes on where the one before it kept",
			func(s *bunstore.Store) port.Relays { return oneHub{s} }},
		{"keeps nothing", "a turn goes on where the one before it kept",
			func(s *bunstore.Store) port.Relays {
				return bentTurns{s, func(t port.RelayTurn) port.RelayTurn { return keepsNothing{t} }}
			}},
		{"lets two at it", "one node at a time has a turn",
			func(s *bunstore.Store) port.Relays {
				return bentTurns{s, func(t port.RelayTurn) port.RelayTurn { t.End(); return t }}
			}},
		{"has no fence", "whose turn is over keeps nothing any more",
			func(s *bunstore.Store) port.Relays {
				var latest port.RelayTurn
				return bentTurns{s, func(t port.RelayTurn) port.RelayTurn { latest = t; return noFence{t, &latest} }}
			}},
		{"does not notice what it has lost", "a turn that is lost is over, and somebody else gets one",
			func(s *bunstore.Store) port.Relays {
				return bentTurns{s, func(t port.RelayTurn) port.RelayTurn { return lastsForEver{t} }}
			}},
	} {
		caught[broken.breaks] = true
		t.Run(broken.is, func(t *testing.T) {
			s, last := bunstoretest.SQLite(t), port.RelayTurn(nil)
			r := bentTurns{broken.bend(s), func(t port.RelayTurn) port.RelayTurn { last = t; return t }}
			mustCatch(t, contract.RelaysPromises, broken.breaks, contract.RelaysSubject{
				StoreSubject: contract.StoreSubject{Work: s, Sends: s, Log: s}, One: r, Other: r,
				Lose: func(context.Context) error { last.End(); return nil },
			})
		})
	}
	for _, promise := range contract.RelaysPromises {
		if !caught[promise.Says] {
			t.Errorf("no broken relay shows that the suite checks this: %s", promise.Says)
		}
	}
}

type beginsAnew struct{ *bunstore.Store }

func (b beginsAnew) BeginRelay(ctx context.Context, hub string) error {
	if err := b.Store.BeginRelay(ctx, hub); err != nil {
		return err
	}
	turn, _, err := b.TakeRelay(ctx, hub)
	if err != nil {
		return err
	}
	defer turn.End()
	head, err := b.Head(ctx)
	if err != nil {
		return err
	}
	return turn.Keep(ctx, head)
}

type oneHub struct{ *bunstore.Store }

func (b oneHub) BeginRelay(ctx context.Context, _ string) error { return b.Store.BeginRelay(ctx, "") }

func (b oneHub) TakeRelay(ctx context.Context, _ string) (port.RelayTurn, bool, error) {
	return b.Store.TakeRelay(ctx, "")
}

// bentTurns bends each turn.
type bentTurns struct {
	port.Relays
	bend func(port.RelayTurn) port.RelayTurn
}

func (b bentTurns) TakeRelay(ctx context.Context, hub string) (port.RelayTurn, bool, error) {
	turn, had, err := b.Relays.TakeRelay(ctx, hub)
	if err != nil || !had {
		return nil, had, err
	}
	return b.bend(turn), true, nil
}

type fromTheFirst struct{ port.RelayTurn }

func (fromTheFirst) Upto() sequence.Place { return sequence.Place{} }

type keepsNothing struct{ port.RelayTurn }

func (keepsNothing) Keep(context.Context, sequence.Place) error { return nil }

// noFence keeps for whoever asks.
type noFence struct {
	port.RelayTurn
	latest *port.RelayTurn
}

func (t noFence) Keep(ctx context.Context, at sequence.Place) error {
	if latest, is := (*t.latest).(noFence); is {
		return latest.RelayTurn.Keep(ctx, at)
	}
	return (*t.latest).Keep(ctx, at)
}

type lastsForEver struct{ port.RelayTurn }

func (lastsForEver) Lasts(context.Context) error { return nil }
