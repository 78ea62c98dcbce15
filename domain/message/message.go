// Package message has what people say: its text, its place in its room, and the
// decision whether it is taken.
package message

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/domain/fault"
	"parley/domain/identity"
	"parley/domain/internal/ident"
	"parley/domain/room"
	"parley/domain/sequence"
)

// ID identifies a message.
type ID = ident.ID[Message]

// ParseID reads a message's ID from text.
func ParseID(text string) (ID, error) { return ident.Parse[Message](text) }

// IDFrom makes a message's ID of the number that the store gave.
func IDFrom(number int64) (ID, error) { return ident.From[Message](number) }

// Message is a message as it reads now. A deleted one is a tombstone: it keeps
// its number and has no content.
type Message struct {
	ID        ID
	Room      room.ID
	Sequence  sequence.Number
	Author    identity.Person
	Content   Content // zero once deleted
	Key       Key     // zero if it was sent without one
	ReplyTo   ID      // zero if it replies to none
	CreatedAt time.Time
	EditedAt  time.Time // zero if never edited
	DeletedAt time.Time // zero while it stands
	Version   int       // counts from 1
}

// What is refused, and why.
var (
	ErrNotThere = fault.New(fault.Missing, "message-not-found", "There is no such message.")
	ErrContent  = fault.Of("content", fault.Invalid, "invalid-request", "A message has 1 to 4000 characters, at least one of them not white space, and no control characters but newline and tab.")
	ErrKey      = fault.Of("clientMessageId", fault.Invalid, "invalid-request", "A message key has 1 to 128 visible ASCII characters.")
	ErrReplyTo  = fault.Of("replyTo", fault.Invalid, "invalid-request", "A reply goes to a message of the same room.")
	ErrKeyUsed  = fault.New(fault.Invalid, "idempotency-key-reused", "This key was used for another message already.")
	ErrTooFast  = fault.New(fault.Limited, "rate-limited", "That was too many messages in a short time.")
)

// MaxContent is the greatest length of a message in code points.
const MaxContent = 4000

// Content is what a message says, as it was sent: it is never trimmed or
// normalised.
type Content struct{ text string }

// ParseContent takes 1 to [MaxContent] code points of valid UTF-8, at least one
// of them not white space, without control characters but newline and tab.
func ParseContent(text string) (Content, error) {
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > MaxContent || strings.ContainsFunc(text, forbidden) {
		return Content{}, ErrContent
	}
	if strings.TrimFunc(text, unicode.IsSpace) == "" {
		return Content{}, ErrContent
	}
	return Content{text}, nil
}

func forbidden(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// IsZero reports whether nothing is said: a tombstone's content.
func (c Content) IsZero() bool { return c.text == "" }

func (c Content) String() string { return c.text }

const maxKey = 128

// Key is the name that a client gave to one thing it wants to say. All sends of
// one author with one key are one message. The zero Key is none.
type Key struct{ text string }

// ParseKey takes 1 to 128 visible ASCII characters.
func ParseKey(text string) (Key, error) {
	if text == "" || len(text) > maxKey || strings.ContainsFunc(text, invisible) {
		return Key{}, ErrKey
	}
	return Key{text}, nil
}

func invisible(r rune) bool { return r < '!' || r > '~' }

// IsZero reports whether there is no key.
func (k Key) IsZero() bool { return k.text == "" }

func (k Key) String() string { return k.text }
