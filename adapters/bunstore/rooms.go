package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// rooms implements port.Rooms.
type rooms struct{ reads }

func (r rooms) Get(ctx context.Context, id room.ID, viewer identity.UserID) (port.Seen, error) {
	seen, err := r.seen(ctx, viewer, []int64{id.Int64()})
	if err != nil {
		return port.Seen{}, err
	}
	if len(seen) == 0 {
		return port.Seen{}, policy.ErrNotThere
	}
	return seen[0], nil
}

func (r rooms) Direct(ctx context.Context, a, b identity.UserID) (room.ID, error) {
	var id int64
	err := r.db.NewSelect().Model((*roomRow)(nil)).Column("id").
		Where("r.direct_low = ? AND r.direct_high = ?", min(a.Int64(), b.Int64()), max(a.Int64(), b.Int64())).
		Scan(ctx, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return room.ID{}, nil
	}
	if err != nil {
		return room.ID{}, r.away("find a direct room", err)
	}
	return room.IDFrom(id)
}

func (r rooms) Mine(ctx context.Context, viewer identity.UserID, after port.Active, limit int) ([]port.Seen, error) {
	from := bun.SafeQuery("TRUE")
	if after != (port.Active{}) {
		from = bun.SafeQuery("(active_at, id) < (?, ?)", micros(after.At), after.Room.Int64())
	}
	var ids []int64
	err := r.db.NewRaw(`
SELECT id FROM (
  SELECT r.id, COALESCE((SELECT last.created_at FROM message AS last WHERE last.room_id = r.id
    ORDER BY last.sequence DESC LIMIT 1), r.created_at) AS active_at
  FROM chat_participant AS p JOIN chat_room AS r ON r.id = p.room_id
  WHERE p.user_id = ? AND p.ended_position IS NULL AND r.deleted_position IS NULL
) AS mine WHERE ? ORDER BY active_at DESC, id DESC LIMIT ?`,
		viewer.Int64(), from, limit).Scan(ctx, &ids)
	if err != nil {
		return nil, r.away("list somebody's rooms", err)
	}
	return r.seen(ctx, viewer, ids)
}

// seenRow is a room as one user sees it.
type seenRow struct {
	roomRow

	Role          string `bun:"role"`
	EndedPosition int64  `bun:"ended_position"`
	Removed       bool   `bun:"removed"`
	ReadSequence  int64  `bun:"read_sequence"`
	PeerID        int64  `bun:"peer_id"`
	PeerName      string `bun:"peer_name"`
	LastID        int64  `bun:"last_id"`
	LastSequence  int64  `bun:"last_sequence"`
	LastAt        int64  `bun:"last_at"`
}

// seen returns those of the rooms that are there, in the order of ids.
func (r rooms) seen(ctx context.Context, viewer identity.UserID, ids []int64) ([]port.Seen, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []seenRow
	err := r.db.NewRaw(`
SELECT r.id, r.type, r.name, r.people, r.version, r.created_at, r.updated_at,
  p.role, p.ended_position, COALESCE(p.removed, FALSE) AS removed, p.read_sequence,
  peer.id AS peer_id, peer.display_name AS peer_name,
  last.id AS last_id, last.sequence AS last_sequence, last.created_at AS last_at
FROM chat_room AS r
LEFT JOIN message AS last ON last.room_id = r.id AND last.sequence = (SELECT max(sequence) FROM message WHERE room_id = r.id)
LEFT JOIN chat_participant AS p ON p.room_id = r.id AND p.user_id = ?
LEFT JOIN users AS peer ON peer.id = CASE ? WHEN r.direct_low THEN r.direct_high WHEN r.direct_high THEN r.direct_low END
WHERE r.id IN (?) AND r.deleted_position IS NULL`,
		viewer.Int64(), viewer.Int64(), bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, r.away("read rooms", err)
	}
	lasts, err := r.lasts(ctx, rows)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]port.Seen, len(rows))
	for _, row := range rows {
		if byID[row.ID], err = seenOf(row, lasts[row.LastID]); err != nil {
			return nil, err
		}
	}
	seen := make([]port.Seen, 0, len(rows))
	for _, id := range ids {
		if one, there := byID[id]; there {
			seen = append(seen, one)
		}
	}
	return seen, nil
}

// lasts are the last messages of the rooms, where they were not pruned.
func (r rooms) lasts(ctx context.Context, rows []seenRow) (map[int64]*message.Message, error) {
	var ids []int64
	for _, row := range rows {
		if row.LastID != 0 {
			ids = append(ids, row.LastID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := messages(r).some(ctx, bun.SafeQuery("m.id IN (?)", bun.List(ids)))
	if err != nil {
		return nil, err
	}
	lasts := make(map[int64]*message.Message, len(found))
	for i := range found {
		lasts[found[i].ID.Int64()] = &found[i]
	}
	return lasts, nil
}

func seenOf(row seenRow, last *message.Message) (port.Seen, error) {
	seen := port.Seen{
		ReadSequence: sequence.Number(row.ReadSequence),
		LastMessage:  last,
		ActiveAt:     fromMicros(row.CreatedAt),
	}
	if row.LastAt != 0 { // even where the message itself was pruned
		seen.ActiveAt = fromMicros(row.LastAt)
	}
	var err error
	if seen.Room, err = roomOf(row.roomRow, row.LastSequence); err != nil {
		return port.Seen{}, err
	}
	if row.Role != "" {
		mine := participantRow{RoomID: row.ID, Role: row.Role, EndedPosition: row.EndedPosition, Removed: row.Removed}
		if seen.Standing, err = mine.standing(); err != nil {
			return port.Seen{}, fmt.Errorf("room %d: %w", row.ID, err)
		}
	}
	if row.PeerID != 0 {
		seen.Peer, err = personOf(row.PeerID, row.PeerName)
	}
	return seen, err
}

// listedRow is a public room as the directory shows it.
type listedRow struct {
	ID     int64  `bun:"id"`
	Name   string `bun:"name"`
	People int    `bun:"people"`
	Joined bool   `bun:"joined"`
}

func (r rooms) Directory(ctx context.Context, viewer identity.UserID, q identity.Query, after room.ID, limit int) ([]port.Listed, error) {
	matching := bun.SafeQuery("TRUE")
	if !q.IsZero() {
		matching = bun.SafeQuery("r.id IN (SELECT room_id FROM room_start WHERE ?)", startsWith(q.Key()))
	}
	var rows []listedRow
	err := r.db.NewRaw(`
SELECT r.id, r.name, r.people, EXISTS (
  SELECT 1 FROM chat_participant AS p WHERE p.room_id = r.id AND p.user_id = ? AND p.ended_position IS NULL
) AS joined
FROM chat_room AS r
WHERE r.type = ? AND r.deleted_position IS NULL AND r.id > ? AND ? ORDER BY r.id LIMIT ?`,
		viewer.Int64(), publicType, after.Int64(), matching, limit).Scan(ctx, &rows)
	if err != nil {
		return nil, r.away("list public rooms", err)
	}
	listed := make([]port.Listed, 0, len(rows))
	for _, row := range rows {
		found, err := roomOf(roomRow{ID: row.ID, Type: publicType, Name: row.Name}, 0)
		if err != nil {
			return nil, err
		}
		listed = append(listed, port.Listed{ID: found.ID, Name: found.Name, People: row.People, Joined: row.Joined})
	}
	return listed, nil
}
