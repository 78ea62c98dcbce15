package text_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"parley/domain/internal/text"
)

func TestWhatANameIs(t *testing.T) {
	for name, want := range map[string]bool{
		"Ada":                      true,
		"Ada Lovelace":             true,
		" spaces around ":          true,
		"!?":                       true,
		"👩\u200d🚀":                 true, // the joiner makes one astronaut of two signs
		"می\u200cخواهم":            true, // Persian needs the non-joiner
		strings.Repeat("é", 20):    true,
		strings.Repeat("é", 21):    false,
		"":                         false,
		"  \t":                     false,
		"\u00a0\u2003":             false,
		"a\nb":                     false,
		"a\x00":                    false,
		"a\u202eb":                 false, // turns what follows around
		"a\u200bb":                 false, // zero width space
		"\ufeffa":                  false,
		"a\u2028b":                 false,
		"\u200d":                   false,
		"\u200dAda":                false,
		"Ada\u200d":                false,
		"Ada \u200dB":              false,
		"Ada\u200d B":              false,
		"A\u200d\u200dB":           false,
		"not UTF-8 \xff":           false,
		"Ada\u00adLovelace":        false, // soft hyphen: two names that look alike
		"🏴\U000e0067\U000e007f...": false, // tag characters can spell hidden words
	} {
		if got := text.IsName(name, 20); got != want {
			t.Errorf("%q: %t, want %t", name, got, want)
		}
	}
}

func TestFoldIsWithoutCaseInAllScripts(t *testing.T) {
	for a, b := range map[string]string{
		"ADA": "ada", "ÉLODIE": "élodie", "ΣΊΣΥΦΟΣ": "σίσυφος", "ЖЕНЯ": "женя", "ԱՐԱՄ": "արամ", "\u212aelvin": "kelvin", "ﬀ": "ﬀ",
	} {
		if text.Fold(a) != text.Fold(b) {
			t.Errorf("%q and %q are folded to %q and %q", a, b, text.Fold(a), text.Fold(b))
		}
	}
}

func TestFoldingTwiceIsFoldingOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		once := text.Fold(s)
		if text.Fold(once) != once {
			t.Fatalf("%q is folded to %q and then to %q", s, once, text.Fold(once))
		}
	})
}

func TestTheBeginningOfAnyWordIsFound(t *testing.T) {
	for name, queries := range map[string][]string{
		"Ada Lovelace":     {"a", "ada", "ADA LOVE", "love", "Lovelace"},
		"Conan O'Brien":    {"o'b", "brien", "conan o"},
		"#general chat":    {"#gen", "general", "chat"},
		"Jean-Luc":         {"jean-l", "luc"},
		"(team) 東京":        {"(team", "team", "東"},
		"???":              {"?", "???"},
		"🚀 launch":         {"🚀", "launch"},
		"e\u0301lodie":     {"e\u0301l"},
		"  spaces  twice ": {"spaces", "twice"},
	} {
		starts := text.Starts(name, 100)
		for _, query := range queries {
			if !matches(starts, query) {
				t.Errorf("%q does not find %q, which begins %q", query, name, starts)
			}
		}
	}
}

func TestTheMiddleOfAWordIsNotFound(t *testing.T) {
	for name, query := range map[string]string{"Ada Lovelace": "velace", "general": "eneral", "x1y": "1y", "e\u0301lodie": "\u0301l"} {
		if starts := text.Starts(name, 100); matches(starts, query) {
			t.Errorf("%q finds %q, which begins %q", query, name, starts)
		}
	}
}

func TestEveryNameIsFoundByItsOwnBeginning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		if !text.IsName(name, 100) {
			return
		}
		starts := text.Starts(name, 100)
		if !matches(starts, strings.TrimSpace(name)) {
			t.Fatalf("%q begins %q", name, starts)
		}
		for _, start := range starts {
			if utf8.RuneCountInString(start) > 100 || start == "" {
				t.Fatalf("%q begins %q", name, start)
			}
		}
	})
}

func matches(starts []string, query string) bool {
	return slices.ContainsFunc(starts, func(start string) bool { return strings.HasPrefix(start, text.Fold(query)) })
}
