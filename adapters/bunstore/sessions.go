package bunstore

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"parley/domain/identity"
	"parley/domain/room"
	"parley/domain/sequence"
)

// sessions implements port.Sessions.
type sessions struct{ reads }

func (s sessions) Living(ctx context.Context, of identity.UserID, limit int) ([]identity.Session, error) {
	var rows []sessionRow
	err := s.db.NewSelect().Model(&rows).Where("s.user_id = ? AND s.ended_at IS NULL", of.Int64()).
		OrderExpr("COALESCE(s.last_used_at, s.created_at), s.id").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, s.away("list the sessions of a user", err)
	}
	living := make([]identity.Session, len(rows))
	for i, row := range rows {
		if living[i], err = sessionOf(row); err != nil {
			return nil, err
		}
	}
	return living, nil
}

// access implements port.Access. What it does is kept with the transaction.
type access struct{ *transaction }

func (a access) Renew(ctx context.Context, s identity.Session) error {
	_, err := a.tx.NewUpdate().Model((*sessionRow)(nil)).
		Set("turn = ?, last_used_at = ?", s.Turn, micros(s.LastUsedAt)).Where("id = ?", s.ID.Int64()).Exec(ctx)
	if err != nil {
		return a.away("renew a session", err)
	}
	return nil
}

func (a access) End(ctx context.Context, by identity.UserID, those []identity.SessionID) error {
	if len(those) == 0 {
		return nil
	}
	numbers := make([]int64, len(those))
	for i, id := range those {
		numbers[i] = id.Int64()
	}
	at := sequence.After(time.Time{}, a.at)
	var ended []int64
	_, err := a.tx.NewUpdate().Model((*sessionRow)(nil)).Set("ended_at = ?", micros(at)).
		Where("id IN (?) AND ended_at IS NULL", bun.List(numbers)).Returning("id").Exec(ctx, &ended)
	if err != nil {
		return a.away("end sessions", err)
	}
	now := make(map[int64]bool, len(ended))
	for _, id := range ended {
		now[id] = true
	}
	var entries []entryRow
	for _, id := range numbers {
		if now[id] {
			delete(now, id) // whatever is named twice ends once
			entry := a.next(sessionEndedCode, room.ID{}, at)
			entry.ActorID, entry.Detail = by.Int64(), fmt.Sprint(id)
			entries = append(entries, entry)
		}
	}
	if len(entries) == 0 {
		return nil
	}
	if _, err := a.tx.NewInsert().Model(&entries).Exec(ctx); err != nil {
		return a.away("log the end of sessions", err)
	}
	return nil
}

func (a access) SetPassword(ctx context.Context, of identity.UserID, hash string) error {
	result, err := a.tx.NewUpdate().Model((*userRow)(nil)).Set("password_hash = ?", hash).Where("id = ?", of.Int64()).Exec(ctx)
	if err != nil {
		return a.away("set a password", err)
	}
	if changed, err := result.RowsAffected(); err != nil {
		return a.away("set a password", err)
	} else if changed == 0 {
		return identity.ErrUnknownUser
	}
	return nil
}
