package bunstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
	"parley/domain/sequence"
)

// Each reading of the log but Rights is one statement, and so one snapshot.

// From returns the entries with position >= from.
func (s *Store) From(ctx context.Context, from sequence.Position, limit int) ([]port.Entry, error) {
	return s.entries(ctx, limit, bun.SafeQuery("position >= ?", int64(from)))
}

// Room returns the entries of a room within the span.
func (s *Store) Room(ctx context.Context, in room.ID, span port.Span) ([]port.Entry, error) {
	return s.entries(ctx, span.Limit, bun.SafeQuery("room_id = ? AND position > ? AND position <= ?",
		in.Int64(), int64(span.After), int64(span.Upto)))
}

// About returns what a user's own topic has within the span. The beginning of a
// participation is a joining entry, which is about them in any case, or the
// room's creation.
func (s *Store) About(ctx context.Context, who identity.UserID, span port.Span) ([]port.Entry, error) {
	after, upto, id := int64(span.After), int64(span.Upto), who.Int64()
	return s.entries(ctx, span.Limit, bun.SafeQuery(`position IN (
  SELECT position FROM log_entry WHERE subject_id = ? AND position > ? AND position <= ?
  UNION SELECT began_position FROM chat_participant
    WHERE user_id = ? AND began_position > ? AND began_position <= ?
  UNION SELECT r.deleted_position FROM chat_participant AS p JOIN chat_room AS r ON r.id = p.room_id
    WHERE p.user_id = ? AND p.ended_position IS NULL AND r.deleted_position > ? AND r.deleted_position <= ?
  ORDER BY 1 LIMIT ?)`,
		id, after, upto, id, after, upto, id, after, upto, span.Limit))
}

// Head returns the place of the last entry.
func (s *Store) Head(ctx context.Context) (place sequence.Place, err error) {
	err = s.look(ctx, s.engine.peek, func(ctx context.Context, db bun.IDB, t *trouble) error {
		h, err := readHead(ctx, db, "0")
		if err != nil {
			return t.away("read the head of the log", err)
		}
		place = h.place()
		return nil
	})
	return place, err
}

// Latest returns the position of the last entry up to upto of each of the rooms
// that has one after after.
func (s *Store) Latest(ctx context.Context, in []room.ID, after, upto sequence.Position) (map[room.ID]sequence.Position, error) {
	if len(in) == 0 {
		return nil, nil
	}
	numbers := make([]int64, len(in))
	for i, id := range in {
		numbers[i] = id.Int64()
	}
	var rows []struct {
		RoomID   int64 `bun:"room_id"`
		Position int64 `bun:"position"`
	}
	err := s.look(ctx, s.engine.peek, func(ctx context.Context, db bun.IDB, t *trouble) error {
		err := db.NewRaw(`
SELECT room_id, position FROM (
  SELECT r.id AS room_id, (SELECT max(e.position) FROM log_entry AS e
    WHERE e.room_id = r.id AND e.position > ? AND e.position <= ?) AS position
  FROM chat_room AS r WHERE r.id IN (?)
) AS latest WHERE position IS NOT NULL`, int64(after), int64(upto), bun.List(numbers)).Scan(ctx, &rows)
		if err != nil {
			return t.away("read the latest entries of rooms", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	latest := make(map[room.ID]sequence.Position, len(rows))
	for _, row := range rows {
		id, err := room.IDFrom(row.RoomID)
		if err != nil {
			return nil, err
		}
		latest[id] = sequence.Position(row.Position)
	}
	return latest, nil
}

// Rights returns what a stream of this caller rests on.
func (s *Store) Rights(ctx context.Context, who identity.Caller) (rights port.Rights, err error) {
	err = s.Look(ctx, func(ctx context.Context, v port.View) error {
		if err := v.Admit(ctx, who); err != nil {
			return err
		}
		mine, ours := v.Rooms.(rooms)
		if !ours {
			return errors.New("bunstore: the view of another store")
		}
		rights.Head = v.Head
		rights.Rooms, err = mine.of(ctx, who.User)
		return err
	})
	return rights, err
}

// of returns the rooms that somebody is in.
func (r rooms) of(ctx context.Context, who identity.UserID) ([]room.ID, error) {
	var numbers []int64
	err := r.db.NewRaw(`
SELECT r.id FROM chat_participant AS p JOIN chat_room AS r ON r.id = p.room_id
WHERE p.user_id = ? AND p.ended_position IS NULL AND r.deleted_position IS NULL ORDER BY r.id`,
		who.Int64()).Scan(ctx, &numbers)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, r.away("list the rooms of a stream", err)
	}
	ids := make([]room.ID, len(numbers))
	for i, number := range numbers {
		if ids[i], err = room.IDFrom(number); err != nil {
			return nil, err
		}
	}
	return ids, nil
}
