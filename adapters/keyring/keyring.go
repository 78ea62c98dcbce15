// Package keyring has the program's keys: files that are made on the first start,
// or all of them derived from one secret. No key serves two purposes.
package keyring

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"parley/domain/message"
)

// Ring holds the keys of one deployment. All its nodes have the same ones.
type Ring struct {
	// Signing has the keys of access tokens, the newest first. One signs, and
	// those before it verify for a while, so that a rotation ends no session.
	Signing []Signing

	// Cursor seals the places in the log that clients are given.
	Cursor [16]byte

	// Refresh makes the successor of a refresh token.
	Refresh [32]byte

	// Hub signs and verifies Mercure tokens where no other key is given. A database
	// is not bound to it: nothing is kept that it has signed.
	Hub [32]byte

	request [32]byte
}

// The names of the keys that a database is used with.
const (
	cursorKey  = "cursor"
	refreshKey = "refresh"
	requestKey = "request"
)

const hubKey = "hub"

// Fingerprints tells the keys that a database must always be used with from
// others, without telling anything about them: cursors, prints and refresh
// tokens that are out in the world are worth nothing under other keys. The
// signing keys are not among them, because they rotate.
func (r *Ring) Fingerprints() map[string][]byte {
	return map[string][]byte{
		cursorKey:  fingerprint(cursorKey, r.Cursor[:]),
		refreshKey: fingerprint(refreshKey, r.Refresh[:]),
		requestKey: fingerprint(requestKey, r.request[:]),
	}
}

func fingerprint(name string, key []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("parley fingerprint of " + name))
	return mac.Sum(nil)[:16]
}

// Print tells a draft from another one with the same key. Without the ring
// nobody can guess the words from it, however short they are.
func (r *Ring) Print(d message.Draft) message.Print {
	// The two numbers have a fixed width and the words come last, so that no two
	// drafts are written alike.
	written := make([]byte, 0, 16+len(d.Content.String()))
	written = binary.BigEndian.AppendUint64(written, uint64(d.Room.Int64()))
	written = binary.BigEndian.AppendUint64(written, uint64(d.ReplyTo.Int64()))
	written = append(written, d.Content.String()...)
	mac := hmac.New(sha256.New, r.request[:])
	mac.Write(written)
	return message.Print(mac.Sum(nil)[:len(message.Print{})])
}
