package chaos_test

import (
	"crypto/sha256"
	"encoding/hex"

	"parley/chaos"
)

// message is a message, or any other event, as the API has it.
type message struct {
	Type            string
	ID, ChatRoomID  int64
	Sequence        int64
	Version         int64
	Content         *string
	ClientMessageID string
	UserID          int64
	Mode, Reason    string
	Room            struct {
		Name    string
		Version int64
	}
}

// hash is of the words; what has none any more has none.
func (m message) hash() string {
	if m.Content == nil {
		return ""
	}
	return hash(*m.Content)
}

func (m message) kept() chaos.Kept {
	return chaos.Kept{Seq: m.Sequence, ID: m.ID, Rev: m.Version, Key: m.ClientMessageID, Hash: m.hash()}
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// noted completes the record of an event, and reports whether it is one that is
// written down.
func (m message) noted(r *chaos.Record, self int64) bool {
	r.Phase, r.Room = chaos.Noted, m.ChatRoomID
	switch m.Type {
	case "message.created", "message.edited", "message.deleted":
		r.Op = map[string]chaos.Op{"message.created": chaos.Hear, "message.edited": chaos.Edited, "message.deleted": chaos.Deleted}[m.Type]
		r.Key, r.ID, r.Seq, r.Rev, r.Hash = m.ClientMessageID, m.ID, m.Sequence, m.Version, m.hash()
	case "participant.joined", "participant.left":
		r.User = m.UserID
		r.Op = map[string]chaos.Op{"participant.joined": chaos.Joined, "participant.left": chaos.Left}[m.Type]
		if m.UserID == self {
			r.Op = map[chaos.Op]chaos.Op{chaos.Joined: chaos.In, chaos.Left: chaos.Out}[r.Op]
		}
	case "room.changed":
		r.Op, r.Note, r.Rev = chaos.Renamed, m.Room.Name, m.Room.Version
	case "stream.opened":
		r.Op = chaos.Reset
		return m.Mode == "reset"
	case "stream.closing":
		r.Op = chaos.Revoked
		return m.Reason == "revoked"
	default:
		return false
	}
	return true
}
