package token

import (
	"encoding/base64"
	"strings"
)

// parts are those of a token whose signature nobody has looked at.
type parts struct {
	token  string
	signed string // the token without its signature
	header object
}

// split takes a token apart, if it has no more than so many bytes. What is longer
// costs nothing, however long it is.
func split(token string, most int) (parts, bool) {
	// The decoder passes over line ends, even where it is strict.
	if len(token) > most || strings.Count(token, ".") != 2 || strings.ContainsAny(token, "\r\n") {
		return parts{}, false
	}
	signed := token[:strings.LastIndexByte(token, '.')]
	first, _, _ := strings.Cut(signed, ".")
	header, ok := part(first)
	return parts{token: token, signed: signed, header: header}, ok
}

func (p parts) claims() (object, bool) {
	_, second, _ := strings.Cut(p.signed, ".")
	return part(second)
}

func (p parts) signature() ([]byte, bool) {
	signature, err := base64.RawURLEncoding.Strict().DecodeString(p.token[len(p.signed)+1:])
	return signature, err == nil
}
