package livingdoc

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// Drawing is what draws a page of messages.
type Drawing struct {
	script, style []byte
	licences      []byte // of both
}

//go:embed page.html
var pageText string

// own is what our pages look like beside what is common.
//
//go:embed page.css
var own string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// Write writes the report to a file, as one page that takes nothing from anywhere
// else. It makes the folder that the file is in.
func (r *Report) Write(path string, with *Drawing) error {
	page, err := r.page(with)
	if err != nil {
		return fmt.Errorf("draw the page: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	if err := os.WriteFile(path, page, 0o600); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

func (r *Report) page(with *Drawing) ([]byte, error) {
	var said []string
	for _, message := range r.Messages() {
		line, err := json.Marshal(message) // writes < as \u003c: nothing ends the script
		if err != nil {
			return nil, err
		}
		said = append(said, string(line))
	}
	var page bytes.Buffer
	err := pageTemplate.Execute(&page, map[string]string{
		"Title":    "What Parley does, and where",
		"Licences": strings.ReplaceAll(string(with.licences), "--", "- -"), // which would end the comment
		"Style":    string(with.style),
		"Own":      own,
		"Messages": strings.Join(said, ",\n"),
		"Script":   string(with.script),
	})
	return page.Bytes(), err
}
