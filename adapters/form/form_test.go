package form_test

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parley/adapters/form"
)

// What the standard says, where other parsers say something else.
//
// Mercure: A3, B6.
func TestAFormIsReadAsTheStandardSays(t *testing.T) {
	type pairs = []form.Pair
	for text, want := range map[string]pairs{
		"":                       nil,
		"&":                      nil,
		"&&a=1&&&b=2&":           {{Name: "a", Value: "1"}, {Name: "b", Value: "2"}},
		"a":                      {{Name: "a"}},
		"a=":                     {{Name: "a"}},
		"=":                      {{}},
		"=a":                     {{Value: "a"}},
		"a=b=c":                  {{Name: "a", Value: "b=c"}},
		"a==":                    {{Name: "a", Value: "="}},
		"a&b":                    {{Name: "a"}, {Name: "b"}},
		"a=1&a=2":                {{Name: "a", Value: "1"}, {Name: "a", Value: "2"}},
		"a;b=c;d":                {{Name: "a;b", Value: "c;d"}},
		"a=b;c=d&e":              {{Name: "a", Value: "b;c=d"}, {Name: "e"}},
		"a+b=c+d":                {{Name: "a b", Value: "c d"}},
		"a%2Bb=c%2bd":            {{Name: "a+b", Value: "c+d"}},
		"a%26b=%3D":              {{Name: "a&b", Value: "="}},
		"%61=%41%C3%A9":          {{Name: "a", Value: "Aé"}},
		"a=%":                    {{Name: "a", Value: "%"}},
		"a=%4":                   {{Name: "a", Value: "%4"}},
		"a=%4g%g4":               {{Name: "a", Value: "%4g%g4"}},
		"a=100%&b=%zz":           {{Name: "a", Value: "100%"}, {Name: "b", Value: "%zz"}},
		"a=%%41":                 {{Name: "a", Value: "%A"}},
		"a=%2541":                {{Name: "a", Value: "%41"}},
		"a=%+1":                  {{Name: "a", Value: "% 1"}},
		"a=%00":                  {{Name: "a", Value: "\x00"}},
		"a=%ff\xfe":              {{Name: "a", Value: "\xff\xfe"}},
		"a=%EF%BB%BFb":           {{Name: "a", Value: "\ufeffb"}},
		"\ufeffa=b":              {{Name: "\ufeffa", Value: "b"}},
		"é=ü #?":                 {{Name: "é", Value: "ü #?"}},
		"topic=/a{b}&topic=%2Fc": {{Name: "topic", Value: "/a{b}"}, {Name: "topic", Value: "/c"}},
		"?a=b":                   {{Name: "?a", Value: "b"}},
	} {
		got, err := form.Parse(text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q is read as %q, %v; want %q", text, got, err, want)
		}
	}
}

// Empty pairs are no pairs, whatever their number.
//
// Mercure: Q.
func TestAFormHasNoMorePairsThanItMay(t *testing.T) {
	most := strings.Repeat("&&a=b", form.MaxPairs)
	if got, err := form.Parse(most + "&&&"); err != nil || len(got) != form.MaxPairs {
		t.Errorf("as many as there may be: %d, %v", len(got), err)
	}
	if got, err := form.Parse(most + "&c"); !errors.Is(err, form.ErrTooMany) || got != nil {
		t.Errorf("one more: %d, %v", len(got), err)
	}
	allocated := testing.AllocsPerRun(1, func() { _, _ = form.Parse(strings.Repeat("&a", 1<<20)) })
	if allocated > 50 {
		t.Errorf("a million pairs are refused after %v allocations", allocated)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "a=b&c", "a=%&b=%4&c=%41", "+%2B;=;", "a=%ff\xff&\x00", "%%%41=%", "a&&=&=="} {
		f.Add(seed, "name", "v&=;+% é\x00\xff")
	}
	f.Fuzz(func(t *testing.T, text, name, value string) {
		got, err := form.Parse(text)
		if err == nil && !slices.Equal(got, plain(text)) {
			t.Errorf("%q is read as %q, want %q", text, got, plain(text))
		}
		want := []form.Pair{{Name: name, Value: value}, {Name: value, Value: name}}
		for _, serialize := range []func([]form.Pair) string{serialized, escaped} {
			written := serialize(want)
			if got, err := form.Parse(written); err != nil || !slices.Equal(got, want) {
				t.Errorf("%q was written as %q and read as %q, %v", want, written, got, err)
			}
		}
	})
}

// plain does what the standard says, a step after the other.
func plain(text string) []form.Pair {
	var pairs []form.Pair
	for _, sequence := range strings.Split(text, "&") {
		if len(sequence) == 0 {
			continue
		}
		name, value := sequence, ""
		if at := strings.Index(sequence, "="); at >= 0 {
			name, value = sequence[:at], sequence[at+1:]
		}
		pairs = append(pairs, form.Pair{Name: percentDecoded(name), Value: percentDecoded(value)})
	}
	return pairs
}

func percentDecoded(text string) string {
	text = strings.ReplaceAll(text, "+", " ")
	out := ""
	for text != "" {
		if text[0] == '%' && len(text) > 2 {
			if b, err := strconv.ParseUint(text[1:3], 16, 8); err == nil {
				out, text = out+string([]byte{byte(b)}), text[3:]
				continue
			}
		}
		out, text = out+text[:1], text[1:]
	}
	return out
}

// serialized is the standard's serializer.
func serialized(pairs []form.Pair) string {
	var parts []string
	for _, pair := range pairs {
		parts = append(parts, percentEncoded(pair.Name)+"="+percentEncoded(pair.Value))
	}
	return strings.Join(parts, "&")
}

func percentEncoded(text string) string {
	var out strings.Builder
	for _, c := range []byte(text) {
		switch {
		case c == ' ':
			out.WriteByte('+')
		case strings.IndexByte("*-._0123456789", c) >= 0, 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z':
			out.WriteByte(c)
		default:
			out.WriteString("%" + strings.ToUpper(strconv.FormatUint(0x100|uint64(c), 16)[1:]))
		}
	}
	return out.String()
}

// escaped is what Go's own clients send.
func escaped(pairs []form.Pair) string {
	var parts []string
	for _, pair := range pairs {
		parts = append(parts, url.QueryEscape(pair.Name)+"="+url.QueryEscape(pair.Value))
	}
	return strings.Join(parts, "&")
}
