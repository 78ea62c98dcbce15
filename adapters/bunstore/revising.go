package bunstore

import (
	"context"
	"errors"
	"fmt"

	"parley/domain/identity"
	"parley/domain/message"
	"parley/domain/policy"
	"parley/domain/room"
	"parley/domain/sequence"
)

// revising implements port.Revising. What it does is kept with the transaction.
type revising struct{ keeping }

func (r revising) Case(ctx context.Context, id message.ID, by identity.UserID) (message.Case, error) {
	view := r.Scope().View
	found, err := view.Messages.Get(ctx, id)
	if err != nil {
		return message.Case{}, err
	}
	c := message.Case{Message: found, By: by, At: r.at, Pace: r.store.pace}
	c.Asks, c.Kind, err = view.People.Standing(ctx, found.Room, by)
	if errors.Is(err, policy.ErrNotThere) {
		return message.Case{}, message.ErrNotThere
	}
	if err != nil {
		return message.Case{}, err
	}
	var states []paceRow
	if err := r.tx.NewSelect().Model(&states).Where("mp.user_id = ?", by.Int64()).Scan(ctx); err != nil {
		return message.Case{}, r.away("read a pace", err)
	}
	for _, state := range states {
		c.Paced = fromMicros(state.State)
	}
	return c, nil
}

func (r revising) Revise(ctx context.Context, m message.Message, by identity.UserID, change message.Change) error {
	at, err := r.soon(ctx, m.Room)
	if err != nil {
		return err
	}
	r.gone = true
	switch c := change.(type) {
	case message.Edited:
		entry := r.entry(messageEditedCode, m.Room, at, by, identity.UserID{}, "")
		entry.MessageID = m.ID.Int64()
		return r.edit(ctx, entry, c)
	case message.Deleted:
		entry := r.entry(messageDeletedCode, m.Room, at, by, identity.UserID{}, "")
		entry.MessageID = m.ID.Int64()
		return r.blank(ctx, entry)
	default:
		return fmt.Errorf("bunstore: no way to make a %T", change)
	}
}

func (r revising) edit(ctx context.Context, entry entryRow, c message.Edited) error {
	_, err := r.tx.NewUpdate().Model((*messageRow)(nil)).
		Set("content = ?, edited_at = ?, version = version + 1", c.To.String(), entry.At).
		Where("id = ?", entry.MessageID).Exec(ctx)
	if err != nil {
		return r.away("edit a message", err)
	}
	if !c.Paced.IsZero() {
		pace := paceRow{UserID: entry.ActorID, State: micros(c.Paced)}
		_, err := r.tx.NewInsert().Model(&pace).On("CONFLICT (user_id) DO UPDATE").Set("state = EXCLUDED.state").Exec(ctx)
		if err != nil {
			return r.away("save a pace", err)
		}
	}
	return r.log(ctx, entry)
}

// blank takes the words, and with them what tells the request that sent them from
// others: from now on its key alone answers.
func (r revising) blank(ctx context.Context, entry entryRow) error {
	_, err := r.tx.NewUpdate().Model((*messageRow)(nil)).
		Set("content = NULL, print = NULL, deleted_at = ?, version = version + 1", entry.At).
		Where("id = ?", entry.MessageID).Exec(ctx)
	if err != nil {
		return r.away("delete a message", err)
	}
	return r.log(ctx, entry)
}

func (r revising) MarkRead(ctx context.Context, in room.ID, who identity.UserID, upto sequence.Number) error {
	_, err := r.tx.NewUpdate().Model((*participantRow)(nil)).Set("read_sequence = ?", int64(upto)).
		Where("room_id = ? AND user_id = ?", in.Int64(), who.Int64()).Exec(ctx)
	if err != nil {
		return r.away("mark what was read", err)
	}
	return nil
}

// Sweep takes one deleted room after the other. A room from which everything is
// gone is marked, so that it is not looked at again.
func (r revising) Sweep(ctx context.Context, limit int) (more bool, err error) {
	var ids []int64
	err = r.tx.NewRaw("SELECT id FROM chat_room WHERE deleted_position IS NOT NULL AND swept = FALSE ORDER BY id LIMIT 1").Scan(ctx, &ids)
	if err != nil {
		return false, r.away("look for a deleted room", err)
	}
	if len(ids) == 0 {
		return false, nil
	}
	result, err := r.tx.NewRaw("DELETE FROM message WHERE id IN (SELECT id FROM message WHERE room_id = ? ORDER BY sequence LIMIT ?)",
		ids[0], limit).Exec(ctx)
	if err != nil {
		return false, r.away("sweep a room", err)
	}
	swept, err := result.RowsAffected()
	if err != nil {
		return false, r.away("sweep a room", err)
	}
	r.gone = true
	if int(swept) < limit {
		if _, err := r.tx.NewRaw("UPDATE chat_room SET swept = TRUE WHERE id = ?", ids[0]).Exec(ctx); err != nil {
			return false, r.away("sweep a room", err)
		}
	}
	return true, nil
}
