package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"parley/domain/identity"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// OpenRoom makes a room. The people it begins with are those whose rows begin at
// the place of its room.created.
func (k keeping) OpenRoom(ctx context.Context, p room.Plan, by identity.UserID) (room.ID, error) {
	at := sequence.After(time.Time{}, k.at)
	crowd := p.Crowd()
	row := roomRow{
		Type: typeOf(p.Kind), Name: p.Name.String(), People: len(crowd),
		Version: 1, CreatedAt: micros(at), UpdatedAt: micros(at),
	}
	if p.Kind == policy.Direct && len(crowd) == 2 {
		row.DirectLow = min(crowd[0].Int64(), crowd[1].Int64())
		row.DirectHigh = max(crowd[0].Int64(), crowd[1].Int64())
	}
	if _, err := k.tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return room.ID{}, k.away("open a room", err)
	}
	id, err := room.IDFrom(row.ID)
	if err != nil {
		return room.ID{}, fmt.Errorf("the ID of a room: %v", err)
	}
	if err := k.addRoomStarts(ctx, id, p.Kind, p.Name); err != nil {
		return room.ID{}, err
	}
	entry := k.next(roomCreatedCode, id, at)
	entry.ActorID = by.Int64()
	rows := make([]participantRow, len(crowd))
	for i, who := range crowd {
		rows[i] = participantRow{
			RoomID: row.ID, UserID: who.Int64(), Role: wordOf(p.RoleOf(who)),
			JoinedAt: micros(at), BeganPosition: entry.Position,
		}
	}
	if _, err := k.tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return room.ID{}, k.away("open a room", err)
	}
	return id, k.log(ctx, entry)
}

// addRoomStarts lets a public room be found by its name.
func (k keeping) addRoomStarts(ctx context.Context, id room.ID, kind policy.Kind, name room.Name) error {
	starts := distinct(name.Starts())
	if kind != policy.Public || len(starts) == 0 {
		return nil
	}
	rows := make([]roomStartRow, len(starts))
	for i, start := range starts {
		rows[i] = roomStartRow{Start: start, RoomID: id.Int64()}
	}
	if _, err := k.tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return k.away("save a room's name", err)
	}
	return nil
}

// Keep makes changes in a room, each with its entry.
func (k keeping) Keep(ctx context.Context, in room.ID, by identity.UserID, changes []room.Change) error {
	for _, change := range changes {
		at, err := k.soon(ctx, in)
		if err != nil {
			return err
		}
		switch c := change.(type) {
		case room.Joined:
			err = k.join(ctx, k.entry(participantJoinedCode, in, at, by, c.Who, wordOf(c.Role)))
		case room.Left:
			err = k.leave(ctx, k.entry(participantLeftCode, in, at, by, c.Who, leftDetail(c)), c.Reason)
		case room.RoleChanged:
			err = k.promote(ctx, k.entry(participantChangedCode, in, at, by, c.Who, wordOf(c.Role)))
		case room.Renamed:
			err = k.rename(ctx, k.entry(roomChangedCode, in, at, by, identity.UserID{}, ""), in, c.To)
		case room.Deleted:
			err = k.delete(ctx, k.entry(roomDeletedCode, in, at, by, identity.UserID{}, ""))
		default:
			err = fmt.Errorf("bunstore: no way to keep a %T", change)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// soon is the time of what happens in the room now: after the last thing there.
func (k keeping) soon(ctx context.Context, in room.ID) (time.Time, error) {
	last, logged := k.rooms[in]
	if !logged {
		var row entryRow
		err := k.tx.NewSelect().Model(&row).Column("at").Where("e.room_id = ?", in.Int64()).
			OrderBy("e.position", "DESC").Limit(1).Scan(ctx)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return time.Time{}, k.away("read a room's last entry", err)
		}
		last = fromMicros(row.At)
	}
	return sequence.After(last, k.at), nil
}

func (k keeping) entry(kind kindCode, in room.ID, at time.Time, by, about identity.UserID, detail string) entryRow {
	entry := k.next(kind, in, at)
	entry.ActorID, entry.SubjectID, entry.Detail = by.Int64(), about.Int64(), detail
	return entry
}

// join begins a participation, or begins it anew: nothing said before is unread.
func (k keeping) join(ctx context.Context, entry entryRow) error {
	_, err := k.tx.NewRaw(`
INSERT INTO chat_participant (room_id, user_id, role, joined_at, read_sequence, began_position, removed)
VALUES (?, ?, ?, ?, COALESCE((SELECT max(sequence) FROM message WHERE room_id = ?), 0), ?, FALSE)
ON CONFLICT (room_id, user_id) DO UPDATE SET role = excluded.role, joined_at = excluded.joined_at,
  read_sequence = excluded.read_sequence, began_position = excluded.began_position,
  ended_position = NULL, removed = FALSE`,
		entry.RoomID, entry.SubjectID, entry.Detail, entry.At, entry.RoomID, entry.Position).Exec(ctx)
	if err != nil {
		return k.away("let somebody in", err)
	}
	return k.count(ctx, entry, 1)
}

func (k keeping) leave(ctx context.Context, entry entryRow, reason room.Reason) error {
	_, err := k.tx.NewUpdate().Model((*participantRow)(nil)).
		Set("ended_position = ?, removed = ?", entry.Position, reason == room.WasRemoved).
		Where("room_id = ? AND user_id = ?", entry.RoomID, entry.SubjectID).Exec(ctx)
	if err != nil {
		return k.away("let somebody out", err)
	}
	return k.count(ctx, entry, -1)
}

// count keeps how many people are in a room, so that nobody has to count them.
func (k keeping) count(ctx context.Context, entry entryRow, more int) error {
	_, err := k.tx.NewUpdate().Model((*roomRow)(nil)).
		Set("people = people + ?", more).Where("id = ?", entry.RoomID).Exec(ctx)
	if err != nil {
		return k.away("count a room's people", err)
	}
	return k.log(ctx, entry)
}

func (k keeping) promote(ctx context.Context, entry entryRow) error {
	_, err := k.tx.NewUpdate().Model((*participantRow)(nil)).
		Set("role = ?", entry.Detail).
		Where("room_id = ? AND user_id = ?", entry.RoomID, entry.SubjectID).Exec(ctx)
	if err != nil {
		return k.away("change a role", err)
	}
	return k.log(ctx, entry)
}

// rename gives the room another name, by which it is found from then on.
func (k keeping) rename(ctx context.Context, entry entryRow, in room.ID, to room.Name) error {
	var row roomRow
	err := k.tx.NewSelect().Model(&row).Where("r.id = ?", in.Int64()).Scan(ctx)
	if err != nil {
		return k.away("read a room", err)
	}
	kind, err := kindOf(row.Type)
	if err != nil {
		return fmt.Errorf("room %s: %w", in, err)
	}
	_, err = k.tx.NewUpdate().Model((*roomRow)(nil)).
		Set("name = ?, version = version + 1, updated_at = ?", to.String(), entry.At).Where("id = ?", entry.RoomID).Exec(ctx)
	if err != nil {
		return k.away("rename a room", err)
	}
	if _, err := k.tx.NewDelete().Model((*roomStartRow)(nil)).Where("room_id = ?", entry.RoomID).Exec(ctx); err != nil {
		return k.away("delete a room's name", err)
	}
	if err := k.addRoomStarts(ctx, in, kind, to); err != nil {
		return err
	}
	return k.log(ctx, entry)
}

// delete marks the room, and touches nobody in it: there may be 10,000.
func (k keeping) delete(ctx context.Context, entry entryRow) error {
	_, err := k.tx.NewUpdate().Model((*roomRow)(nil)).
		Set("deleted_position = ?", entry.Position).Where("id = ?", entry.RoomID).Exec(ctx)
	if err != nil {
		return k.away("delete a room", err)
	}
	if _, err := k.tx.NewDelete().Model((*roomStartRow)(nil)).Where("room_id = ?", entry.RoomID).Exec(ctx); err != nil {
		return k.away("delete a room's name", err)
	}
	return k.log(ctx, entry)
}
