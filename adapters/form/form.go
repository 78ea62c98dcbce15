// Package form reads application/x-www-form-urlencoded, queries and bodies, as the
// WHATWG URL standard says (section 5.1), which is how Mercure wants it. Package
// net/url reads it differently: it drops a pair with a stray % or ; in it.
package form

import (
	"strings"

	"parley/domain/fault"
)

// MaxPairs is how many pairs a form can have: as many topics as there may be, and
// as many fields again that nobody knows.
const MaxPairs = 2000

// ErrTooMany refuses a form that has more.
var ErrTooMany = fault.New(fault.Malformed, "invalid-request", "There are too many fields.")

// Pair is a name and its value. There is no text that both could not be.
type Pair struct{ Name, Value string }

// Parse returns the pairs of a form, in their order. Every text is a form; only
// that it has more than MaxPairs pairs is an error. It takes as long as the text
// is, and holds no more than the text and the pairs.
//
// The standard replaces bytes that are not UTF-8. Here they stay as they are, so
// that they can be refused: see hub.IsPlain.
func Parse(text string) ([]Pair, error) {
	var pairs []Pair
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		if len(pairs) == MaxPairs {
			return nil, ErrTooMany
		}
		name, value, _ := strings.Cut(part, "=")
		pairs = append(pairs, Pair{Name: decode(name), Value: decode(value)})
	}
	return pairs, nil
}

// decode replaces + by a space and every % with two hexadecimal digits by the
// byte that they say. A % without them is a % like any other character.
func decode(text string) string {
	first := strings.IndexAny(text, "+%")
	if first < 0 {
		return text
	}
	out := []byte(text)
	end := first
	for i := first; i < len(text); i++ {
		out[end] = text[i]
		switch text[i] {
		case '+':
			out[end] = ' '
		case '%':
			if i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]) {
				out[end] = digit(text[i+1])<<4 | digit(text[i+2])
				i += 2
			}
		}
		end++
	}
	return string(out[:end])
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func digit(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&0x0f + 9 // letters of either case begin at 1
}
