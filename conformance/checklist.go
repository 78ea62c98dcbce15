// Package conformance says which test shows that we do what a line of the Mercure
// protocol asks, line by line. A test names its lines at the end of its comment:
//
//	Mercure: B1, D4.
package conformance

import (
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

//go:embed checklist.md
var checklist string

// Checklist is what the protocol asks, in its order.
func Checklist() ([]Line, error) { return Parse(checklist) }

// Line is one thing that the protocol asks, or that is worth knowing.
type Line struct {
	ID      string // such as B1; a section of one line has its letter alone
	Section string // what its section is about
	Version string // of the protocol: 1.0, 0.x or both
	Role    string // whom it binds
	Level   string
	Asks    string
	Reason  string // why no test of ours covers it; empty: one has to
}

// Binds reports whether the line has to be covered or excused.
func (l Line) Binds() bool { return l.Level == "MUST" }

var (
	heading = regexp.MustCompile(`^## ([A-Z])\. (.+)$`)
	known   = map[string][]string{
		"version": {"1.0", "0.x", "both"},
		"role":    {"hub", "subscriber", "publisher", "issuer"},
		"level":   {"MUST", "SHOULD", "MAY", "NOTE"},
	}
)

// Parse reads a checklist. One that has a line twice, leaves out a number or says
// what nobody understands is an error.
func Parse(text string) ([]Line, error) {
	var lines []Line
	letter, section, number := "", "", 0
	for row := range strings.Lines(text) {
		row = strings.TrimSpace(row)
		if found := heading.FindStringSubmatch(row); found != nil {
			if found[1] <= letter {
				return nil, fmt.Errorf("section %s comes after %s", found[1], letter)
			}
			letter, section, number = found[1], found[2], 0
		}
		if !strings.HasPrefix(row, "| ") || strings.HasPrefix(row, "| Line |") {
			continue
		}
		number++
		l, err := parseLine(row, letter, number)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", row, err)
		}
		l.Section = section
		lines = append(lines, l)
	}
	return lines, nil
}

// parseLine reads the numberth line of a section.
func parseLine(row, letter string, number int) (Line, error) {
	cells := strings.Split(strings.Trim(row, "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	if len(cells) != 6 {
		return Line{}, fmt.Errorf("it has %d cells", len(cells))
	}
	l := Line{ID: cells[0], Version: cells[1], Role: cells[2], Level: cells[3], Asks: cells[4], Reason: cells[5]}
	switch {
	case l.ID != fmt.Sprint(letter, number) && (l.ID != letter || number > 1):
		return Line{}, fmt.Errorf("it is not line %d of section %s", number, letter)
	case !slices.Contains(known["version"], l.Version):
		return Line{}, fmt.Errorf("there is no version %s", l.Version)
	case !slices.Contains(known["role"], l.Role):
		return Line{}, fmt.Errorf("there is no role %s", l.Role)
	case !slices.Contains(known["level"], l.Level):
		return Line{}, fmt.Errorf("there is no level %s", l.Level)
	case l.Asks == "":
		return Line{}, errors.New("it asks nothing")
	}
	return l, nil
}
