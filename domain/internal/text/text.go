// Package text has the rules that names of people and rooms share.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	zeroWidthNonJoiner = '\u200C'
	zeroWidthJoiner    = '\u200D'
)

// IsName reports whether name is valid UTF-8 of one to most code points, shows
// something, and has no control or format characters. The two joiners are taken
// between visible characters, where emoji and several scripts need them.
func IsName(name string, most int) bool {
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > most {
		return false
	}
	visible, before := false, ' '
	for _, r := range name {
		if isJoiner(before) && (isJoiner(r) || unicode.IsSpace(r)) {
			return false
		}
		switch {
		case isJoiner(r):
			if unicode.IsSpace(before) {
				return false
			}
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			return false
		case !unicode.IsSpace(r):
			visible = true
		}
		before = r
	}
	return visible && !isJoiner(before)
}

func isJoiner(r rune) bool { return r == zeroWidthJoiner || r == zeroWidthNonJoiner }

// Fold maps text to a form that is equal for texts that differ in case alone, in
// all scripts (Unicode simple case folding).
func Fold(text string) string { return strings.Map(fold, text) }

// fold is the least rune of those that differ from r in case alone.
func fold(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}

// Starts returns the folded rest of text from the beginning of each of its
// words on, each cut to most code points. A query matches a name if its folded
// form is a prefix of one of these. A word begins after white space, and where
// letters, digits or symbols follow something else: "#general" begins twice.
func Starts(text string, most int) []string {
	var starts []string
	before, inWord := ' ', false
	for at, r := range text {
		word := unicode.In(r, unicode.L, unicode.N, unicode.M, unicode.S)
		if word && !inWord || !unicode.IsSpace(r) && unicode.IsSpace(before) {
			starts = append(starts, cut(Fold(text[at:]), most))
		}
		before, inWord = r, word
	}
	return starts
}

func cut(text string, most int) string {
	runes := 0
	for at := range text {
		if runes == most {
			return text[:at]
		}
		runes++
	}
	return text
}
