package bunstore

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// Prune moves the beginning of the log on. The last entry that goes is emptied
// and becomes the genesis: its row keeps the place, so that a cursor just there
// still resumes and one before it does not, and keeps the numbering where the
// log has no entry behind it. Once no entry is left to go, the people of deleted
// rooms are forgotten.
func (r revising) Prune(ctx context.Context, before time.Time, limit int) (more bool, err error) {
	began, old, err := r.oldest(ctx, before, limit)
	if err != nil {
		return false, err
	}
	if len(old) == 0 {
		return r.forgetRoom(ctx, began, limit)
	}
	if old, err = r.withUpdates(ctx, old); err != nil {
		return false, err
	}
	if err := r.beginAt(ctx, began, old[len(old)-1].Position); err != nil {
		return false, err
	}
	if err := r.pruneMessages(ctx, old); err != nil {
		return false, err
	}
	return true, r.forgetPeople(ctx, old)
}

// oldest returns where the log begins, and the first entries behind that, as far
// as they are of before a time. One that is younger keeps all behind it.
//
// It looks from where the log began the last time, and from its beginning only if
// that is wrong: while any long snapshot is open, such as a backup's, PostgreSQL
// would else come past all that was ever pruned since, under the lock.
func (r revising) oldest(ctx context.Context, before time.Time, limit int) (began int64, old []entryRow, err error) {
	rows, err := r.from(ctx, r.store.began.Load(), limit+1)
	if err == nil && (len(rows) == 0 || rows[0].Kind != genesisCode) {
		rows, err = r.from(ctx, 0, limit+1)
	}
	if err != nil {
		return 0, nil, err
	}
	if len(rows) == 0 {
		return 0, nil, errNoGenesis
	}
	began, old = rows[0].Position, rows[1:]
	r.store.began.Store(began)
	for n, row := range old {
		if row.At >= micros(before) {
			return began, old[:n], nil
		}
	}
	return began, old, nil
}

var errNoGenesis = errors.New("bunstore: the log is empty")

func (r revising) from(ctx context.Context, position int64, limit int) ([]entryRow, error) {
	var rows []entryRow
	err := r.tx.NewSelect().Model(&rows).Where("e.position >= ?", position).
		OrderBy("e.position", "ASC").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, r.away("look for what is old", err)
	}
	return rows, nil
}

// beginAt makes the entry at a position the genesis, instead of the one where the
// log began.
func (r revising) beginAt(ctx context.Context, began, position int64) error {
	if _, err := r.tx.NewRaw("DELETE FROM log_entry WHERE position >= ? AND position < ?", began, position).Exec(ctx); err != nil {
		return r.away("prune the log", err)
	}
	_, err := r.tx.NewRaw(`
UPDATE log_entry SET kind = ?, room_id = NULL, message_id = NULL, subject_id = NULL, actor_id = NULL, detail = NULL
WHERE position = ?`, genesisCode, position).Exec(ctx)
	if err != nil {
		return r.away("prune the log", err)
	}
	return nil
}

// pruneMessages takes what these entries said. The last message of a room stays
// for its number, until another one has come and is pruned in its turn.
func (r revising) pruneMessages(ctx context.Context, old []entryRow) error {
	rooms, ids := make(map[int64]bool), []int64(nil)
	for _, row := range old {
		if row.Kind == messageCreatedCode {
			rooms[row.RoomID] = true
			ids = append(ids, row.MessageID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	r.gone = true
	var last []int64
	err := r.tx.NewRaw("SELECT id FROM message WHERE pruned = TRUE AND room_id IN (?)",
		bun.List(slices.Collect(maps.Keys(rooms)))).Scan(ctx, &last)
	if err != nil {
		return r.away("look for pruned messages", err)
	}
	_, err = r.tx.NewRaw(`DELETE FROM message WHERE id IN (?)
AND sequence < (SELECT max(sequence) FROM message AS last WHERE last.room_id = message.room_id)`,
		bun.List(append(last, ids...))).Exec(ctx)
	if err != nil {
		return r.away("prune messages", err)
	}
	_, err = r.tx.NewRaw("UPDATE message SET pruned = TRUE, content = NULL, print = NULL, client_key = NULL WHERE id IN (?)",
		bun.List(ids)).Exec(ctx)
	if err != nil {
		return r.away("empty the last messages", err)
	}
	return nil
}

// forgetPeople forgets who left by these entries and has not come back, but for
// whom that bars from a public room.
func (r revising) forgetPeople(ctx context.Context, old []entryRow) error {
	var left []schema.QueryWithArgs
	for _, row := range old {
		if row.Kind == participantLeftCode {
			left = append(left, bun.SafeQuery("(?, ?, ?)", row.RoomID, row.SubjectID, row.Position))
		}
	}
	if len(left) == 0 {
		return nil
	}
	_, err := r.tx.NewRaw(`
DELETE FROM chat_participant WHERE (room_id, user_id, ended_position) IN (VALUES ?) AND NOT (removed = TRUE AND EXISTS (
  SELECT 1 FROM chat_room AS r WHERE r.id = chat_participant.room_id AND r.type = ? AND r.deleted_position IS NULL))`,
		bun.List(left), publicType).Exec(ctx)
	if err != nil {
		return r.away("forget who left", err)
	}
	return nil
}

// forgetRoom forgets people of a deleted room whose end was pruned. There may be
// 10,000 of them, so they go in slices, too.
func (r revising) forgetRoom(ctx context.Context, began int64, limit int) (more bool, err error) {
	var ids []int64
	err = r.tx.NewRaw(`
SELECT id FROM chat_room WHERE deleted_position IS NOT NULL AND forgotten = FALSE
AND deleted_position <= ? ORDER BY deleted_position LIMIT 1`, began).Scan(ctx, &ids)
	if err != nil {
		return false, r.away("look for a room to forget", err)
	}
	if len(ids) == 0 {
		return false, nil
	}
	result, err := r.tx.NewRaw(`
DELETE FROM chat_participant WHERE room_id = ? AND user_id IN (
  SELECT user_id FROM chat_participant WHERE room_id = ? ORDER BY user_id LIMIT ?)`, ids[0], ids[0], limit).Exec(ctx)
	if err != nil {
		return false, r.away("forget a room", err)
	}
	forgotten, err := result.RowsAffected()
	if err != nil {
		return false, r.away("forget a room", err)
	}
	if int(forgotten) < limit {
		if _, err := r.tx.NewRaw("UPDATE chat_room SET forgotten = TRUE WHERE id = ?", ids[0]).Exec(ctx); err != nil {
			return false, r.away("forget a room", err)
		}
	}
	return true, nil
}
