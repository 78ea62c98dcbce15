package token

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"time"
)

// has reports whether a member is there, and not null.
func (o object) has(name string) bool {
	raw, given := o[name]
	return given && string(raw) != "null"
}

// moment is a member that is a number of seconds since 1970, up to the year 9999.
// Others than we write fractions (RFC 7519 section 2).
func (o object) moment(name string) (time.Time, bool) {
	const most = 253_402_300_799
	seconds, err := strconv.ParseFloat(string(o[name]), 64)
	if err != nil || !(seconds >= 0 && seconds <= most) {
		return time.Time{}, false
	}
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(fraction*float64(time.Second))).UTC(), true
}

// isFor reports whether the token is for somebody, alone or among others.
func (o object) isFor(audience string) bool {
	if one, ok := asText(o["aud"]); ok {
		return one == audience
	}
	several, ok := texts(o["aud"])
	return ok && slices.Contains(several, audience)
}

// list reads a JSON array.
func list(raw json.RawMessage) ([]json.RawMessage, bool) {
	if !bytes.HasPrefix(raw, []byte("[")) {
		return nil, false
	}
	var all []json.RawMessage
	return all, json.Unmarshal(raw, &all) == nil
}

// texts reads a JSON array of strings. (encoding/json takes null for a string.)
func texts(raw json.RawMessage) ([]string, bool) {
	all, ok := list(raw)
	if !ok {
		return nil, false
	}
	found := make([]string, 0, len(all))
	for _, one := range all {
		text, ok := asText(one)
		if !ok {
			return nil, false
		}
		found = append(found, text)
	}
	return found, true
}

// asText reads a JSON string.
func asText(raw json.RawMessage) (string, bool) {
	var text string
	ok := bytes.HasPrefix(raw, []byte(`"`)) && json.Unmarshal(raw, &text) == nil
	return text, ok
}

// compact is JSON without white space, so that it is one line.
func compact(raw json.RawMessage) ([]byte, bool) {
	var line bytes.Buffer
	err := json.Compact(&line, raw)
	return line.Bytes(), err == nil && line.Len() > 0
}
