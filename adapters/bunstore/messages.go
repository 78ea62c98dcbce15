package bunstore

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"parley/application/port"
	"parley/domain/message"
	"parley/domain/room"
	"parley/domain/sequence"
)

// messages implements port.Messages.
type messages struct{ reads }

func (m messages) Get(ctx context.Context, id message.ID) (message.Message, error) {
	found, err := m.some(ctx, bun.SafeQuery("m.id = ?", id.Int64()))
	if err != nil {
		return message.Message{}, err
	}
	if len(found) == 0 {
		return message.Message{}, message.ErrNotThere
	}
	return found[0], nil
}

func (m messages) Range(ctx context.Context, in room.ID, r port.Range) ([]message.Message, error) {
	if r.Limit <= 0 || r.To < r.From {
		return nil, nil
	}
	order := bun.Safe("ASC")
	if r.Last {
		order = "DESC"
	}
	found, err := m.some(ctx, bun.SafeQuery("m.room_id = ? AND m.sequence BETWEEN ? AND ? ORDER BY m.sequence ? LIMIT ?",
		in.Int64(), int64(r.From), int64(r.To), order, r.Limit))
	if r.Last {
		slices.Reverse(found)
	}
	return found, err
}

func (m messages) Bounds(ctx context.Context, in room.ID) (first, last sequence.Number, err error) {
	var row struct {
		First int64 `bun:"first"`
		Last  int64 `bun:"last"`
	}
	err = m.db.NewRaw(`
SELECT COALESCE(
    (SELECT sequence FROM message WHERE room_id = ? AND pruned = FALSE ORDER BY sequence LIMIT 1),
    (SELECT max(sequence) + 1 FROM message WHERE room_id = ?), 1) AS first,
  COALESCE((SELECT max(sequence) FROM message WHERE room_id = ?), 0) AS last`,
		in.Int64(), in.Int64(), in.Int64()).Scan(ctx, &row)
	if err != nil {
		return 0, 0, m.away("read the bounds of a room", err)
	}
	return sequence.Number(row.First), sequence.Number(row.Last), nil
}

// some returns messages with their authors. What was pruned is none.
func (m messages) some(ctx context.Context, which any) ([]message.Message, error) {
	var rows []authored
	err := m.db.NewRaw(`
SELECT m.id, m.room_id, m.sequence, m.author_id, m.content, m.client_key, m.reply_to,
  m.created_at, m.edited_at, m.deleted_at, m.version, u.display_name AS author_name
FROM message AS m JOIN users AS u ON u.id = m.author_id WHERE m.pruned = FALSE AND ?`, which).Scan(ctx, &rows)
	if err != nil {
		return nil, m.away("read messages", err)
	}
	found := make([]message.Message, 0, len(rows))
	for _, row := range rows {
		one, err := messageOf(row.messageRow, row.AuthorName)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}
