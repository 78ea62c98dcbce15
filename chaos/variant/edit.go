package variant

import (
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"path"
	"slices"
	"strings"
)

// Why an edit is refused.
var (
	ErrMoved   = errors.New("the code moved on: rewrite the edit")
	ErrNothing = errors.New("the edit changes nothing")
)

// apply returns the text with the edit made.
func (e Edit) apply(text string) (string, error) {
	if times := strings.Count(text, e.From); e.From == "" || times != 1 {
		return "", fmt.Errorf("%w: %q is there %d times, not once", ErrMoved, e.From, times)
	}
	changed := strings.Replace(text, e.From, e.To, 1)
	if slices.Equal(words(e.File, text), words(e.File, changed)) {
		return "", fmt.Errorf("%w: %q becomes %q", ErrNothing, e.From, e.To)
	}
	return changed, nil
}

// words are what counts in a file: not its layout, and not its comments.
func words(file, text string) []string {
	if path.Ext(file) == ".go" {
		return tokens(text)
	}
	var all []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "--") // as SQL has comments
		all = append(all, strings.Fields(line)...)
	}
	return all
}

func tokens(text string) []string {
	files := token.NewFileSet()
	var s scanner.Scanner
	s.Init(files.AddFile("", files.Base(), len(text)), []byte(text), nil, 0)
	var all []string
	for {
		_, what, literal := s.Scan()
		if what == token.EOF {
			return all
		}
		if what == token.SEMICOLON {
			literal = ";" // whether it is written or not
		}
		all = append(all, what.String()+" "+literal)
	}
}
