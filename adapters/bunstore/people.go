package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"parley/domain/identity"
	"parley/domain/policy"
	"parley/domain/room"
)

// people implements port.People.
type people struct{ reads }

func (p people) Standing(ctx context.Context, in room.ID, who identity.UserID) (policy.Standing, policy.Kind, error) {
	found, err := p.room(ctx, in)
	if err != nil {
		return policy.Outsider, 0, err
	}
	kind, err := kindOf(found.Type)
	if err != nil {
		return policy.Outsider, 0, fmt.Errorf("room %s: %w", in, err)
	}
	standing, err := p.standing(ctx, in, who)
	return standing, kind, err
}

func (p people) room(ctx context.Context, in room.ID) (roomRow, error) {
	var row roomRow
	err := p.db.NewSelect().Model(&row).Where("r.id = ? AND r.deleted_position IS NULL", in.Int64()).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return roomRow{}, policy.ErrNotThere
	}
	if err != nil {
		return roomRow{}, p.away("read a room", err)
	}
	return row, nil
}

func (p people) standing(ctx context.Context, in room.ID, who identity.UserID) (policy.Standing, error) {
	var row participantRow
	err := p.db.NewSelect().Model(&row).Where("p.room_id = ? AND p.user_id = ?", in.Int64(), who.Int64()).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return policy.Outsider, p.away("read a participant", err)
	}
	standing, err := row.standing()
	if err != nil {
		return policy.Outsider, fmt.Errorf("user %s in room %s: %w", who, in, err)
	}
	return standing, nil
}

func (p people) Circle(ctx context.Context, in room.ID, by, who identity.UserID) (room.Circle, error) {
	found, err := p.room(ctx, in)
	if err != nil {
		return room.Circle{}, err
	}
	circle := room.Circle{By: by, Who: who, People: found.People}
	if circle.Kind, err = kindOf(found.Type); err != nil {
		return room.Circle{}, fmt.Errorf("room %s: %w", in, err)
	}
	if circle.Asks, err = p.standing(ctx, in, by); err != nil {
		return room.Circle{}, err
	}
	if circle.Of, err = p.standing(ctx, in, who); err != nil {
		return room.Circle{}, err
	}
	return circle, p.surround(ctx, in, &circle)
}

// surround adds to a circle what concerns those beside By and Who.
func (p people) surround(ctx context.Context, in room.ID, circle *room.Circle) error {
	var row struct {
		Admins int   `bun:"admins"`
		Eldest int64 `bun:"eldest"`
		Known  bool  `bun:"known"`
	}
	err := p.db.NewRaw(`
SELECT
  (SELECT count(*) FROM chat_participant WHERE room_id = ? AND ended_position IS NULL AND role = 'admin') AS admins,
  (SELECT user_id FROM chat_participant WHERE room_id = ? AND ended_position IS NULL AND user_id <> ?
   ORDER BY joined_at, user_id LIMIT 1) AS eldest,
  EXISTS (SELECT 1 FROM users WHERE id = ?) AS known`,
		in.Int64(), in.Int64(), circle.Who.Int64(), circle.Who.Int64()).Scan(ctx, &row)
	if err != nil {
		return p.away("read a room's people", err)
	}
	circle.Admins, circle.Unknown = row.Admins, !row.Known
	if row.Eldest != 0 {
		if circle.Eldest, err = identity.UserIDFrom(row.Eldest); err != nil {
			return fmt.Errorf("stored user %d: %v", row.Eldest, err)
		}
	}
	return nil
}

// named is a participant with their name as it reads now.
type named struct {
	participantRow

	DisplayName string `bun:"display_name"`
}

func (p people) Get(ctx context.Context, in room.ID, who identity.UserID) (room.Participant, error) {
	found, err := p.list(ctx, in, "p.user_id = ?", who, 1)
	if err != nil {
		return room.Participant{}, err
	}
	if len(found) == 0 {
		return room.Participant{}, room.ErrNotParticipant
	}
	return found[0], nil
}

func (p people) List(ctx context.Context, in room.ID, after identity.UserID, limit int) ([]room.Participant, error) {
	return p.list(ctx, in, "p.user_id > ?", after, limit)
}

func (p people) list(ctx context.Context, in room.ID, where string, who identity.UserID, limit int) ([]room.Participant, error) {
	var rows []named
	err := p.db.NewRaw(`
SELECT p.room_id, p.user_id, p.role, p.joined_at, u.display_name
FROM chat_participant AS p JOIN users AS u ON u.id = p.user_id
WHERE p.room_id = ? AND p.ended_position IS NULL AND `+where+` ORDER BY p.user_id LIMIT ?`,
		in.Int64(), who.Int64(), limit).Scan(ctx, &rows)
	if err != nil {
		return nil, p.away("list participants", err)
	}
	found := make([]room.Participant, 0, len(rows))
	for _, row := range rows {
		one, err := participantOf(row.participantRow, row.DisplayName)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}
