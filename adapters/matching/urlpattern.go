package matching

import (
	"errors"
	"strings"

	urlpattern "github.com/dunglas/go-urlpattern"
)

// urlPattern is a compiled URL Pattern.
type urlPattern struct {
	in       *Matchers
	compiled *urlpattern.URLPattern
	cost     int // of a byte of a topic

	// What a topic has to have so that it is worth a closer look. Most topics are of
	// no concern to most patterns, and to say so is all that these cost then.
	scheme, host, path head
}

func (m *Matchers) compileURLPattern(text string) (pattern, error) {
	size, cost, err := weigh(text)
	if err != nil {
		return pattern{}, err
	}
	compiled, err := parsed(text, m.hubURL)
	if err != nil {
		return pattern{}, ErrPattern
	}
	return pattern{size: size, Pattern: &urlPattern{
		in:       m,
		compiled: compiled,
		cost:     cost,
		scheme:   headOf(compiled.Protocol()),
		host:     headOf(compiled.Hostname()),
		path:     headOf(compiled.Pathname()),
	}}, nil
}

var errPanic = errors.New("the pattern makes the parser panic")

// parsed parses a pattern. A panic of the library would end the program for the
// sake of one pattern.
func parsed(text, hubURL string) (p *urlpattern.URLPattern, err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return urlpattern.New(text, hubURL, nil)
}

func (p *urlPattern) Match(topic string) (matches bool) {
	if p.cost*len(topic) > maxCost {
		return false
	}
	at := p.in.resolve(topic)
	if at.kind != url || !p.scheme.begins(at.scheme) || !p.host.begins(at.host) || !p.path.begins(at.path) {
		return false
	}
	defer func() {
		if recover() != nil {
			matches = false // as in parsed
		}
	}()
	return p.compiled.Test(topic, p.in.hubURL)
}

// head is what a component of a pattern begins with.
type head struct {
	text  string
	whole bool // it is all that there is
}

// headOf reads the head from a component, which is escaped. What stands right
// before a group can belong to it, if it is a slash, and be as optional.
func headOf(component string) head {
	at := strings.IndexAny(component, `\+*?(){}:`)
	if at < 0 {
		return head{component, true}
	}
	return head{strings.TrimSuffix(component[:at], "/"), false}
}

func (h head) begins(text string) bool {
	if h.whole {
		return text == h.text
	}
	return strings.HasPrefix(text, h.text)
}
