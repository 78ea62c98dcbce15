package bunstore

import (
	"time"

	"github.com/uptrace/bun"
)

// The rows of the tables. In all of them zero stands for null: no ID, time or
// position that a row can have is zero.

type userRow struct {
	bun.BaseModel `bun:"table:users,alias:u"`

	ID             int64  `bun:"id,pk,autoincrement"`
	Email          string `bun:"email,nullzero"`
	EmailKey       string `bun:"email_key,nullzero"`
	DisplayName    string `bun:"display_name"`
	PresenceHidden bool   `bun:"presence_hidden"`
	PasswordHash   string `bun:"password_hash"`
	CreatedAt      int64  `bun:"created_at"`
}

type userStartRow struct {
	bun.BaseModel `bun:"table:user_start,alias:us"`

	Start  string `bun:"start,pk"`
	UserID int64  `bun:"user_id,pk"`
}

type sessionRow struct {
	bun.BaseModel `bun:"table:session,alias:s"`

	ID        int64  `bun:"id,pk,autoincrement"`
	UserID    int64  `bun:"user_id"`
	UserAgent string `bun:"user_agent"`
	CreatedAt int64  `bun:"created_at"`
	EndedAt   int64  `bun:"ended_at,nullzero"`
	LastUsed  int64  `bun:"last_used_at,nullzero"`
	Seed      []byte `bun:"seed,nullzero"`
	Turn      int64  `bun:"turn"`
}

type roomRow struct {
	bun.BaseModel `bun:"table:chat_room,alias:r"`

	ID              int64  `bun:"id,pk,autoincrement"`
	Type            string `bun:"type"`
	Name            string `bun:"name,nullzero"`
	DirectLow       int64  `bun:"direct_low,nullzero"`
	DirectHigh      int64  `bun:"direct_high,nullzero"`
	People          int    `bun:"people"`
	Version         int    `bun:"version"`
	CreatedAt       int64  `bun:"created_at"`
	UpdatedAt       int64  `bun:"updated_at"`
	DeletedPosition int64  `bun:"deleted_position,nullzero"`
}

type roomStartRow struct {
	bun.BaseModel `bun:"table:room_start,alias:rs"`

	Start  string `bun:"start,pk"`
	RoomID int64  `bun:"room_id,pk"`
}

type participantRow struct {
	bun.BaseModel `bun:"table:chat_participant,alias:p"`

	RoomID        int64  `bun:"room_id,pk"`
	UserID        int64  `bun:"user_id,pk"`
	Role          string `bun:"role"`
	JoinedAt      int64  `bun:"joined_at"`
	ReadSequence  int64  `bun:"read_sequence"`
	BeganPosition int64  `bun:"began_position"`
	EndedPosition int64  `bun:"ended_position,nullzero"`
	Removed       bool   `bun:"removed"`
}

type messageRow struct {
	bun.BaseModel `bun:"table:message,alias:m"`

	ID        int64  `bun:"id,pk,autoincrement"`
	RoomID    int64  `bun:"room_id"`
	Sequence  int64  `bun:"sequence"`
	AuthorID  int64  `bun:"author_id"`
	Content   string `bun:"content,nullzero"`
	ClientKey string `bun:"client_key,nullzero"`
	Print     []byte `bun:"print,nullzero"`
	ReplyTo   int64  `bun:"reply_to,nullzero"`
	CreatedAt int64  `bun:"created_at"`
	EditedAt  int64  `bun:"edited_at,nullzero"`
	DeletedAt int64  `bun:"deleted_at,nullzero"`
	Version   int    `bun:"version"`
}

type entryRow struct {
	bun.BaseModel `bun:"table:log_entry,alias:e"`

	Position  int64    `bun:"position,pk"`
	Mark      int64    `bun:"mark"`
	At        int64    `bun:"at"`
	Kind      kindCode `bun:"kind"`
	RoomID    int64    `bun:"room_id,nullzero"`
	MessageID int64    `bun:"message_id,nullzero"`
	SubjectID int64    `bun:"subject_id,nullzero"`
	ActorID   int64    `bun:"actor_id,nullzero"`
	Detail    string   `bun:"detail,nullzero"`
}

// updateRow has the words of an update, at the position of its entry.
type updateRow struct {
	bun.BaseModel `bun:"table:hub_update,alias:h"`

	Position int64  `bun:"position,pk"`
	Topics   string `bun:"topics"`
	Data     []byte `bun:"data"`
	Private  bool   `bun:"private"`
	OwnID    string `bun:"own_id,nullzero"`
	IDPrint  []byte `bun:"id_print,nullzero"`
	Type     string `bun:"type,nullzero"`
	Retry    int64  `bun:"retry"`
	Bytes    int64  `bun:"bytes"`
}

type paceRow struct {
	bun.BaseModel `bun:"table:message_pace,alias:mp"`

	UserID int64 `bun:"user_id,pk"`
	State  int64 `bun:"state"`
}

type keyRow struct {
	bun.BaseModel `bun:"table:key_fingerprint,alias:k"`

	Name        string `bun:"name,pk"`
	Fingerprint []byte `bun:"fingerprint"`
}

// micros is a time as the database has it; the zero time is 0.
func micros(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMicro()
}

func fromMicros(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.UnixMicro(at).UTC()
}

type relayRow struct {
	bun.BaseModel `bun:"table:relay,alias:rl"`

	Hub      string `bun:"hub,pk"`
	Fence    int64  `bun:"fence"`
	Position int64  `bun:"position"`
	Mark     int64  `bun:"mark"`
}
