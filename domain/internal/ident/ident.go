// Package ident gives every kind of thing in the domain its own identifier type.
package ident

import (
	"errors"
	"strconv"
)

// Max is the greatest identifier: the greatest integer that a JSON number holds
// exactly in every client.
const Max = 1<<53 - 1

// ErrMalformed means that a number or a text identifies nothing.
var ErrMalformed = errors.New("ident: not an identifier")

// ID identifies one Of. IDs of different kinds do not mix, although all are
// numbers that the store gave. The zero ID identifies nothing.
type ID[Of any] struct{ number int64 }

// From makes an ID of a number that the store gave.
func From[Of any](number int64) (ID[Of], error) {
	if number < 1 || number > Max {
		return ID[Of]{}, ErrMalformed
	}
	return ID[Of]{number}, nil
}

// Parse reads the text that String writes, and nothing else.
func Parse[Of any](text string) (ID[Of], error) {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(number, 10) != text {
		return ID[Of]{}, ErrMalformed
	}
	return From[Of](number)
}

// Int64 is the number that the store gave; zero if id identifies nothing.
func (id ID[Of]) Int64() int64 { return id.number }

// IsZero reports whether id identifies nothing.
func (id ID[Of]) IsZero() bool { return id.number == 0 }

// Less orders IDs by the time they were given.
func (id ID[Of]) Less(other ID[Of]) bool { return id.number < other.number }

func (id ID[Of]) String() string { return strconv.FormatInt(id.number, 10) }
