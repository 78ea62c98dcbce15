package token

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"time"
	"unicode/utf8"
)

// object is a JSON object with each member once, by its exact name.
// (encoding/json takes the last of two members, and names in any case, so that
// two readers of one token could see different things in it.)
type object map[string]json.RawMessage

// part reads the header or the claims of a token.
func part(text string) (object, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || !utf8.Valid(raw) {
		return nil, false
	}
	return members(raw)
}

// members reads a JSON object, and nothing but one.
func members(raw []byte) (object, bool) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if first, err := decoder.Token(); err != nil || first != json.Delim('{') {
		return nil, false
	}
	members := object{}
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, false
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, false
		}
		if _, twice := members[name]; twice {
			return nil, false
		}
		members[name] = value
	}
	if _, err := decoder.Token(); err != nil { // the closing brace
		return nil, false
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, false
	}
	return members, true
}

// text is a member that is a JSON string; empty if it is not there, or is none.
func (o object) text(name string) string {
	var text string
	if err := json.Unmarshal(o[name], &text); err != nil {
		return ""
	}
	return text
}

// time is a member that is a whole number of seconds since 1970, up to the year
// 9999.
func (o object) time(name string) (time.Time, bool) {
	const most = 253_402_300_799
	seconds, err := strconv.ParseInt(string(o[name]), 10, 64)
	if err != nil || seconds < 0 || seconds > most {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0).UTC(), true
}
