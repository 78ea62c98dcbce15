package keyring

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"parley/domain/identity"
)

// Issue makes the renewal of a session's turn. It is the same on every node, and
// each time; without the ring nobody can make it, whatever else they have read.
func (r *Ring) Issue(s identity.Session) identity.Renewal {
	return identity.Renewal{Session: s.ID, Turn: s.Turn, Seal: r.seal(s.ID, s.Turn, s.Seed)}
}

// Genuine reports whether a renewal was made by Issue for this session, at any
// turn.
func (r *Ring) Genuine(s identity.Session, shown identity.Renewal) bool {
	seal := r.seal(s.ID, shown.Turn, s.Seed)
	return shown.Session == s.ID && s.Seed != (identity.Seed{}) && hmac.Equal(seal[:], shown.Seal[:])
}

func (r *Ring) seal(id identity.SessionID, turn int64, seed identity.Seed) [32]byte {
	var written [16 + len(seed)]byte // all of fixed width: no two are written alike
	binary.BigEndian.PutUint64(written[:8], uint64(id.Int64()))
	binary.BigEndian.PutUint64(written[8:16], uint64(turn))
	copy(written[16:], seed[:])
	mac := hmac.New(sha256.New, r.Refresh[:])
	mac.Write(written[:])
	return [32]byte(mac.Sum(nil))
}
