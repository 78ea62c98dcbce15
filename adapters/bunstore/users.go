package bunstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"parley/domain/identity"
)

// users implements port.Users.
type users struct{ reads }

func (u users) Get(ctx context.Context, id identity.UserID) (identity.User, error) {
	user, _, err := u.one(ctx, "u.id = ?", id.Int64())
	return user, err
}

func (u users) ByEmail(ctx context.Context, address identity.Email) (identity.User, string, error) {
	return u.one(ctx, "u.email_key = ?", address.Key())
}

func (u users) one(ctx context.Context, where string, is any) (identity.User, string, error) {
	var row userRow
	err := u.db.NewSelect().Model(&row).Where(where, is).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return identity.User{}, "", identity.ErrUnknownUser
	}
	if err != nil {
		return identity.User{}, "", u.away("read a user", err)
	}
	user, err := userOf(row)
	return user, row.PasswordHash, err
}

func (u users) Find(ctx context.Context, q identity.Query, after identity.UserID, limit int) ([]identity.Person, error) {
	var rows []userRow
	err := u.db.NewRaw(`
SELECT u.id, u.display_name FROM (
  SELECT user_id AS id FROM user_start WHERE ? AND user_id > ?
  UNION SELECT id FROM users WHERE email_key = ? AND id > ?
  ORDER BY id LIMIT ?
) AS found JOIN users AS u ON u.id = found.id ORDER BY u.id`,
		startsWith(q.Key()), after.Int64(), q.Key(), after.Int64(), limit).Scan(ctx, &rows)
	if err != nil {
		return nil, u.away("find users", err)
	}
	people := make([]identity.Person, 0, len(rows))
	for _, row := range rows {
		person, err := personOf(row.ID, row.DisplayName)
		if err != nil {
			return nil, err
		}
		people = append(people, person)
	}
	return people, nil
}

func (u users) Missing(ctx context.Context, ids []identity.UserID) ([]identity.UserID, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	numbers := make([]int64, len(ids))
	for i, id := range ids {
		numbers[i] = id.Int64()
	}
	var there []int64
	err := u.db.NewSelect().Model((*userRow)(nil)).Column("id").Where("u.id IN (?)", bun.List(numbers)).Scan(ctx, &there)
	if err != nil {
		return nil, u.away("look for users", err)
	}
	known := make(map[int64]bool, len(there))
	for _, id := range there {
		known[id] = true
	}
	var missing []identity.UserID
	for _, id := range ids {
		if !known[id.Int64()] {
			missing = append(missing, id)
		}
	}
	return missing, nil
}

func (u users) Session(ctx context.Context, id identity.SessionID) (identity.Session, error) {
	var row sessionRow
	err := u.db.NewSelect().Model(&row).Where("s.id = ?", id.Int64()).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return identity.Session{}, identity.ErrSessionEnded
	}
	if err != nil {
		return identity.Session{}, u.away("read a session", err)
	}
	return sessionOf(row)
}

// startsWith is SQL for the starts that have this prefix: those from the prefix
// to the least text that is greater and does not have it. Both databases order
// them by code point.
func startsWith(prefix string) any {
	end := []rune(prefix)
	for len(end) > 0 {
		last := len(end) - 1
		if next, ok := successor(end[last]); ok {
			end[last] = next
			return bun.SafeQuery("start >= ? AND start < ?", prefix, string(end))
		}
		end = end[:last]
	}
	return bun.SafeQuery("start >= ?", prefix)
}

func successor(r rune) (rune, bool) {
	switch r {
	case '\U0010FFFF':
		return 0, false
	case 0xD7FF:
		return 0xE000, true // the surrogates between are no text
	default:
		return r + 1, true
	}
}
