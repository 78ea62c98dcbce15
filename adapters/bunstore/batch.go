package bunstore

import (
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/sequence"
)

// The statements of a batch, after the lock and the head: what the decisions rest
// on, a row for each draft; where the rooms end; then, if anything is taken, the
// messages, and last their entries, the authors' read marks and paces. All of
// them are for the whole batch.

// Write stores messages and what goes with them. It gives them their IDs.
func (t *transaction) Write(fresh []*message.Fresh, paces map[identity.UserID]time.Time) error {
	var queries []any
	if len(fresh) > 0 {
		if err := t.writeMessages(fresh); err != nil {
			return err
		}
		queries = append(queries, t.tx.NewInsert().Model(t.entriesOf(fresh)), readMarks(fresh))
	}
	if len(paces) > 0 {
		queries = append(queries, t.newPaces(paces))
	}
	if len(queries) == 0 {
		return nil // all were refused, or sent before
	}
	return t.exec("write a batch", queries...)
}

func (t *transaction) entriesOf(fresh []*message.Fresh) *[]entryRow {
	entries := make([]entryRow, len(fresh))
	for i, f := range fresh {
		entries[i] = t.next(messageCreatedCode, f.Message.Room, f.Message.CreatedAt)
		entries[i].MessageID = f.Message.ID.Int64()
		entries[i].ActorID = f.Message.Author.ID.Int64()
	}
	return &entries
}

func (t *transaction) writeMessages(fresh []*message.Fresh) error {
	rows := make([]messageRow, len(fresh))
	for i, f := range fresh {
		m := f.Message
		rows[i] = messageRow{
			RoomID: m.Room.Int64(), Sequence: int64(m.Sequence), AuthorID: m.Author.ID.Int64(),
			Content: m.Content.String(), ClientKey: m.Key.String(), Print: f.Print[:], ReplyTo: m.ReplyTo.Int64(),
			CreatedAt: micros(m.CreatedAt), Version: m.Version,
		}
	}
	type numbered struct {
		ID       int64 `bun:"id"`
		RoomID   int64 `bun:"room_id"`
		Sequence int64 `bun:"sequence"`
	}
	var given []numbered
	if _, err := t.tx.NewInsert().Model(&rows).Returning("id, room_id, sequence").Exec(t.ctx, &given); err != nil {
		return t.away("write messages", err)
	}
	ids := make(map[numbered]int64, len(given)) // no database promises the order of what it returns
	for _, g := range given {
		ids[numbered{RoomID: g.RoomID, Sequence: g.Sequence}] = g.ID
	}
	for _, f := range fresh {
		id, err := message.IDFrom(ids[numbered{RoomID: f.Message.Room.Int64(), Sequence: int64(f.Message.Sequence)}])
		if err != nil {
			return fmt.Errorf("the ID of a message: %v", err)
		}
		f.Message.ID = id
	}
	return nil
}

// readMarks moves each author's read mark to the last message that they wrote.
func readMarks(fresh []*message.Fresh) schema.QueryAppender {
	marks := make(map[message.Seat]sequence.Number, len(fresh))
	for _, f := range fresh { // in the order of their numbers
		marks[message.Seat{Room: f.Message.Room, User: f.Message.Author.ID}] = f.Message.Sequence
	}
	rows := make([]schema.QueryWithArgs, 0, len(marks))
	for seat, last := range marks {
		rows = append(rows, bun.SafeQuery("(?, ?, ?)", seat.Room.Int64(), seat.User.Int64(), int64(last)))
	}
	return bun.SafeQuery(`
WITH mark (room_id, user_id, sequence) AS (VALUES ?)
UPDATE chat_participant SET read_sequence = mark.sequence FROM mark
WHERE chat_participant.room_id = mark.room_id AND chat_participant.user_id = mark.user_id`, bun.List(rows))
}

func (t *transaction) newPaces(paces map[identity.UserID]time.Time) schema.QueryAppender {
	rows := make([]paceRow, 0, len(paces))
	for who, state := range paces {
		rows = append(rows, paceRow{UserID: who.Int64(), State: micros(state)})
	}
	return t.tx.NewInsert().Model(&rows).On("CONFLICT (user_id) DO UPDATE").Set("state = EXCLUDED.state")
}

// exec runs statements that need no answer in one round trip.
func (t *transaction) exec(doing string, queries ...any) error {
	text := strings.TrimSuffix(strings.Repeat("?;\n", len(queries)), ";\n")
	if _, err := t.tx.NewRaw(text, queries...).Exec(t.ctx); err != nil {
		return t.away(doing, err)
	}
	return nil
}
