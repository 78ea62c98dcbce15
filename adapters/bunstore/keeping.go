package bunstore

import (
	"context"

	"parley/domain/identity"
)

// keeping implements port.Keeping. What it does is kept with the transaction.
type keeping struct{ *transaction }

func (k keeping) AddUser(ctx context.Context, u identity.User, hash string) (identity.User, error) {
	row := userRow{
		Email: u.Email.String(), DisplayName: u.Name.String(),
		PresenceHidden: u.PresenceHidden, PasswordHash: hash, CreatedAt: micros(u.CreatedAt),
	}
	if !u.Email.IsZero() {
		row.EmailKey = u.Email.Key()
		taken, err := k.tx.NewSelect().Model((*userRow)(nil)).Where("u.email_key = ?", row.EmailKey).Exists(ctx)
		if err != nil {
			return identity.User{}, k.away("look for an address", err)
		}
		if taken {
			return identity.User{}, identity.ErrEmailTaken
		}
	}
	if _, err := k.tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return identity.User{}, k.away("add a user", err)
	}
	if err := k.addUserStarts(ctx, row.ID, u.Name); err != nil {
		return identity.User{}, err
	}
	return userOf(row)
}

func (k keeping) SaveUser(ctx context.Context, u identity.User) error {
	id := u.ID.Int64()
	result, err := k.tx.NewUpdate().Model((*userRow)(nil)).
		Set("display_name = ?, presence_hidden = ?", u.Name.String(), u.PresenceHidden).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return k.away("save a user", err)
	}
	if changed, err := result.RowsAffected(); err != nil {
		return k.away("save a user", err)
	} else if changed == 0 {
		return identity.ErrUnknownUser
	}
	if _, err := k.tx.NewDelete().Model((*userStartRow)(nil)).Where("user_id = ?", id).Exec(ctx); err != nil {
		return k.away("save a user's name", err)
	}
	return k.addUserStarts(ctx, id, u.Name)
}

func (k keeping) addUserStarts(ctx context.Context, id int64, name identity.DisplayName) error {
	starts := distinct(name.Starts())
	if len(starts) == 0 {
		return nil
	}
	rows := make([]userStartRow, len(starts))
	for i, start := range starts {
		rows[i] = userStartRow{Start: start, UserID: id}
	}
	if _, err := k.tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return k.away("save a user's name", err)
	}
	return nil
}

func (k keeping) AddSession(ctx context.Context, s identity.Session) (identity.Session, error) {
	row := sessionRow{
		UserID: s.User.Int64(), UserAgent: s.UserAgent,
		CreatedAt: micros(s.CreatedAt), EndedAt: micros(s.EndedAt), LastUsed: micros(s.LastUsedAt), Turn: s.Turn,
	}
	if s.Seed != (identity.Seed{}) {
		row.Seed = s.Seed[:]
	}
	if _, err := k.tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return identity.Session{}, k.away("add a session", err)
	}
	return sessionOf(row)
}

// log appends an entry.
func (k keeping) log(ctx context.Context, entry entryRow) error {
	if _, err := k.tx.NewInsert().Model(&entry).Exec(ctx); err != nil {
		return k.away("append to the log", err)
	}
	return nil
}

// distinct leaves out repeats.
func distinct(texts []string) []string {
	seen := make(map[string]bool, len(texts))
	var once []string
	for _, text := range texts {
		if !seen[text] {
			seen[text] = true
			once = append(once, text)
		}
	}
	return once
}
