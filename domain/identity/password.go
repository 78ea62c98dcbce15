package identity

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"

	"parley/domain/fault"
	"parley/domain/internal/text"
)

// ErrWeakPassword is the answer to a password that would be guessed.
var ErrWeakPassword = fault.Of("password", fault.Invalid, "weak-password", "A password has 8 characters or more, 1024 bytes at most, and is neither a common one nor one's own name or address.")

const (
	minPassword = 8    // code points
	maxPassword = 1024 // bytes
)

// Password is a password as somebody typed it. Only [Password.Secret] gives it
// away: printed or logged, it says that it is hidden.
type Password struct{ secret string }

func (Password) String() string { return "(hidden)" }

// GoString keeps it hidden from %#v.
func (Password) GoString() string { return "(hidden)" }

// ParsePassword takes a new password for the account with this address and
// name. It asks for length, not for composition (OWASP ASVS 5.0, 6.2).
func ParsePassword(password string, email Email, name DisplayName) (Password, error) {
	secret, err := PresentedPassword(password)
	if err != nil || utf8.RuneCountInString(password) < minPassword {
		return Password{}, ErrWeakPassword
	}
	folded := text.Fold(password)
	local, _, _ := strings.Cut(email.String(), "@")
	for _, own := range []string{email.String(), local, name.String()} {
		if folded == text.Fold(own) {
			return Password{}, ErrWeakPassword
		}
	}
	if common()[folded] {
		return Password{}, ErrWeakPassword
	}
	return secret, nil
}

// PresentedPassword takes what somebody presents as their password, whatever the
// rules for new ones are; what no password can be is [ErrCredentials].
func PresentedPassword(password string) (Password, error) {
	if password == "" || len(password) > maxPassword || !utf8.ValidString(password) {
		return Password{}, ErrCredentials
	}
	return Password{password}, nil
}

// Secret is the password itself, for hashing.
func (p Password) Secret() string { return p.secret }

// commonPasswords are the first ones of eight characters or more in the list of
// passwords by frequency that zxcvbn 4.4.2 has (copyright 2012-2016 Dan Wheeler
// and Dropbox, Inc., MIT licence).
//
//go:embed common_passwords.txt
var commonPasswords string

// common has the passwords that are tried first, folded.
var common = sync.OnceValue(func() map[string]bool {
	set := make(map[string]bool)
	for line := range strings.Lines(commonPasswords) {
		set[text.Fold(strings.TrimSpace(line))] = true
	}
	return set
})
