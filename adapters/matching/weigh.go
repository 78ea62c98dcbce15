package matching

import (
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxGroups is how many groups a pattern can have: what a group has matched is
	// noted for each way in which a topic could match.
	maxGroups = 64
	// stepsOfGroup is about what a named group or a wildcard compiles to.
	stepsOfGroup = 8
	// maxTables is how many Unicode classes a group can name: each is a long table.
	maxTables = 4
)

// weigh returns about what a URL Pattern compiles to, in steps, and what of it each
// byte of a topic may have to be compared with: all but the text before the first
// group. It is to know before compiling, because a few bytes can be very large
// then. A part that repeats is compiled twice, so that everything counts double.
func weigh(text string) (size, cost int, err error) {
	w := weighing{text: text}
	for w.at < len(text) {
		if err := w.next(); err != nil {
			return 0, 0, err
		}
		if w.groups > maxGroups || w.head+2*w.steps > maxSize {
			return 0, 0, ErrCostly
		}
	}
	return w.head + 2*w.steps, 2 * w.steps, nil
}

type weighing struct {
	text   string
	at     int
	head   int // steps up to the first group
	steps  int // steps from there on
	groups int
}

// next goes on by a token of the standard's tokenizer (WHATWG URL Pattern, section
// 2.1.1), or a part of one.
func (w *weighing) next() error {
	switch c := w.text[w.at]; c {
	case '\\':
		if w.at+1 == len(w.text) {
			return ErrPattern
		}
		_, size := utf8.DecodeRuneInString(w.text[w.at+1:])
		w.fixed(1 + size)
	case '(':
		return w.expression()
	case '*':
		w.group(1, stepsOfGroup)
	case ':':
		if r, size := utf8.DecodeRuneInString(w.text[w.at+1:]); unicode.IsLetter(r) || unicode.Is(unicode.Nl, r) || r == '_' || r == '$' {
			w.group(1+size, stepsOfGroup)
			return nil
		}
		w.fixed(1)
	case '{', '}', '?', '+':
		w.at, w.steps = w.at+1, w.steps+2
	default:
		_, size := utf8.DecodeRuneInString(w.text[w.at:])
		w.fixed(size)
	}
	return nil
}

// fixed goes over text that stands for itself. What is not ASCII is escaped, in
// three bytes for each.
func (w *weighing) fixed(size int) {
	steps := size
	if w.text[w.at] >= utf8.RuneSelf || size > 2 {
		steps *= 3
	}
	if w.at += size; w.steps == 0 {
		w.head += steps
	} else {
		w.steps += steps
	}
}

func (w *weighing) group(size, steps int) {
	w.at, w.steps, w.groups = w.at+size, w.steps+steps, w.groups+1
}

// expression goes over a regular expression with its parentheses.
func (w *weighing) expression() error {
	inside, ok := enclosed(w.text[w.at+1:])
	if !ok || isForeign(inside) {
		return ErrPattern
	}
	if strings.Count(inside, `\p`)+strings.Count(inside, `\P`) > maxTables {
		return ErrCostly
	}
	parsed, err := syntax.Parse(inside, syntax.Perl)
	if err != nil {
		return ErrPattern
	}
	w.groups += strings.Count(inside, "(")
	w.group(len(inside)+2, stepsOf(parsed)+stepsOfGroup)
	return nil
}

// enclosed returns what is before the parenthesis that closes; false if a group may
// not look so. Only ASCII may be in it, and only groups that capture nothing.
func enclosed(text string) (string, bool) {
	depth := 1
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= utf8.RuneSelf, c == '?' && i == 0:
			return "", false
		case c == '\\':
			if i++; i == len(text) || text[i] >= utf8.RuneSelf {
				return "", false
			}
		case c == '(':
			if depth++; !strings.HasPrefix(text[i+1:], "?") {
				return "", false
			}
		case c == ')':
			if depth--; depth == 0 {
				return text[:i], i > 0
			}
		}
	}
	return "", false
}

// isForeign reports whether an expression has what Go's regular expressions know
// and those of the standard, which are JavaScript's, do not: flags that last, above
// all that of case, names as in Python, and escapes by other letters.
func isForeign(expression string) bool {
	for i := 0; i+1 < len(expression); i++ {
		switch rest := expression[i+1:]; {
		case expression[i] == '\\':
			c := rest[0]
			letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
			if letter && !strings.ContainsRune("dDwWsSbBnrtfvxpP", rune(c)) {
				return true
			}
			if (c == 'p' || c == 'P') && !strings.HasPrefix(rest[1:], "{") {
				return true
			}
			i++
		case strings.HasPrefix(expression[i:], "(?"):
			flags := strings.TrimLeft(rest[1:], "ims-")
			if !strings.HasPrefix(flags, ":") && !strings.HasPrefix(rest, "?<") {
				return true
			}
		}
	}
	return false
}

// stepsOf is about what an expression compiles to.
func stepsOf(e *syntax.Regexp) int {
	steps := 1
	for _, part := range e.Sub {
		steps += stepsOf(part)
	}
	switch e.Op { //nolint:exhaustive // the others are one step each, and their parts
	case syntax.OpLiteral:
		return len(e.Rune)
	case syntax.OpCharClass:
		return 1 + len(e.Rune)/16
	case syntax.OpCapture:
		return steps + 1
	case syntax.OpRepeat:
		return steps * max(e.Min+1, e.Max)
	default:
		return steps
	}
}
