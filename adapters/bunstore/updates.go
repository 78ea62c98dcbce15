package bunstore

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"parley/application/port"
	"parley/domain/hub"
	"parley/domain/room"
	"parley/domain/sequence"
)

// Publish stores updates with their entries, all of them in one round trip.
func (t *transaction) Publish(updates []hub.Update) ([]sequence.Place, error) {
	places := make([]sequence.Place, len(updates))
	entries, rows := make([]entryRow, len(updates)), make([]updateRow, len(updates))
	for i, u := range updates {
		entries[i] = t.next(updatePublishedCode, room.ID{}, t.at)
		places[i] = sequence.Place{Position: t.last, Mark: sequence.Mark(entries[i].Mark)}
		var err error
		if rows[i], err = updateRowOf(u); err != nil {
			return nil, err
		}
		rows[i].Position = entries[i].Position
	}
	return places, t.exec("publish", t.tx.NewInsert().Model(&entries), t.tx.NewInsert().Model(&rows))
}

func updateRowOf(u hub.Update) (updateRow, error) {
	topics, err := json.Marshal(u.Topics)
	if err != nil {
		return updateRow{}, fmt.Errorf("the topics of an update: %w", err)
	}
	row := updateRow{
		Topics: string(topics), Data: []byte(u.Data), Private: u.Private,
		OwnID: u.ID, Type: u.Type, Retry: int64(u.Retry), // its bits are kept
		Bytes: int64(u.Size()),
	}
	if u.ID != "" {
		row.IDPrint = printOf(u.ID)
	}
	return row, nil
}

// printOf is what an ID of a publisher's is found by.
func printOf(id string) []byte {
	sum := sha256.Sum256([]byte(id))
	return sum[:]
}

func updateOf(row updateRow) (hub.Update, error) {
	u := hub.Update{
		Data: string(row.Data), Private: row.Private,
		ID: row.OwnID, Type: row.Type, Retry: uint64(row.Retry), // its bits were kept
	}
	if err := json.Unmarshal([]byte(row.Topics), &u.Topics); err != nil {
		return hub.Update{}, fmt.Errorf("stored topics of an update: %v", err)
	}
	return u, nil
}

// Published returns the updates within the span. What was pruned has no row, so
// it is not come past.
func (s *Store) Published(ctx context.Context, span port.Span) ([]port.Entry, error) {
	return s.entries(ctx, span.Limit, bun.SafeQuery(`position IN (
  SELECT position FROM hub_update WHERE position > ? AND position <= ? ORDER BY position LIMIT ?)`,
		int64(span.After), int64(span.Upto), span.Limit))
}

// Named returns the earliest update behind a position with this ID.
func (s *Store) Named(ctx context.Context, id string, after sequence.Position) (port.Entry, bool, error) {
	if id == "" {
		return port.Entry{}, false, nil
	}
	found, err := s.entries(ctx, 1, bun.SafeQuery(`position = (
  SELECT position FROM hub_update WHERE id_print = ? AND position > ? AND own_id = ? ORDER BY position LIMIT 1)`, printOf(id), int64(after), id))
	if err != nil || len(found) == 0 {
		return port.Entry{}, false, err
	}
	return found[0], true, nil
}

// Pruned is up to where updates were pruned.
func (s *Store) Pruned(ctx context.Context) (upto sequence.Position, err error) {
	err = s.look(ctx, s.engine.peek, func(ctx context.Context, db bun.IDB, t *trouble) error {
		var position int64
		if err := db.NewRaw("SELECT position FROM hub_start").Scan(ctx, &position); err != nil {
			return t.away("read up to where updates were pruned", err)
		}
		upto = sequence.Position(position)
		return nil
	})
	return upto, err
}
