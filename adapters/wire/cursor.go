package wire

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"parley/domain/sequence"
)

// Cursors seals places so that they show nothing, neither order nor distance nor
// whose traffic, and cannot be made by others. A sealed place has the same size
// whatever it is of, and is the same on every node that has the key.
//
// One AES block holds what is sealed, with bits that must come out right.
type Cursors struct{ block cipher.Block }

// NewCursors seals with this key.
func NewCursors(key [16]byte) *Cursors {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("wire: " + err.Error()) // 16 bytes are always a key
	}
	return &Cursors{block}
}

const (
	prefix  = "parley:" // of every cursor; no publisher may give such an id
	version = 1         // of what is in a cursor's block
	maxPos  = 1<<56 - 1 // the greatest position that fits
)

// unpadded is strict: one block has one text.
var unpadded = base64.RawURLEncoding.Strict()

// Seal is the cursor of a place in the log: version 8 | position 56 | mark 32 |
// check 32 bits.
func (c *Cursors) Seal(p sequence.Place) string {
	var plain [aes.BlockSize]byte
	binary.BigEndian.PutUint64(plain[:8], version<<56|uint64(p.Position)&maxPos)
	binary.BigEndian.PutUint32(plain[8:12], uint32(p.Mark))
	return prefix + c.seal(plain)
}

// Open returns the place that a cursor names; false if it is none of ours.
func (c *Cursors) Open(cursor string) (sequence.Place, bool) {
	text, ours := strings.CutPrefix(cursor, prefix)
	if !ours {
		return sequence.Place{}, false
	}
	plain, ok := c.open(text)
	head := binary.BigEndian.Uint64(plain[:8])
	if !ok || head>>56 != version || binary.BigEndian.Uint32(plain[12:]) != 0 {
		return sequence.Place{}, false
	}
	return sequence.Place{
		Position: sequence.Position(head & maxPos),
		Mark:     sequence.Mark(binary.BigEndian.Uint32(plain[8:12])),
	}, true
}

// List is a list that has pages.
type List byte

// The lists. None is a cursor's version: a page is never taken for a cursor.
const (
	MyRooms List = 0x80 + iota
	Directory
	Participants
	Users
	Sessions
)

// Page is a place in a list: behind the item of this time and number.
type Page struct {
	Of List
	At time.Time // to the microsecond; zero where the list has no times
	ID int64
}

const (
	idBits    = 53 // as in ident.Max
	checkBits = 13
)

// SealPage is the token of a page: list 8 | time 54 | number 53 | check 13 bits.
func (c *Cursors) SealPage(p Page) string {
	var micros uint64
	if !p.At.IsZero() {
		micros = uint64(p.At.UnixMicro()) & (1<<54 - 1)
	}
	id := uint64(p.ID) & (1<<idBits - 1)
	var plain [aes.BlockSize]byte
	binary.BigEndian.PutUint64(plain[:8], uint64(p.Of)<<56|micros<<2|id>>(idBits-2))
	binary.BigEndian.PutUint64(plain[8:], id<<checkBits)
	return c.seal(plain)
}

// OpenPage returns the page of the list that a token names; false if it is none
// of ours, or of another list.
func (c *Cursors) OpenPage(of List, token string) (Page, bool) {
	plain, ok := c.open(token)
	high, low := binary.BigEndian.Uint64(plain[:8]), binary.BigEndian.Uint64(plain[8:])
	if !ok || high>>56 != uint64(of) || low&(1<<checkBits-1) != 0 {
		return Page{}, false
	}
	page := Page{Of: of, ID: int64(high&3<<(idBits-2) | low>>checkBits)}
	if micros := high >> 2 & (1<<54 - 1); micros != 0 {
		page.At = time.UnixMicro(int64(micros)).UTC()
	}
	return page, true
}

func (c *Cursors) seal(plain [aes.BlockSize]byte) string {
	var sealed [aes.BlockSize]byte
	c.block.Encrypt(sealed[:], plain[:])
	return unpadded.EncodeToString(sealed[:])
}

func (c *Cursors) open(text string) (plain [aes.BlockSize]byte, ok bool) {
	if len(text) != unpadded.EncodedLen(aes.BlockSize) {
		return plain, false
	}
	sealed, err := unpadded.DecodeString(text)
	if err != nil || len(sealed) != aes.BlockSize {
		return plain, false
	}
	c.block.Decrypt(plain[:], sealed)
	return plain, true
}
