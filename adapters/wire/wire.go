// Package wire has resources and events as clients see them: the same names and
// the same bytes on every transport. Every field that is named is always there,
// and null where there is nothing to say.
//
// The struct tags describe the fields for the OpenAPI document.
package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"parley/domain/policy"
	"parley/domain/room"
)

// timeFormat is RFC 3339 with exactly as many digits as stores keep, so that
// times of one zone sort as text does.
const timeFormat = "2006-01-02T15:04:05.000000Z"

// Time is t as clients see it: RFC 3339 in UTC with microseconds.
func Time(t time.Time) string { return t.UTC().Format(timeFormat) }

// timeOrNull is nil for the zero time.
func timeOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := Time(t)
	return &text
}

// textOrNull is nil for the empty text.
func textOrNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Encode writes v as one line of JSON. What clients get is never embedded in a
// page, so <, > and & stand for themselves.
func Encode(v any) ([]byte, error) {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("encode a %T: %w", v, err)
	}
	return bytes.TrimSuffix(line.Bytes(), []byte("\n")), nil
}

// Kind is how a kind of room is called; empty for what is none.
func Kind(k policy.Kind) string {
	switch k {
	case policy.Direct:
		return "direct"
	case policy.Group:
		return "group"
	case policy.Public:
		return "public"
	default:
		return ""
	}
}

// ParseKind reads what [Kind] writes.
func ParseKind(text string) (k policy.Kind, ok bool) {
	for _, k := range []policy.Kind{policy.Direct, policy.Group, policy.Public} {
		if text == Kind(k) {
			return k, true
		}
	}
	return 0, false
}

// Role is how a role is called; empty for what is none.
func Role(r room.Role) string {
	switch r {
	case room.Member:
		return "member"
	case room.Admin:
		return "admin"
	default:
		return ""
	}
}

// ParseRole reads what [Role] writes.
func ParseRole(text string) (r room.Role, ok bool) {
	for _, r := range []room.Role{room.Member, room.Admin} {
		if text == Role(r) {
			return r, true
		}
	}
	return 0, false
}

// standing is the role of whoever is in a room; empty for who is out.
func standing(s policy.Standing) string {
	for _, r := range []room.Role{room.Member, room.Admin} {
		if s == r.Standing() {
			return Role(r)
		}
	}
	return ""
}
