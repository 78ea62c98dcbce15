package bunstore

import (
	"context"
	"fmt"

	"parley/application/port"
	"parley/domain/sequence"
)

var _ port.Relays = (*Store)(nil)

// hold is what one node alone has at a time.
type hold interface {
	// lasts returns nil if nobody else can have it.
	lasts(ctx context.Context) error

	// release lets somebody else have it.
	release()
}

// BeginRelay has the relay to a hub begin at the head of the log.
func (s *Store) BeginRelay(ctx context.Context, hub string) error {
	return s.relay(ctx, func(ctx context.Context, k keeping) error {
		row := relayRow{Hub: hub, Position: int64(k.head.Position), Mark: int64(k.head.Mark)}
		if _, err := k.tx.NewInsert().Model(&row).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return k.away("begin a relay", err)
		}
		return nil
	})
}

// TakeRelay begins a turn.
func (s *Store) TakeRelay(ctx context.Context, hub string) (port.RelayTurn, bool, error) {
	alone, had, err := s.engine.alone(ctx, "relay "+hub)
	if err != nil {
		s.log.WarnContext(ctx, "the database did not answer", "cause", err)
		return nil, false, errAway
	}
	if !had {
		return nil, false, nil
	}
	turn := &relayTurn{hold: alone, store: s, row: relayRow{Hub: hub}}
	if err := s.relay(ctx, turn.begin); err != nil {
		alone.release()
		return nil, false, fmt.Errorf("take a turn: %w", err)
	}
	return turn, true, nil
}

// relay runs a step that knows the table of relays. It is one of the appender's,
// so it gets in nobody's way, and on SQLite there is no other way to write.
func (s *Store) relay(ctx context.Context, step func(context.Context, keeping) error) error {
	return s.Change(ctx, func(ctx context.Context, scope port.Scope) error {
		k, ours := scope.Keeping.(keeping)
		if !ours {
			return errForeign
		}
		return step(ctx, k)
	})
}

type relayTurn struct {
	hold

	store *Store
	row   relayRow // as it was when the turn began
}

// begin puts up a fence: no turn before this one keeps anything any more.
func (t *relayTurn) begin(ctx context.Context, k keeping) error {
	_, err := k.tx.NewUpdate().Model(&t.row).Set("fence = fence + 1").WherePK().Returning("*").Exec(ctx)
	if err != nil {
		return k.away("begin a turn of a relay", err)
	}
	if t.row.Fence == 0 {
		return fmt.Errorf("bunstore: the relay has not begun")
	}
	return nil
}

func (t *relayTurn) Upto() sequence.Place {
	return sequence.Place{Position: sequence.Position(t.row.Position), Mark: sequence.Mark(t.row.Mark)}
}

func (t *relayTurn) Keep(ctx context.Context, upto sequence.Place) error {
	return t.store.relay(ctx, func(ctx context.Context, k keeping) error {
		result, err := k.tx.NewUpdate().Model((*relayRow)(nil)).Set("position = ?", int64(upto.Position)).Set("mark = ?", int64(upto.Mark)).
			Where("hub = ? AND fence = ?", t.row.Hub, t.row.Fence).Exec(ctx)
		if err != nil {
			return k.away("keep the place of a relay", err)
		}
		if kept, err := result.RowsAffected(); err != nil {
			return k.away("keep the place of a relay", err)
		} else if kept == 0 {
			return port.ErrTurnOver
		}
		return nil
	})
}

func (t *relayTurn) Lasts(ctx context.Context) error {
	if err := t.lasts(ctx); err != nil {
		return fmt.Errorf("%w: %v", port.ErrTurnOver, err)
	}
	return nil
}

func (t *relayTurn) End() { t.release() }
