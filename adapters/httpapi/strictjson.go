package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"parley/adapters/wire"
)

// strictJSON takes bodies that mean one thing (RFC 7493, I-JSON). Huma reads
// each body twice, to check it and to use it; a member that is there twice
// would be checked in one of its values and used in the other.
var strictJSON = huma.Format{Marshal: marshal, Unmarshal: unmarshal}

// The messages do not say what was sent.
var (
	errNotJSON   = errors.New("expected valid JSON")
	errNotUTF8   = errors.New("expected valid UTF-8")
	errSurrogate = errors.New("expected no lone surrogates")
	errDuplicate = errors.New("expected no member twice")
	errUnfit     = errors.New("expected integers without fraction or exponent")
)

func marshal(w io.Writer, v any) error {
	line, err := wire.Encode(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

func unmarshal(body []byte, v any) error {
	if _, first := v.(*any); first {
		if err := check(body); err != nil {
			return err
		}
	}
	if err := json.Unmarshal(body, v); err != nil {
		return errUnfit
	}
	return nil
}

// check refuses what does not mean one thing, or not the same to everybody.
func check(body []byte) error {
	switch {
	case !utf8.Valid(body):
		return errNotUTF8
	case !json.Valid(body):
		return errNotJSON
	case hasLoneSurrogate(body):
		return errSurrogate
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	return checkValue(decoder)
}

// checkValue reads the next value and looks for members that are there twice.
func checkValue(decoder *json.Decoder) error {
	token, err := decoder.Token()
	if err != nil {
		return errNotJSON
	}
	switch token {
	case json.Delim('{'):
		return checkMembers(decoder)
	case json.Delim('['):
		for decoder.More() {
			if err := checkValue(decoder); err != nil {
				return err
			}
		}
		_, err = decoder.Token()
		return err
	default:
		return nil
	}
}

func checkMembers(decoder *json.Decoder) error {
	names := map[json.Token]bool{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return errNotJSON
		}
		if names[name] {
			return errDuplicate
		}
		names[name] = true
		if err := checkValue(decoder); err != nil {
			return err
		}
	}
	_, err := decoder.Token()
	return err
}

// hasLoneSurrogate looks for \uD800 to \uDFFF that are no pair: they are half of
// a character, and would silently become another one. In valid JSON backslashes
// are in strings only.
func hasLoneSurrogate(body []byte) bool {
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		i++
		first, ok := escaped(body[i:])
		if !ok || !utf16.IsSurrogate(first) {
			continue
		}
		i += len("uD800")
		if i >= len(body) || body[i] != '\\' {
			return true
		}
		second, ok := escaped(body[i+1:])
		if !ok || utf16.DecodeRune(first, second) == utf8.RuneError {
			return true
		}
		i += len("uDC00")
	}
	return false
}

// escaped reads the rest of an escape such as \u00e4.
func escaped(rest []byte) (rune, bool) {
	if len(rest) < len("u0000") || rest[0] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(rest[1:len("u0000")]), 16, 16)
	return rune(unit), err == nil
}
