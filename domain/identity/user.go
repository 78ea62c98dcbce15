// Package identity has the people: their accounts, names, addresses and
// sessions.
package identity

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/domain/fault"
	"parley/domain/internal/ident"
	"parley/domain/internal/text"
)

// UserID identifies a user.
type UserID = ident.ID[User]

// ParseUserID reads a user's ID from text.
func ParseUserID(text string) (UserID, error) { return ident.Parse[User](text) }

// UserIDFrom makes a user's ID of the number that the store gave.
func UserIDFrom(number int64) (UserID, error) { return ident.From[User](number) }

// User is somebody with an account, as they see themselves.
type User struct {
	ID             UserID
	Email          Email
	Name           DisplayName
	PresenceHidden bool
	CreatedAt      time.Time
}

// Person is a user as others see them.
type Person struct {
	ID   UserID
	Name DisplayName
}

// Person is u as others see them.
func (u User) Person() Person { return Person{ID: u.ID, Name: u.Name} }

// What is refused, and why.
var (
	ErrEmail       = fault.Of("email", fault.Invalid, "invalid-request", "This is not an e-mail address.")
	ErrEmailTaken  = fault.New(fault.Conflict, "email-taken", "There is an account with this e-mail address already.")
	ErrDisplayName = fault.Of("displayName", fault.Invalid, "invalid-request", "A display name has 1 to 100 characters, shows something, and has no control or format characters.")
	ErrUnknownUser = fault.New(fault.Missing, "user-not-found", "There is no such user.")
	ErrQuery       = fault.Of("query", fault.Invalid, "invalid-request", "A query has 1 to 100 characters.")
)

// MaxDisplayName is the greatest length of a display name in code points.
const MaxDisplayName = 100

// DisplayName is how a user appears to others.
type DisplayName struct{ text string }

// ParseDisplayName takes 1 to [MaxDisplayName] code points without control or
// format characters.
func ParseDisplayName(name string) (DisplayName, error) {
	if !text.IsName(name, MaxDisplayName) {
		return DisplayName{}, ErrDisplayName
	}
	return DisplayName{name}, nil
}

func (n DisplayName) String() string { return n.text }

// Starts returns what a [Query] is compared with: see [Query.Key].
func (n DisplayName) Starts() []string { return text.Starts(n.text, maxQuery) }

const (
	maxEmail = 254 // bytes; RFC 5321 section 4.5.3.1.3, without the angle brackets
	maxQuery = 100 // code points
)

// Email is an e-mail address. Addresses compare by their [Email.Key].
type Email struct{ text string }

// ParseEmail takes what can be an e-mail address: a local part and a domain
// around one @, without white space or control characters.
func ParseEmail(address string) (Email, error) {
	local, domain, found := strings.Cut(address, "@")
	ok := found && local != "" && domain != "" && !strings.Contains(domain, "@") &&
		len(address) <= maxEmail && utf8.ValidString(address)
	if !ok || strings.ContainsFunc(address, notInAddress) {
		return Email{}, ErrEmail
	}
	return Email{address}, nil
}

func notInAddress(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) || strings.ContainsRune(`<>"(),;:\`, r)
}

// Key is equal for addresses that differ in case alone.
func (e Email) Key() string { return text.Fold(e.text) }

// IsZero reports whether there is no address.
func (e Email) IsZero() bool { return e.text == "" }

func (e Email) String() string { return e.text }

// Query looks for people or rooms by the beginning of any word of their name.
type Query struct{ key string }

// ParseQuery takes 1 to 100 code points of valid UTF-8 without control characters.
func ParseQuery(query string) (Query, error) {
	n := utf8.RuneCountInString(query)
	if n < 1 || n > maxQuery || !utf8.ValidString(query) || strings.ContainsFunc(query, unicode.IsControl) {
		return Query{}, ErrQuery
	}
	return Query{text.Fold(query)}, nil
}

// Key matches a name if it is a prefix of one of the name's Starts, and a user
// also if it is the whole key of their e-mail address.
func (q Query) Key() string { return q.key }

// IsZero reports whether nothing is looked for.
func (q Query) IsZero() bool { return q.key == "" }
