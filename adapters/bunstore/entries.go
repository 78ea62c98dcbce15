package bunstore

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"parley/application/port"
	"parley/domain/identity"
	"parley/domain/room"
	"parley/domain/sequence"
)

// fullEntry is an entry with what it names, as that reads now.
type fullEntry struct {
	Position    int64    `bun:"position"`
	Mark        int64    `bun:"mark"`
	At          int64    `bun:"at"`
	Kind        kindCode `bun:"kind"`
	InRoom      int64    `bun:"in_room"`
	ActorID     int64    `bun:"actor_id"`
	Detail      string   `bun:"detail"`
	SubjectID   int64    `bun:"subject_id"`
	SubjectName string   `bun:"subject_name"`
	AuthorName  string   `bun:"author_name"`
	Last        int64    `bun:"last"`
	Beginners   string   `bun:"beginners"`

	Message messageRow `bun:"embed:m_"`
	Room    roomRow    `bun:"embed:r_"`
	Update  updateRow  `bun:"embed:h_"`
}

const readEntries = `
SELECT e.position, e.mark, e.at, e.kind, e.room_id AS in_room, e.actor_id, e.detail,
  e.subject_id, s.display_name AS subject_name, a.display_name AS author_name,
  m.id AS m_id, m.room_id AS m_room_id, m.sequence AS m_sequence, m.author_id AS m_author_id,
  m.content AS m_content, m.client_key AS m_client_key, m.reply_to AS m_reply_to, m.created_at AS m_created_at,
  m.edited_at AS m_edited_at, m.deleted_at AS m_deleted_at, COALESCE(m.version, 0) AS m_version,
  r.id AS r_id, r.type AS r_type, r.name AS r_name, COALESCE(r.people, 0) AS r_people,
  COALESCE(r.version, 0) AS r_version, r.created_at AS r_created_at, r.updated_at AS r_updated_at,
  COALESCE(h.position, 0) AS h_position, h.topics AS h_topics, h.data AS h_data, COALESCE(h.private, FALSE) AS h_private,
  h.own_id AS h_own_id, h.type AS h_type, COALESCE(h.retry, 0) AS h_retry,
  CASE WHEN r.id IS NOT NULL THEN (SELECT max(sequence) FROM message WHERE room_id = r.id) END AS last,
  CASE WHEN r.id IS NOT NULL THEN (SELECT string_agg(CAST(p.user_id AS text), ' ' ORDER BY p.user_id)
    FROM chat_participant AS p WHERE p.began_position = e.position) END AS beginners
FROM (
  SELECT l.*, sum(COALESCE(u.bytes, 0)) OVER (ORDER BY l.position) - COALESCE(u.bytes, 0) AS before
  FROM (SELECT * FROM log_entry WHERE ? ORDER BY position LIMIT ?) AS l
  LEFT JOIN hub_update AS u ON u.position = l.position AND l.kind = ?
) AS e
LEFT JOIN users AS s ON s.id = e.subject_id
LEFT JOIN message AS m ON m.id = e.message_id AND m.pruned = FALSE
LEFT JOIN users AS a ON a.id = m.author_id
LEFT JOIN chat_room AS r ON r.id = e.room_id AND e.kind IN (?, ?)
LEFT JOIN hub_update AS h ON h.position = e.position AND e.kind = ?
WHERE e.before < ?
ORDER BY e.position`

// entries returns entries in order, as many as [port.Whole] says. The rows of the
// log are found first, so that nothing else is read but what they name.
func (s *Store) entries(ctx context.Context, limit int, which any) ([]port.Entry, error) {
	if limit <= 0 {
		return nil, nil
	}
	var rows []fullEntry
	err := s.look(ctx, s.engine.peek, func(ctx context.Context, db bun.IDB, t *trouble) error {
		err := db.NewRaw(readEntries, which, limit, updatePublishedCode, roomCreatedCode, roomChangedCode, updatePublishedCode, port.Plenty).Scan(ctx, &rows)
		if err != nil {
			return t.away("read the log", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	entries := make([]port.Entry, len(rows))
	for i := range rows {
		if entries[i], err = rows[i].entry(); err != nil {
			return nil, fmt.Errorf("entry %d of the log: %w", rows[i].Position, err)
		}
	}
	return entries, nil
}

func (row *fullEntry) entry() (port.Entry, error) {
	e := port.Entry{
		Place: sequence.Place{Position: sequence.Position(row.Position), Mark: sequence.Mark(row.Mark)},
		At:    fromMicros(row.At),
		Kind:  kinds[row.Kind],
	}
	var err error
	if row.InRoom != 0 {
		if e.Room, err = room.IDFrom(row.InRoom); err != nil {
			return port.Entry{}, fmt.Errorf("stored room %d: %v", row.InRoom, err)
		}
	}
	if row.ActorID != 0 {
		if e.Actor, err = identity.UserIDFrom(row.ActorID); err != nil {
			return port.Entry{}, fmt.Errorf("stored user %d: %v", row.ActorID, err)
		}
	}
	return e, row.fill(&e)
}

// fill adds what an entry of its kind names. What is there no more makes it one
// that is handed out to nobody, as does a kind that a later program wrote.
func (row *fullEntry) fill(e *port.Entry) error {
	switch e.Kind {
	case port.Genesis, port.RoomDeleted:
		return nil
	case port.MessageCreated, port.MessageEdited, port.MessageDeleted:
		return row.fillMessage(e)
	case port.ParticipantJoined, port.ParticipantLeft, port.ParticipantChanged:
		return row.fillParticipant(e)
	case port.RoomCreated, port.RoomChanged:
		return row.fillRoom(e)
	case port.SessionEnded:
		session, err := identity.ParseSessionID(row.Detail)
		if err != nil {
			return fmt.Errorf("stored session %q: %v", row.Detail, err)
		}
		e.Session = session
		return nil
	case port.UpdatePublished:
		return row.fillUpdate(e)
	default:
		e.Gone = true
		return nil
	}
}

func (row *fullEntry) fillMessage(e *port.Entry) error {
	if row.Message.ID == 0 {
		e.Gone = true
		return nil
	}
	m, err := messageOf(row.Message, row.AuthorName)
	e.Message = &m
	return err
}

func (row *fullEntry) fillUpdate(e *port.Entry) error {
	if row.Update.Position == 0 {
		e.Gone = true
		return nil
	}
	u, err := updateOf(row.Update)
	e.Update = &u
	return err
}

func (row *fullEntry) fillParticipant(e *port.Entry) (err error) {
	if row.SubjectName == "" {
		e.Gone = true
		return nil
	}
	if e.Subject, err = personOf(row.SubjectID, row.SubjectName); err != nil {
		return err
	}
	if e.Kind == port.ParticipantLeft {
		e.Role, e.Reason, err = leftOf(row.Detail)
	} else {
		e.Role, err = roleOf(row.Detail)
	}
	return err
}

func (row *fullEntry) fillRoom(e *port.Entry) error {
	if row.Room.ID == 0 {
		e.Gone = true
		return nil
	}
	about, err := roomOf(row.Room, row.Last)
	if err != nil {
		return err
	}
	e.About = &about
	for word := range strings.FieldsSeq(row.Beginners) {
		number, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return fmt.Errorf("stored user %q: %v", word, err)
		}
		user, err := identity.UserIDFrom(number)
		if err != nil {
			return fmt.Errorf("stored user %q: %v", word, err)
		}
		e.People = append(e.People, user)
	}
	return nil
}
