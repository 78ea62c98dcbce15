package bunstore

import (
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// groundRow is what there is beneath one draft. What is not there is zero.
type groundRow struct {
	N            int    `bun:"n"`
	SessionOwner int64  `bun:"session_owner"`
	SessionEnd   int64  `bun:"session_end"`
	RoomType     string `bun:"room_type"`
	SeatRoom     int64  `bun:"seat_room"`
	Role         string `bun:"role"`
	Ended        int64  `bun:"ended_position"`
	Removed      bool   `bun:"removed"`
	AuthorName   string `bun:"author_name"`
	Pace         int64  `bun:"pace"`
	ReplyRoom    int64  `bun:"reply_room"`

	messageRow // that its key stands for
}

// Ground reads what the decisions on the drafts rest on: a row for each draft,
// every table joined by an index, and where the rooms end.
func (t *transaction) Ground(drafts []message.Draft) (message.Ground, error) {
	ground := message.Ground{
		At: t.at, Pace: t.store.pace,
		Sessions: make(map[identity.SessionID]identity.Session),
		Rooms:    make(map[room.ID]policy.Kind),
		Seats:    make(map[message.Seat]message.Occupant),
		Known:    make(map[message.Name]message.Known),
		Replies:  make(map[message.ID]room.ID),
		Paces:    make(map[identity.UserID]time.Time),
		Ends:     make(map[room.ID]message.End),
	}
	rows, err := t.groundRows(drafts)
	if err != nil {
		return message.Ground{}, err
	}
	for _, row := range rows {
		if err := row.lay(&ground, drafts[row.N]); err != nil {
			return message.Ground{}, err
		}
	}
	return ground, t.ends(ground)
}

func (t *transaction) groundRows(drafts []message.Draft) ([]groundRow, error) {
	asked := make([]schema.QueryWithArgs, len(drafts))
	for n, d := range drafts {
		asked[n] = bun.SafeQuery("(?, CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint), CAST(? AS text), CAST(? AS bigint))",
			n, d.Author.Session.Int64(), d.Room.Int64(), d.Author.User.Int64(),
			bun.NullZero(d.Key.String()), bun.NullZero(d.ReplyTo.Int64()))
	}
	var rows []groundRow
	err := t.tx.NewRaw(`
WITH draft (n, session_id, room_id, user_id, client_key, reply_to) AS (VALUES ?)
SELECT draft.n, s.user_id AS session_owner, s.ended_at AS session_end, r.type AS room_type,
  p.room_id AS seat_room, p.role, p.ended_position, COALESCE(p.removed, FALSE) AS removed,
  u.display_name AS author_name, mp.state AS pace, reply.room_id AS reply_room,
  m.id, m.room_id, m.sequence, m.author_id, m.content, m.client_key, m.print, m.reply_to,
  m.created_at, m.edited_at, m.deleted_at, COALESCE(m.version, 0) AS version
FROM draft
LEFT JOIN session AS s ON s.id = draft.session_id
LEFT JOIN chat_room AS r ON r.id = draft.room_id AND r.deleted_position IS NULL
LEFT JOIN chat_participant AS p ON p.room_id = draft.room_id AND p.user_id = draft.user_id
LEFT JOIN users AS u ON u.id = draft.user_id
LEFT JOIN message_pace AS mp ON mp.user_id = draft.user_id
LEFT JOIN message AS reply ON reply.id = draft.reply_to AND reply.pruned = FALSE
LEFT JOIN message AS m ON m.author_id = draft.user_id AND m.client_key = draft.client_key`,
		bun.List(asked)).Scan(t.ctx, &rows)
	if err != nil {
		return nil, t.away("read what a batch rests on", err)
	}
	return rows, nil
}

// lay puts what a row says into the ground.
func (row groundRow) lay(ground *message.Ground, d message.Draft) error {
	if row.SessionOwner != 0 {
		session, err := sessionOf(sessionRow{ID: d.Author.Session.Int64(), UserID: row.SessionOwner, EndedAt: row.SessionEnd})
		if err != nil {
			return err
		}
		ground.Sessions[d.Author.Session] = session
	}
	if row.RoomType != "" {
		kind, err := kindOf(row.RoomType)
		if err != nil {
			return fmt.Errorf("room %s: %w", d.Room, err)
		}
		ground.Rooms[d.Room] = kind
	}
	if row.ReplyRoom != 0 {
		in, err := room.IDFrom(row.ReplyRoom)
		if err != nil {
			return fmt.Errorf("stored room of message %s: %v", d.ReplyTo, err)
		}
		ground.Replies[d.ReplyTo] = in
	}
	if row.Pace != 0 {
		ground.Paces[d.Author.User] = fromMicros(row.Pace)
	}
	if err := row.layKnown(ground, d); err != nil {
		return err
	}
	return row.laySeat(ground, d)
}

func (row groundRow) laySeat(ground *message.Ground, d message.Draft) error {
	if row.SeatRoom == 0 {
		return nil
	}
	seat := participantRow{RoomID: row.SeatRoom, Role: row.Role, EndedPosition: row.Ended, Removed: row.Removed}
	standing, err := seat.standing()
	if err != nil {
		return fmt.Errorf("user %s in room %s: %w", d.Author.User, d.Room, err)
	}
	person, err := personOf(d.Author.User.Int64(), row.AuthorName)
	if err != nil {
		return err
	}
	ground.Seats[message.Seat{Room: d.Room, User: d.Author.User}] = message.Occupant{Standing: standing, Person: person}
	return nil
}

func (row groundRow) layKnown(ground *message.Ground, d message.Draft) error {
	name := message.Name{Author: d.Author.User, Key: d.Key}
	if _, known := ground.Known[name]; row.ID == 0 || known {
		return nil
	}
	m, err := messageOf(row.messageRow, row.AuthorName)
	if err != nil {
		return err
	}
	known := message.Known{Message: &m}
	copy(known.Print[:], row.Print)
	ground.Known[name] = known
	return nil
}

// ends reads where the rooms of the ground end: their last number, and the time
// of the last thing in them.
func (t *transaction) ends(ground message.Ground) error {
	if len(ground.Rooms) == 0 {
		return nil
	}
	asked := make([]schema.QueryWithArgs, 0, len(ground.Rooms))
	for id := range ground.Rooms {
		asked = append(asked, bun.SafeQuery("(CAST(? AS bigint))", id.Int64()))
	}
	var rows []struct {
		RoomID   int64 `bun:"room_id"`
		Sequence int64 `bun:"sequence"`
		At       int64 `bun:"at"`
	}
	err := t.tx.NewRaw(`
WITH asked (room_id) AS (VALUES ?)
SELECT asked.room_id,
  (SELECT max(m.sequence) FROM message AS m WHERE m.room_id = asked.room_id) AS sequence,
  (SELECT e.at FROM log_entry AS e WHERE e.room_id = asked.room_id ORDER BY e.position DESC LIMIT 1) AS at
FROM asked`, bun.List(asked)).Scan(t.ctx, &rows)
	if err != nil {
		return t.away("read where rooms end", err)
	}
	for _, row := range rows {
		id, err := room.IDFrom(row.RoomID)
		if err != nil {
			return fmt.Errorf("stored room %d: %v", row.RoomID, err)
		}
		ground.Ends[id] = message.End{Sequence: sequence.Number(row.Sequence), At: fromMicros(row.At)}
	}
	return nil
}
