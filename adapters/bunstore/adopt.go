package bunstore

import (
	"context"
	"errors"
	"fmt"

	"parley/application/port"
	"parley/domain/identity"
)

// slice is how many rows one step of an adoption changes at most.
const slice = 500

// AdoptKeys ties the database to other keys than it was used with. What was made
// with the old ones is worth nothing from then on: cursors are places that are
// lost, all sessions end, and a message is known again by its key alone. It
// returns how many sessions it has ended.
//
// The keys change in one step with the end of the last session. Whoever
// interrupts it leaves the old ones, and can do it again.
func (s *Store) AdoptKeys(ctx context.Context, keys map[string][]byte) (ended int, err error) {
	for after, more := int64(0), true; more && err == nil; {
		after, more, err = s.forgetPrints(ctx, after)
	}
	for more := true; more && err == nil; {
		var some int
		some, more, err = s.endAndAdopt(ctx, keys)
		ended += some
	}
	if err != nil {
		return ended, fmt.Errorf("adopt the keys: %w", err)
	}
	return ended, nil
}

var errForeign = errors.New("bunstore: the scope of another store")

// forgetPrints forgets what the requests of the messages behind one were: under
// another key none would be known again, and a message would be refused that is
// only sent once more.
func (s *Store) forgetPrints(ctx context.Context, after int64) (upto int64, more bool, err error) {
	err = s.Change(ctx, func(ctx context.Context, scope port.Scope) error {
		k, ours := scope.Keeping.(keeping)
		if !ours {
			return errForeign
		}
		var ids []int64
		if err := k.tx.NewSelect().Model((*messageRow)(nil)).Column("id").Where("m.id > ?", after).
			OrderExpr("m.id").Limit(slice).Scan(ctx, &ids); err != nil {
			return k.away("look for messages", err)
		}
		if more = len(ids) == slice; len(ids) == 0 {
			return nil
		}
		upto = ids[len(ids)-1]
		if _, err := k.tx.NewUpdate().Model((*messageRow)(nil)).Set("print = NULL").
			Where("id > ? AND id <= ?", after, upto).Exec(ctx); err != nil {
			return k.away("forget the prints of messages", err)
		}
		return nil
	})
	return upto, more, err
}

// endAndAdopt ends as many sessions as one step may and, once there are no more,
// takes the keys.
func (s *Store) endAndAdopt(ctx context.Context, keys map[string][]byte) (ended int, more bool, err error) {
	err = s.Change(ctx, func(ctx context.Context, scope port.Scope) error {
		a, ours := scope.Access.(access)
		if !ours {
			return errForeign
		}
		var rows []sessionRow
		if err := a.tx.NewSelect().Model(&rows).Where("s.ended_at IS NULL").OrderExpr("s.id").Limit(slice).Scan(ctx); err != nil {
			return a.away("look for sessions", err)
		}
		ended, more = len(rows), len(rows) == slice
		living := make([]identity.SessionID, len(rows))
		for i, row := range rows {
			session, err := sessionOf(row)
			if err != nil {
				return err
			}
			living[i] = session.ID
		}
		if err := a.End(ctx, identity.UserID{}, living); err != nil || more {
			return err
		}
		return a.adopt(ctx, keys)
	})
	return ended, more, err
}

// adopt puts the fingerprints of these keys in place of the old ones.
func (a access) adopt(ctx context.Context, keys map[string][]byte) error {
	if _, err := a.tx.NewDelete().Model((*keyRow)(nil)).Where("TRUE").Exec(ctx); err != nil {
		return a.away("forget the old keys", err)
	}
	for name, key := range keys {
		row := keyRow{Name: name, Fingerprint: fingerprint(name, key)}
		if _, err := a.tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return a.away("keep a key's fingerprint", err)
		}
	}
	return nil
}
