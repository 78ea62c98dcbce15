package message_test

import (
	"errors"
	"strings"
	"testing"

	"parley/domain/message"
)

func TestContentIsTakenAsItWasSent(t *testing.T) {
	for _, text := range []string{
		"a", "  spaces stay  ", "two\nlines\tand a tab", strings.Repeat("😀", message.MaxContent),
		"cafe\u0301", "שלום", "\u200f right to left", "<b>&amp;</b>", "a\u2028b",
	} {
		content, err := message.ParseContent(text)
		if err != nil || content.String() != text {
			t.Errorf("%.20q: %q, %v; want it unchanged", text, content.String(), err)
		}
	}
}

func TestContentThatCannotBeSaidIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":               "",
		"white space":           " \t\n\u00a0\u2003\u2028",
		"one too long":          strings.Repeat("x", message.MaxContent+1),
		"not UTF-8":             "a\xff",
		"a NUL":                 "a\x00b",
		"a carriage return":     "a\r\nb",
		"a C1 control":          "a\u0085b",
		"an escape":             "\x1b[31m",
		"a surrogate in UTF-8":  "\xed\xa0\x80",
		"half a character more": "ok\xf0\x9f\x98",
	} {
		if _, err := message.ParseContent(text); !errors.Is(err, message.ErrContent) {
			t.Errorf("%s: %v, want %v", name, err, message.ErrContent)
		}
	}
}

func TestAKeyIsVisibleASCII(t *testing.T) {
	for text, good := range map[string]bool{
		"a": true, "!~": true, `"quoted"`: true, strings.Repeat("k", 128): true,
		"": false, "a b": false, "a\n": false, "é": false, "\x7f": false, strings.Repeat("k", 129): false,
	} {
		key, err := message.ParseKey(text)
		switch {
		case good && (err != nil || key.String() != text):
			t.Errorf("%q: %q, %v; want it unchanged", text, key, err)
		case !good && !errors.Is(err, message.ErrKey):
			t.Errorf("%q: %v, want %v", text, err, message.ErrKey)
		}
	}
}
